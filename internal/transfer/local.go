package transfer

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/vfs"
)

// Local is a directory of this machine. All is done through os.Root: no name,
// and no link that somebody has laid, leads out of it.
type Local struct {
	// Devices lets files have names that are devices of Windows: aux.c.
	Devices bool

	root  *os.Root
	dir   string // as messages call it
	keep  Keep   // written before anything is copied
	group localGroup
}

// OpenLocal opens the directory; close it.
func OpenLocal(dir string) (*Local, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	return &Local{root: root, dir: dir}, nil
}

// Close ends the use of the directory.
func (t *Local) Close() { _ = t.root.Close() }

// native is a name as package os wants it.
func native(name string) string {
	if name == "" {
		return "."
	}
	return filepath.FromSlash(name)
}

// Stat implements [Tree].
func (t *Local) Stat(_ context.Context, name string) (Entry, error) {
	i, err := t.root.Lstat(native(name))
	if err != nil {
		return Entry{}, err
	}
	return localEntry(i), nil
}

// localEntry describes a file of this machine.
func localEntry(i fs.FileInfo) Entry {
	e := Entry{Name: i.Name(), Dir: i.IsDir(), Size: i.Size(), Modified: i.ModTime()}
	switch {
	case i.Mode()&fs.ModeSymlink != 0:
		e.Special = "a symbolic link"
	case !i.IsDir() && !i.Mode().IsRegular():
		e.Special = "neither file nor directory"
	}
	if !i.IsDir() && i.Mode()&0o200 == 0 {
		e.Attributes = fscc.FileAttributeReadonly
	}
	statEntry(i, &e)
	return e
}

// Show implements [Tree].
func (t *Local) Show(name string) string { return filepath.Join(t.dir, native(name)) }

// Localize implements [Tree].
func (t *Local) Localize(name string) (string, error) {
	return name, localName(name, runtime.GOOS, t.Devices)
}

func (t *Local) portable(name string) (string, error) { return name, nil }

func (t *Local) fold(name string) string {
	if runtime.GOOS == "linux" || runtime.GOOS == "freebsd" {
		return name
	}
	return vfs.Fold(name)
}

func (t *Local) list(_ context.Context, dir string, onlyParts bool, add func(Entry) error, bad func(error)) error {
	f, err := t.root.Open(native(dir))
	if err != nil {
		return err
	}
	defer f.Close()
	for {
		entries, err := f.ReadDir(1000)
		for _, e := range entries {
			if onlyParts && !strings.HasPrefix(e.Name(), partPrefix) {
				continue
			}
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

func (t *Local) mkdir(_ context.Context, name string) (made bool, err error) {
	if name == "" {
		return false, nil
	}
	err = t.root.Mkdir(native(name), 0o777)
	if errors.Is(err, fs.ErrExist) {
		// Lstat: a link to a directory was laid by somebody, and is not ours.
		if i, statErr := t.root.Lstat(native(name)); statErr == nil && i.IsDir() {
			return false, nil
		}
	}
	return err == nil, err
}

func (t *Local) setMeta(_ context.Context, name string, e Entry) error {
	return t.chtimes(name, e)
}

// chtimes sets the times that every system has.
func (t *Local) chtimes(name string, e Entry) error {
	accessed := e.Accessed
	if accessed.IsZero() {
		accessed = e.Modified
	}
	return t.root.Chtimes(native(name), accessed, e.Modified)
}

func (t *Local) remove(_ context.Context, name string, _ Entry) error {
	return t.root.Remove(native(name))
}
