package vfstest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/vfs"
)

// Op is what a [Step] does.
type Op string

// Paths have slashes; the case of their letters is left to chance. A path
// "file:name" is that of a stream.
const (
	OpOpen       Op = "open"       // Path into Slot, as Disposition says
	OpClose      Op = "close"      // Slot
	OpWrite      Op = "write"      // Data at Offset of Slot
	OpRead       Op = "read"       // Size bytes from Offset of Slot
	OpTruncate   Op = "truncate"   // Slot is Size bytes long from now on
	OpZero       Op = "zero"       // Size bytes from Offset of Slot are zero
	OpCopy       Op = "copy"       // Size bytes from Offset of Slot to ToOffset of ToSlot
	OpStat       Op = "stat"       // what Path is
	OpList       Op = "list"       // what is in the directory Path
	OpMkdir      Op = "mkdir"      // the directory Path
	OpRename     Op = "rename"     // Path is To from now on, also in the place of a file if Replace
	OpRemove     Op = "remove"     // the file Path goes
	OpRmdir      Op = "rmdir"      // the empty directory Path goes
	OpLink       Op = "link"       // To is another name of the file Path
	OpTimes      Op = "times"      // Path was created and last written at Time
	OpAttributes Op = "attributes" // Path has Attributes
	OpStreams    Op = "streams"    // which streams Path has
	OpSetEA      Op = "setea"      // Path has the extended attribute To with the value Data; none: it has not
	OpEAs        Op = "eas"        // all extended attributes of Path
)

// Slots is how many files a history keeps open at most.
const Slots = 3

// Step is one step of a history.
type Step struct {
	Op             Op
	Path, To       string
	Slot, ToSlot   int
	Disposition    fscc.CreateDisposition
	Offset, Size   int64 // bytes
	ToOffset       int64
	Data           []byte
	Replace        bool
	Time           time.Time
	FileAttributes fscc.FileAttributes
}

// String shows the step on one line.
func (s *Step) String() string {
	switch s.Op {
	case OpOpen:
		return fmt.Sprintf("open %q into %d, disposition %d", s.Path, s.Slot, s.Disposition)
	case OpClose:
		return fmt.Sprintf("close %d", s.Slot)
	case OpWrite:
		return fmt.Sprintf("write %d bytes to %d at %d", len(s.Data), s.Slot, s.Offset)
	case OpRead, OpZero, OpTruncate:
		return fmt.Sprintf("%s %d: offset %d, size %d", s.Op, s.Slot, s.Offset, s.Size)
	case OpCopy:
		return fmt.Sprintf("copy %d bytes of %d from %d to %d at %d", s.Size, s.Slot, s.Offset, s.ToSlot, s.ToOffset)
	case OpRename, OpLink:
		return fmt.Sprintf("%s %q to %q, replace %t", s.Op, s.Path, s.To, s.Replace)
	case OpSetEA:
		return fmt.Sprintf("setea %q: %s = %q", s.Path, s.To, s.Data)
	case OpTimes:
		return fmt.Sprintf("times %q: %v", s.Path, s.Time)
	case OpAttributes:
		return fmt.Sprintf("attributes %q: %#x", s.Path, uint32(s.FileAttributes))
	default:
		return fmt.Sprintf("%s %q", s.Op, s.Path)
	}
}

// Outcome is what came of a step: a status, and what was read, in words that
// say the same for every way to the tree. Comparable.
type Outcome struct {
	Status ntstatus.Status
	Text   string
}

// String shows the outcome on one line.
func (o Outcome) String() string { return fmt.Sprintf("%v %.2000q", o.Status, o.Text) }

// Target is a way to a tree. The steps of a history are done in order, by one
// goroutine.
type Target interface {
	// Do does one step. A Slot in which nothing is open is InvalidHandle.
	Do(ctx context.Context, step *Step) Outcome
	// Close closes what is open in slots.
	Close() error
}

// History makes random steps. Its names are few, and it remembers which of them
// were seen to be there: most steps succeed, and many fail, which they have to
// do everywhere alike.
//
// What becomes of an open file that loses its name, and of one with a change
// of its directories' names, the layers above a back end decide. So all is
// closed first.
type History struct {
	rand    *rand.Rand
	pending []Step
	files   []string // seen to be there, as last called
	dirs    []string // likewise, without the root
	open    [Slots]bool
}

// NewHistory returns a History. Equal seeds make equal histories, if their
// steps have equal outcomes.
func NewHistory(seed uint64) *History {
	return &History{rand: rand.New(rand.NewPCG(seed, 1))}
}

// Next returns the next step. The caller does it and then calls Saw.
func (h *History) Next() Step {
	if len(h.pending) == 0 {
		h.propose()
	}
	step := h.pending[0]
	h.pending = h.pending[1:]
	return step
}

// Saw tells the history what became of a step.
func (h *History) Saw(step *Step, status ntstatus.Status) {
	if status != ntstatus.Success {
		return
	}
	switch step.Op {
	case OpOpen:
		file, _, _ := strings.Cut(step.Path, ":")
		h.open[step.Slot] = true
		if !slices.ContainsFunc(h.dirs, same(file)) { // or it is a stream of a directory
			h.files = append(slices.DeleteFunc(h.files, same(file)), file)
		}
	case OpClose:
		h.open[step.Slot] = false
	case OpMkdir:
		h.dirs = append(h.dirs, step.Path)
	case OpLink:
		h.files = append(h.files, step.To)
	case OpRemove:
		h.files = slices.DeleteFunc(h.files, same(step.Path))
	case OpRmdir:
		h.dirs = slices.DeleteFunc(h.dirs, same(step.Path))
	case OpRename:
		h.files = renamed(h.files, step)
		h.dirs = renamed(h.dirs, step)
	}
}

// same returns whether two paths are the same but for the case of letters.
func same(name string) func(string) bool {
	return func(other string) bool { return vfs.Fold(name) == vfs.Fold(other) }
}

// renamed returns paths as they are after a rename.
func renamed(paths []string, step *Step) []string {
	if !same(step.Path)(step.To) {
		paths = slices.DeleteFunc(paths, same(step.To))
	}
	for i, name := range paths {
		if n := len(step.Path); len(name) >= n && same(step.Path)(name[:n]) && (len(name) == n || name[n] == '/') {
			paths[i] = step.To + name[n:]
		}
	}
	return paths
}

// Survey returns the steps that show all of a tree such as histories make.
func Survey() (steps []Step) {
	for _, dir := range dirs {
		steps = append(steps, Step{Op: OpStat, Path: dir}, Step{Op: OpList, Path: dir}, Step{Op: OpEAs, Path: dir})
		for _, file := range files {
			name := path.Join(dir, file)
			steps = append(steps, Step{Op: OpStat, Path: name}, Step{Op: OpStreams, Path: name}, Step{Op: OpEAs, Path: name})
			for _, stream := range append([]string{""}, streams...) {
				steps = append(steps,
					Step{Op: OpOpen, Path: name + stream, Disposition: fscc.DispositionOpen},
					Step{Op: OpRead, Size: maxOffset + 2*maxLength}, Step{Op: OpClose})
			}
		}
	}
	return steps
}

// The names of a history. Some differ in nothing but letters beyond ASCII, some
// are long, or have to be written otherwise on a disk.
var (
	dirs    = []string{"", "d1", "d2", "d1/d1", "d1/d2", "d1/d1/dä"}
	files   = []string{"f1", "f2", "fö", "f 日本 🙂.txt", "f" + strings.Repeat("x", 120) + ".tar.gz"}
	streams = []string{":s", ":Ströme", ":zone.Identifier"}
)

// How far, in bytes, writes reach: over pages, over the size of one message
// now and then.
const (
	maxOffset = 200_000
	maxLength = 30_000
)

func (h *History) propose() {
	if !slices.Contains(h.open[:], true) && h.rand.IntN(2) == 0 {
		h.toOpen(h.rand.IntN(Slots))
		return
	}
	switch kind := h.rand.IntN(100); {
	case kind < 18:
		h.toOpen(h.rand.IntN(Slots))
	case kind < 20:
		h.add(Step{Op: OpClose, Slot: h.slot()})
	case kind < 40:
		h.add(Step{Op: OpWrite, Slot: h.slot(), Offset: h.offset(), Data: h.data(maxLength)})
	case kind < 50:
		h.add(Step{Op: OpRead, Slot: h.slot(), Offset: h.offset(), Size: 1 + h.rand.Int64N(2*maxLength)})
	case kind < 54:
		h.add(Step{Op: OpTruncate, Slot: h.slot(), Size: h.offset()})
	case kind < 57:
		h.add(Step{Op: OpZero, Slot: h.slot(), Offset: h.offset(), Size: 1 + h.rand.Int64N(2*maxLength)})
	case kind < 61:
		h.add(Step{Op: OpCopy, Slot: h.slot(), ToSlot: h.slot(), Offset: h.offset(), ToOffset: h.offset(), Size: 1 + h.rand.Int64N(2*maxLength)})
	case kind < 67:
		h.add(Step{Op: OpStat, Path: h.any()})
	case kind < 70:
		h.add(Step{Op: OpList, Path: h.directory()})
	case kind < 73:
		h.add(Step{Op: OpMkdir, Path: h.directory()})
	case kind < 78:
		h.alone(Step{Op: OpRename, Path: h.any(), To: h.any(), Replace: h.rand.IntN(2) == 0})
	case kind < 80:
		h.alone(Step{Op: OpRemove, Path: h.any()})
	case kind < 82:
		h.alone(Step{Op: OpRmdir, Path: h.directory()})
	case kind < 85:
		h.add(Step{Op: OpLink, Path: h.any(), To: h.fresh()})
	case kind < 87:
		h.add(Step{Op: OpTimes, Path: h.any(), Time: time.Unix(h.rand.Int64N(1_000_000_000), 100*h.rand.Int64N(10_000_000)).UTC()})
	case kind < 89:
		h.add(Step{Op: OpAttributes, Path: h.any(), FileAttributes: fscc.FileAttributes(h.rand.IntN(4)) << 1})
	case kind < 92:
		h.add(Step{Op: OpStreams, Path: h.any()})
	case kind < 96:
		h.add(Step{Op: OpSetEA, Path: h.any(), To: fmt.Sprintf("EA%d", h.rand.IntN(4)), Data: h.data(h.rand.IntN(200))})
	default:
		h.add(Step{Op: OpEAs, Path: h.any()})
	}
}

func (h *History) add(step Step) { h.pending = append(h.pending, step) }

// alone is add for a step that wants nothing to be open.
func (h *History) alone(step Step) {
	for slot := range Slots {
		h.add(Step{Op: OpClose, Slot: slot})
	}
	h.add(step)
}

func (h *History) toOpen(slot int) {
	step := Step{Op: OpOpen, Path: h.any(), Slot: slot}
	if h.rand.IntN(4) == 0 {
		step.Path += h.case_(streams[h.rand.IntN(len(streams))])
	}
	h.add(Step{Op: OpClose, Slot: slot})
	switch kind := h.rand.IntN(20); {
	case kind < 6:
		step.Disposition = fscc.DispositionOpen
		h.add(step)
	case kind < 10:
		step.Disposition = fscc.DispositionCreate
		h.add(step)
	case kind < 18:
		step.Disposition = fscc.DispositionOpenIf
		h.add(step)
	default:
		step.Disposition = []fscc.CreateDisposition{fscc.DispositionOverwrite, fscc.DispositionOverwriteIf, fscc.DispositionSupersede}[h.rand.IntN(3)]
		h.alone(step)
	}
}

// slot is mostly one in which something is open.
func (h *History) slot() int {
	slot := h.rand.IntN(Slots)
	for n := range Slots {
		if next := (slot + n) % Slots; h.open[next] && h.rand.IntN(20) > 0 {
			return next
		}
	}
	return slot
}

// any is mostly the path of something that is there.
func (h *History) any() string {
	switch kind := h.rand.IntN(20); {
	case kind < 10 && len(h.files) > 0:
		return h.case_(h.files[h.rand.IntN(len(h.files))])
	case kind < 12 && len(h.dirs) > 0:
		return h.case_(h.dirs[h.rand.IntN(len(h.dirs))])
	case kind < 13: // one through a file now and then
		return h.case_(path.Join(files[h.rand.IntN(len(files))], files[h.rand.IntN(len(files))]))
	default:
		return h.fresh()
	}
}

// fresh is the path of a file that may or may not be there, mostly in a
// directory that is.
func (h *History) fresh() string {
	dir := ""
	if len(h.dirs) > 0 && h.rand.IntN(4) > 0 {
		dir = h.dirs[h.rand.IntN(len(h.dirs))]
	}
	return h.case_(path.Join(dir, files[h.rand.IntN(len(files))]))
}

// directory is the path of a directory that may or may not be there.
func (h *History) directory() string { return h.case_(dirs[h.rand.IntN(len(dirs))]) }

// case_ writes name in capitals now and then.
func (h *History) case_(name string) string {
	if h.rand.IntN(4) == 0 {
		return strings.ToUpper(name)
	}
	return name
}

// offset is 0 often, and one of a page often.
func (h *History) offset() int64 {
	switch n := h.rand.Int64N(maxOffset); h.rand.IntN(4) {
	case 0:
		return 0
	case 1:
		return n &^ 4095
	case 2:
		return n % 1000
	default:
		return n
	}
}

func (h *History) data(limit int) []byte {
	data := make([]byte, h.rand.IntN(limit+1))
	for i := range data {
		data[i] = byte('a' + h.rand.IntN(26))
	}
	return data
}
