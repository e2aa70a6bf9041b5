package gpo

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// Bounds of a folder.
const (
	maxDepth   = 12      // of folders in each other
	maxEntries = 1 << 16 // of all folders together
	maxObjects = 256
)

// Result is what is below one path.
type Result struct {
	Objects []Object // by folder
	Notes   []Note   // of what belongs to none
}

// ErrNone tells that a path leads to no group policy object.
var ErrNone = errors.New("there is no group policy object: neither a backup (bkupInfo.xml, DomainSysvol) nor a policy of SYSVOL (Machine) nor a Registry.pol or GptTmpl.inf")

// Read reads the objects below a path: a folder, or one Registry.pol or
// GptTmpl.inf. Nothing outside of it is opened. The error wraps [ErrNone], or
// says which file cannot be taken; of a value it is a *[ValueError].
func Read(name string) (*Result, error) {
	fi, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	dir := name
	if !fi.IsDir() {
		dir = filepath.Dir(name)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	t := &tree{root: root, result: new(Result)}
	if abs, err := filepath.Abs(dir); err == nil {
		t.name = filepath.Base(abs)
	}
	if fi.IsDir() {
		err = t.search(".", 0)
	} else {
		err = t.file(filepath.Base(name))
	}
	if err == nil && len(t.result.Objects) == 0 {
		err = ErrNone
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return t.result, nil
}

// tree is a folder on its way to a result. Paths in it are beneath root, with
// slashes.
type tree struct {
	root    *os.Root
	name    string // of root itself
	result  *Result
	entries int // met so far
}

// list returns what is in a folder, by name.
func (t *tree) list(dir string) ([]fs.DirEntry, error) {
	f, err := t.root.Open(dir)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	entries, err := f.ReadDir(maxEntries - t.entries + 1)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if t.entries += len(entries); t.entries > maxEntries {
		return nil, fmt.Errorf("more than %d files and folders", maxEntries)
	}
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return entries, nil
}

// find returns the entry of a name without regard to case, and its path; nil if
// there is none.
func find(dir, name string, entries []fs.DirEntry) (found fs.DirEntry, at string, err error) {
	for _, e := range entries {
		switch {
		case !strings.EqualFold(e.Name(), name):
		case found != nil:
			return nil, "", fmt.Errorf("%s: %s and %s are one name", dir, found.Name(), e.Name())
		default:
			found, at = e, path.Join(dir, e.Name())
		}
	}
	return found, at, nil
}

// descend follows names without regard to case from a folder on; "" if there is
// nothing of the name.
func (t *tree) descend(dir string, names ...string) (string, error) {
	for _, name := range names {
		entries, err := t.list(dir)
		if err != nil {
			return "", err
		}
		found, at, err := find(dir, name, entries)
		if err != nil || found == nil {
			return "", err
		}
		dir = at
	}
	return dir, nil
}

// search looks for objects in a folder and, if it is none, below it.
func (t *tree) search(dir string, depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("%s: folders lie deeper than %d in each other", dir, maxDepth)
	}
	entries, err := t.list(dir)
	if err != nil {
		return err
	}
	sysvol, at, err := find(dir, "DomainSysvol", entries)
	if err != nil {
		return err
	}
	if sysvol != nil {
		base, err := t.descend(at, "GPO")
		if err != nil || base == "" {
			return err
		}
		return t.object(dir, base, entries)
	}
	machine, at, err := find(dir, "Machine", entries)
	if err != nil {
		return err
	}
	ini, _, err := find(dir, "GPT.INI", entries)
	if err != nil {
		return err
	}
	if machine != nil {
		pol, err := t.descend(at, polFile)
		if err != nil {
			return err
		}
		inf, err := t.descend(at, infPath...)
		if err != nil {
			return err
		}
		if ini != nil || pol != "" || inf != "" {
			return t.object(dir, dir, entries)
		}
	}
	for _, e := range entries {
		switch {
		case e.IsDir():
			if err := t.search(path.Join(dir, e.Name()), depth+1); err != nil {
				return err
			}
		case e.Type()&fs.ModeSymlink != 0:
			t.result.Notes = append(t.result.Notes, Note{Outcome: NotRead, What: path.Join(dir, e.Name()), Reason: "it is a symbolic link"})
		}
	}
	return nil
}

// The files with registry values, from the folder Machine on.
const polFile = "Registry.pol"

var infPath = []string{"Microsoft", "Windows NT", "SecEdit", "GptTmpl.inf"}

// object reads the object in dir whose files begin at base.
func (t *tree) object(dir, base string, entries []fs.DirEntry) error {
	if len(t.result.Objects) == maxObjects {
		return fmt.Errorf("more than %d objects", maxObjects)
	}
	o, err := t.identify(dir, entries)
	if err != nil {
		return err
	}
	r := &reading{object: o, state: make(map[string]*value)}
	taken := make(map[string]bool)
	machine, err := t.descend(base, "Machine")
	if err != nil {
		return err
	}
	if machine != "" {
		// The administrative templates first: on Windows, too, the security
		// template is applied after them.
		for _, names := range [][]string{{polFile}, infPath} {
			file, err := t.descend(machine, names...)
			if err == nil && file != "" {
				taken[file] = true
				err = t.apply(r, file, within(base, file))
			}
			if err != nil {
				return err
			}
		}
	}
	if err := r.finish(); err != nil {
		return err
	}
	if err := t.others(o, base, base, taken, 0); err != nil {
		return err
	}
	t.result.Objects = append(t.result.Objects, *o)
	return nil
}

// within is where a file lies from a folder above it on.
func within(base, file string) string {
	if base == "." {
		return file
	}
	return strings.TrimPrefix(file, base+"/")
}

// file reads the one file that was named.
func (t *tree) file(name string) error {
	o := &Object{Name: plainName(name), Folder: "."}
	r := &reading{object: o, state: make(map[string]*value)}
	if err := t.apply(r, name, name); err != nil {
		return err
	}
	if err := r.finish(); err != nil {
		return err
	}
	t.result.Objects = append(t.result.Objects, *o)
	return nil
}

// apply reads a file with registry values, of either form, and shows it as
// called.
func (t *tree) apply(r *reading, file, called string) error {
	data, err := t.read(file, maxFileBytes)
	if err != nil {
		return err
	}
	var values []*value
	if bytes.HasPrefix(data, []byte("PReg")) {
		values, err = decodePol(data, called)
	} else {
		var said *template
		if said, err = decodeInf(data, called); err == nil {
			values = said.values
			r.object.Notes = append(r.object.Notes, said.notes(called)...)
		}
	}
	for _, v := range values {
		if err = r.apply(v); err != nil {
			break
		}
	}
	return err
}

// read reads a regular file of at most the given number of bytes.
func (t *tree) read(file string, most int64) ([]byte, error) {
	// Before it is opened, for opening a pipe would wait.
	if fi, err := t.root.Stat(file); err != nil {
		return nil, err
	} else if !fi.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is no regular file", file)
	}
	f, err := t.root.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && int64(len(data)) > most {
		err = fmt.Errorf("%s is longer than %d bytes", file, most)
	}
	return data, err
}

// identify finds out what an object is called.
func (t *tree) identify(dir string, entries []fs.DirEntry) (*Object, error) {
	o := &Object{Folder: dir}
	name := path.Base(dir)
	if dir == "." {
		name = t.name
	}
	for _, place := range []struct {
		file    string
		entries func() ([]fs.DirEntry, error)
		dir     string
		mine    func(backup) bool
	}{
		{"bkupInfo.xml", func() ([]fs.DirEntry, error) { return entries, nil }, dir, func(backup) bool { return true }},
		{"manifest.xml", func() ([]fs.DirEntry, error) { return t.list(path.Dir(dir)) }, path.Dir(dir), func(b backup) bool { return strings.EqualFold(b.id, name) }},
	} {
		if place.dir == dir && place.file == "manifest.xml" {
			continue // nothing is above the root
		}
		there, err := place.entries()
		if err != nil {
			return nil, err
		}
		found, at, err := find(place.dir, place.file, there)
		if err != nil {
			return nil, err
		}
		if found == nil {
			continue
		}
		data, err := t.read(at, maxInfoBytes)
		if err != nil {
			return nil, err
		}
		backups, err := decodeBackups(data, at)
		if err != nil {
			return nil, err
		}
		if i := slices.IndexFunc(backups, place.mine); i >= 0 {
			o.Name = plainName(backups[i].name)
			if braced.MatchString(backups[i].guid) {
				o.GUID = backups[i].guid
			}
			break
		}
	}
	if o.GUID == "" && o.Name == "" && braced.MatchString(name) {
		o.GUID = name
	}
	if o.Name == "" && o.GUID == "" {
		o.Name = plainName(name)
	}
	return o, nil
}

// others notes the files of an object that hold no registry values of the
// machine.
func (t *tree) others(o *Object, base, dir string, taken map[string]bool, depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("%s: folders lie deeper than %d in each other", dir, maxDepth)
	}
	entries, err := t.list(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		file := path.Join(dir, e.Name())
		switch {
		case e.IsDir():
			if err := t.others(o, base, file, taken, depth+1); err != nil {
				return err
			}
		case taken[file] || slices.ContainsFunc(silent, func(s string) bool { return strings.EqualFold(s, e.Name()) }):
		default:
			name := within(base, file)
			o.Notes = append(o.Notes, Note{Outcome: NotRead, What: name, File: name, Reason: reasonNotRead(name)})
		}
	}
	return nil
}

// silent are files that hold no settings: versions, and comments on settings.
var silent = []string{"GPT.INI", "comment.cmtx"}

func reasonNotRead(name string) string {
	switch first, _, _ := strings.Cut(strings.ToLower(name), "/"); {
	case first == "user":
		return "it is about users, not about the machine"
	case strings.Contains(strings.ToLower(name), "/preferences/"):
		return "preferences are not read, only policies"
	}
	return "it holds no registry values of a policy"
}
