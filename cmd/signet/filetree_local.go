package main

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"unicode/utf8"

	"github.com/signet-smb/signet/fscc"
)

// localTree is a directory of this machine as a fileTree. All is done through
// os.Root: no name, and no link that somebody has laid, leads out of it.
type localTree struct {
	root *os.Root
	dir  string // as messages call it
}

// openLocalTree opens the directory; close it.
func openLocalTree(dir string) (*localTree, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	return &localTree{root, dir}, nil
}

func (t *localTree) close() { _ = t.root.Close() }

// local is a name as package os wants it.
func local(name string) string {
	if name == "" {
		return "."
	}
	return filepath.FromSlash(name)
}

func (t *localTree) stat(_ context.Context, name string) (fileEntry, error) {
	i, err := t.root.Lstat(local(name))
	if err != nil {
		return fileEntry{}, err
	}
	return localEntry(i), nil
}

// localEntry describes a file of this machine.
func localEntry(i fs.FileInfo) fileEntry {
	e := fileEntry{name: i.Name(), dir: i.IsDir(), size: i.Size(), modified: i.ModTime()}
	switch {
	case i.Mode()&fs.ModeSymlink != 0:
		e.special = "a symbolic link"
	case !i.IsDir() && !i.Mode().IsRegular():
		e.special = "neither file nor directory"
	}
	if !i.IsDir() && i.Mode()&0o200 == 0 {
		e.attributes = fscc.FileAttributeReadonly
	}
	return e
}

func (t *localTree) list(_ context.Context, dir string, add func(fileEntry) error, bad func(error)) error {
	f, err := t.root.Open(local(dir))
	if err != nil {
		return err
	}
	defer f.Close()
	for {
		entries, err := f.ReadDir(1000)
		for _, e := range entries {
			i, err := e.Info()
			if errors.Is(err, fs.ErrNotExist) {
				continue
			}
			if err != nil {
				bad(err)
				continue
			}
			if err := add(localEntry(i)); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// localFile is an open file of this machine.
type localFile struct {
	*os.File
	length int64
}

func (t *localTree) open(_ context.Context, name string) (openFile, error) {
	return newLocalFile(t.root.Open(local(name)))
}

func (t *localTree) openPart(_ context.Context, name string) (openFile, error) {
	if i, err := t.root.Lstat(local(name)); err == nil && !i.Mode().IsRegular() {
		return nil, &fs.PathError{Op: "open", Path: name, Err: errors.New("somebody has put something else here")}
	}
	return newLocalFile(t.root.OpenFile(local(name), os.O_RDWR|os.O_CREATE, 0o666))
}

func newLocalFile(f *os.File, err error) (openFile, error) {
	if err != nil {
		return nil, err
	}
	i, err := f.Stat()
	if err != nil {
		_ = f.Close() // of what failed
		return nil, err
	}
	return &localFile{f, i.Size()}, nil
}

func (f *localFile) size() int64 { return f.length }

func (f *localFile) readAt(_ context.Context, p []byte, off int64) (int, error) {
	return f.ReadAt(p, off)
}

func (f *localFile) writeAt(_ context.Context, p []byte, off int64) error {
	_, err := f.WriteAt(p, off)
	return err
}

func (f *localFile) truncate(context.Context) error { return f.Truncate(0) }

func (t *localTree) mkdir(_ context.Context, name string) error {
	if name == "" {
		return nil
	}
	err := t.root.Mkdir(local(name), 0o777)
	if errors.Is(err, fs.ErrExist) {
		// Lstat: a link to a directory was laid by somebody, and is not ours.
		if i, statErr := t.root.Lstat(local(name)); statErr == nil && i.IsDir() {
			return nil
		}
	}
	return err
}

func (t *localTree) setMeta(_ context.Context, name string, e fileEntry) error {
	accessed := e.accessed
	if accessed.IsZero() {
		accessed = e.modified
	}
	if err := t.root.Chtimes(local(name), accessed, e.modified); err != nil {
		return err
	}
	if e.dir || e.attributes&fscc.FileAttributeReadonly == 0 {
		return nil
	}
	i, err := t.root.Lstat(local(name))
	if err != nil {
		return err
	}
	return t.root.Chmod(local(name), i.Mode().Perm()&^0o222)
}

func (t *localTree) rename(_ context.Context, from, to string) error {
	return t.root.Rename(local(from), local(to))
}

func (t *localTree) remove(_ context.Context, name string, _ bool) error {
	return t.root.Remove(local(name))
}

// checkName refuses what leads elsewhere on some system, or opens a device.
func (t *localTree) checkName(name string) error { return checkLocalName(name, runtime.GOOS) }

func checkLocalName(name, system string) error {
	problem := ""
	switch {
	case name == "" || name == "." || name == "..":
		problem = "it leads elsewhere"
	case strings.ContainsAny(name, `/\`):
		problem = "it has a separator in it"
	case strings.ContainsRune(name, 0) || !utf8.ValidString(name):
		problem = "it is no text"
	case len(name) >= 2 && name[1] == ':' && (name[0]|0x20 >= 'a' && name[0]|0x20 <= 'z'):
		problem = "it begins with a drive letter"
	case len(name) > 255 && system != "windows":
		problem = "it is longer than 255 bytes"
	case system == "windows" && strings.ContainsAny(name, `:*?"<>|`):
		problem = "Windows has no such names"
	case system == "windows" && strings.TrimRight(name, ". ") != name:
		problem = "it ends in a dot or a space"
	case system == "windows" && isDevice(name):
		problem = "it is a device of Windows"
	}
	if problem == "" {
		return nil
	}
	return &nameProblem{name, problem}
}

// isDevice reports whether Windows opens a device by this name, whatever
// follows a dot in it.
func isDevice(name string) bool {
	base, _, _ := strings.Cut(strings.ToUpper(name), ".")
	base = strings.TrimRight(base, " ")
	switch base {
	case "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$":
		return true
	}
	for _, kind := range []string{"COM", "LPT"} {
		if digit, ok := strings.CutPrefix(base, kind); ok && len([]rune(digit)) == 1 && strings.ContainsAny(digit, "0123456789¹²³") {
			return true
		}
	}
	return false
}

func (t *localTree) show(name string) string { return filepath.Join(t.dir, local(name)) }
