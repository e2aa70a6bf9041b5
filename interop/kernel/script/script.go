// Package script is a random sequence of file operations that leaves no choice
// how it ends: each step succeeds, and what it reads follows from the steps
// before it. The same script is run by several clients in turn on one tree, and
// by one alone on another, so that the two can be compared.
package script

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"path"
	"slices"
	"strings"
)

// Op is what a step does.
type Op string

// Names are relative to the root, with slashes. Data is written, or returned.
const (
	Create   Op = "create"   // Name gets the content Data, whether it is there or not
	Write    Op = "write"    // Data at Offset of Name, which is there
	Truncate Op = "truncate" // Name is Size bytes long from now on
	Read     Op = "read"     // the whole of Name
	Stat     Op = "stat"     // the size of Name
	List     Op = "list"     // the names in the directory Name, as lines
	Rename   Op = "rename"   // Name is To from now on; a file To goes
	Remove   Op = "remove"   // the file Name goes
	Mkdir    Op = "mkdir"    // the directory Name
	Rmdir    Op = "rmdir"    // the empty directory Name goes
	Hold     Op = "hold"     // Name is opened, and stays so
	ReadHeld Op = "readheld" // the whole of what is held
	Release  Op = "release"  // what is held is closed
)

// Step is one step.
type Step struct {
	Op     Op     `json:"op"`
	Name   string `json:"name"`
	To     string `json:"to,omitempty"`
	Data   []byte `json:"data,omitempty"`
	Offset int64  `json:"offset,omitempty"`
	Size   int64  `json:"size,omitempty"`
}

// Answer is what came of a step.
type Answer struct {
	Error string `json:"error,omitempty"`
	Data  []byte `json:"data,omitempty"` // what was read, or listed
	Size  int64  `json:"size,omitempty"` // of Stat
}

// maxData bounds what a step writes, in bytes: some pages.
const maxData = 20_000

// Actor is who does a step.
type Actor struct {
	Holds   bool // may keep a file open from one step to the next
	Updates bool // may change a file in its middle, and rename over another
}

// Generator makes a script, and knows what the tree looks like after it.
type Generator struct {
	rand   *rand.Rand
	actors []Actor
	held   []string // by actor
	files  map[string][]byte
	dirs   map[string]bool
	made   int
}

// NewGenerator returns a Generator of a script for actors. Equal seeds make
// equal scripts.
func NewGenerator(seed uint64, actors ...Actor) *Generator {
	return &Generator{
		rand:   rand.New(rand.NewPCG(seed, 0)), //nolint:gosec // no secret: a seed repeats the script
		actors: actors,
		held:   make([]string, len(actors)),
		files:  make(map[string][]byte),
		dirs:   map[string]bool{"": true},
	}
}

// Next returns the next step, who does it, and the answer that is right.
func (g *Generator) Next() (actor int, step Step, want Answer) {
	for {
		actor = g.rand.IntN(len(g.actors))
		if step, want, ok := g.propose(actor); ok {
			return actor, step, want
		}
	}
}

// propose makes a step of the kind that chance names, if the tree has what it
// needs, and does it to the tree.
func (g *Generator) propose(actor int) (step Step, want Answer, ok bool) {
	a := g.actors[actor]
	switch kind := g.rand.IntN(100); {
	case kind < 20:
		return g.create()
	case kind < 45:
		return g.read()
	case kind < 55:
		return g.write(a)
	case kind < 60:
		return g.truncate(a)
	case kind < 68:
		return g.look()
	case kind < 78:
		return g.rename(a)
	case kind < 83:
		return g.remove()
	case kind < 86:
		return g.mkdir()
	case kind < 88:
		return g.rmdir()
	default:
		return g.hold(actor)
	}
}

func (g *Generator) create() (Step, Answer, bool) {
	name := g.freeName()
	if len(g.files) > 40 || g.rand.IntN(2) == 0 {
		if old, ok := g.file(); ok {
			name = old
		}
	}
	data := g.data()
	g.files[name] = data
	return Step{Op: Create, Name: name, Data: data}, Answer{}, true
}

func (g *Generator) read() (Step, Answer, bool) {
	name, ok := g.file()
	return Step{Op: Read, Name: name}, Answer{Data: g.files[name]}, ok
}

func (g *Generator) write(a Actor) (Step, Answer, bool) {
	name, ok := g.file()
	if !ok || !a.Updates {
		return Step{}, Answer{}, false
	}
	old, data := g.files[name], g.data()
	offset := g.rand.IntN(len(old) + 1)
	content := slices.Clone(old)
	if end := offset + len(data); end > len(content) {
		content = append(content, make([]byte, end-len(content))...)
	}
	copy(content[offset:], data)
	g.files[name] = content
	return Step{Op: Write, Name: name, Offset: int64(offset), Data: data}, Answer{}, true
}

func (g *Generator) truncate(a Actor) (Step, Answer, bool) {
	name, ok := g.file()
	if !ok || !a.Updates {
		return Step{}, Answer{}, false
	}
	size := g.rand.IntN(maxData)
	content := make([]byte, size)
	copy(content, g.files[name])
	g.files[name] = content
	return Step{Op: Truncate, Name: name, Size: int64(size)}, Answer{}, true
}

// look asks for a size, or for the names in a directory.
func (g *Generator) look() (Step, Answer, bool) {
	if g.rand.IntN(2) == 0 {
		name, ok := g.file()
		return Step{Op: Stat, Name: name}, Answer{Size: int64(len(g.files[name]))}, ok
	}
	dir := g.dir()
	return Step{Op: List, Name: dir}, Answer{Data: g.list(dir)}, true
}

func (g *Generator) rename(a Actor) (Step, Answer, bool) {
	if g.rand.IntN(4) == 0 {
		return g.renameDir()
	}
	name, ok := g.file()
	if !ok || g.isHeld(name) {
		return Step{}, Answer{}, false
	}
	to := g.freeName()
	if other, _ := g.file(); a.Updates && g.rand.IntN(2) == 0 && other != name && !g.isHeld(other) {
		to = other
	}
	g.files[to] = g.files[name]
	delete(g.files, name)
	return Step{Op: Rename, Name: name, To: to}, Answer{}, true
}

// renameDir renames a directory with all that is in it, which others have seen
// and may still have in their caches.
func (g *Generator) renameDir() (Step, Answer, bool) {
	dir, to := g.dir(), g.freeName()
	inside := func(name string) bool { return strings.HasPrefix(name, dir+"/") }
	if dir == "" || to == dir || strings.HasPrefix(to, dir+"/") || slices.ContainsFunc(g.held, inside) {
		return Step{}, Answer{}, false
	}
	for _, name := range slices.Sorted(maps.Keys(g.files)) {
		if inside(name) {
			g.files[to+name[len(dir):]] = g.files[name]
			delete(g.files, name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(g.dirs)) {
		if name == dir || inside(name) {
			delete(g.dirs, name)
			g.dirs[to+name[len(dir):]] = true
		}
	}
	return Step{Op: Rename, Name: dir, To: to}, Answer{}, true
}

func (g *Generator) remove() (Step, Answer, bool) {
	name, ok := g.file()
	if !ok || g.isHeld(name) {
		return Step{}, Answer{}, false
	}
	delete(g.files, name)
	return Step{Op: Remove, Name: name}, Answer{}, true
}

func (g *Generator) mkdir() (Step, Answer, bool) {
	name := g.freeName()
	if len(g.dirs) > 8 || strings.Count(name, "/") > 2 {
		return Step{}, Answer{}, false
	}
	g.dirs[name] = true
	return Step{Op: Mkdir, Name: name}, Answer{}, true
}

func (g *Generator) rmdir() (Step, Answer, bool) {
	dir := g.dir()
	if dir == "" || len(g.list(dir)) > 0 {
		return Step{}, Answer{}, false
	}
	delete(g.dirs, dir)
	return Step{Op: Rmdir, Name: dir}, Answer{}, true
}

// hold opens a file and keeps it, reads what is kept, or lets it go.
func (g *Generator) hold(actor int) (Step, Answer, bool) {
	held := g.held[actor]
	switch {
	case !g.actors[actor].Holds:
		return Step{}, Answer{}, false
	case held == "":
		name, ok := g.file()
		g.held[actor] = name
		return Step{Op: Hold, Name: name}, Answer{}, ok
	case g.rand.IntN(4) == 0:
		g.held[actor] = ""
		return Step{Op: Release, Name: held}, Answer{}, true
	default:
		return Step{Op: ReadHeld, Name: held}, Answer{Data: g.files[held]}, true
	}
}

func (g *Generator) isHeld(name string) bool { return slices.Contains(g.held, name) }

// file returns some file; "", false if there is none.
func (g *Generator) file() (string, bool) {
	if len(g.files) == 0 {
		return "", false
	}
	names := slices.Sorted(maps.Keys(g.files))
	return names[g.rand.IntN(len(names))], true
}

// dir returns some directory.
func (g *Generator) dir() string {
	names := slices.Sorted(maps.Keys(g.dirs))
	return names[g.rand.IntN(len(names))]
}

// freeName returns a name that was never used, in some directory.
func (g *Generator) freeName() string {
	g.made++
	return path.Join(g.dir(), fmt.Sprintf("n%d", g.made))
}

func (g *Generator) data() []byte {
	data := make([]byte, 1+g.rand.IntN(maxData))
	for i := range data {
		data[i] = byte('a' + g.rand.IntN(26))
	}
	return data
}

// list returns the names in dir, sorted, a line each.
func (g *Generator) list(dir string) []byte {
	var names []string
	for name := range maps.Keys(g.files) {
		names = appendChild(names, dir, name)
	}
	for name := range maps.Keys(g.dirs) {
		names = appendChild(names, dir, name)
	}
	return Lines(names)
}

func appendChild(names []string, dir, name string) []string {
	if name == "" || strings.TrimPrefix(path.Dir(name), ".") != dir {
		return names
	}
	return append(names, path.Base(name))
}

// Lines is what List answers for names.
func Lines(names []string) []byte {
	if len(names) == 0 {
		return nil
	}
	slices.Sort(names)
	return []byte(strings.Join(names, "\n") + "\n")
}

// Files returns the content of each file after the steps so far, by name.
func (g *Generator) Files() map[string][]byte { return g.files }

// Dirs returns the directories after the steps so far, the root among them.
func (g *Generator) Dirs() []string { return slices.Sorted(maps.Keys(g.dirs)) }
