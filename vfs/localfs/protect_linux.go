package localfs

import (
	"io/fs"
	"os"
	"path/filepath"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"github.com/signet-smb/signet/vfs"
)

// inode is what a file is told by: the same for all its names and wherever it
// is mounted.
type inode struct{ volume, number uint64 }

// protection is what no client may meet. But for spill it is immutable once the
// FS is used.
type protection struct {
	spill atomic.Pointer[inode] // of the folder of side data, once there

	hidden  map[inode]bool
	numbers map[uint64]bool // of hidden, for a first look
	fixed   map[inode]bool  // what leads to the hidden: it keeps its place

	// The names of the hidden, by directory: what takes their place later is
	// hidden, too.
	names map[inode]map[string]bool
}

// Protect hides files and directories of the host from all who use f: a lookup
// finds none of their names, a listing leaves them out, nothing is moved over
// them. They are told by device and inode, so hard links and second mounts are
// hidden too. The directories and symbolic links on the way to them are shown,
// and stay where they are.
//
// What takes the place of such a file later, as when an editor replaces it, is
// hidden under that name only. Call it before the first use of f.
func (f *FS) Protect(paths ...string) error {
	for _, path := range paths {
		path, err := filepath.Abs(path)
		if err != nil {
			return err
		}
		real, err := filepath.EvalSymlinks(path)
		if err != nil {
			return err
		}
		key, err := inodeOf(real)
		if err != nil {
			return err
		}
		f.protected.hide(key)
		if real != filepath.Dir(real) {
			above, err := inodeOf(filepath.Dir(real))
			if err != nil {
				return err
			}
			f.protected.hideName(above, filepath.Base(real))
		}
		for _, way := range []string{path, real} {
			if err := f.protected.fix(way); err != nil {
				return err
			}
		}
	}
	return nil
}

func (p *protection) hide(key inode) {
	if p.hidden == nil {
		p.hidden, p.numbers, p.fixed = map[inode]bool{}, map[uint64]bool{}, map[inode]bool{}
	}
	p.hidden[key] = true
	p.numbers[key.number] = true
}

func (p *protection) hideName(dir inode, name string) {
	if p.names == nil {
		p.names = make(map[inode]map[string]bool)
	}
	if p.names[dir] == nil {
		p.names[dir] = make(map[string]bool)
	}
	p.names[dir][name] = true
}

// namesIn returns the names on disk that are hidden in a directory; nil if none
// is.
func (p *protection) namesIn(dir vfs.FileID) map[string]bool {
	return p.names[inode{dir.Volume, dir.File}]
}

// fix keeps path, if it is a symbolic link, and all above it where they are.
func (p *protection) fix(path string) error {
	for ; path != filepath.Dir(path); path = filepath.Dir(path) {
		key, err := inodeOf(path)
		if err != nil {
			return err
		}
		p.fixed[key] = true
	}
	return nil
}

// inodeOf does not follow a symbolic link in the last place.
func inodeOf(path string) (inode, error) {
	st, err := statAt(unix.AT_FDCWD, path)
	if err != nil {
		return inode{}, &os.PathError{Op: "stat", Path: path, Err: err}
	}
	id := idOf(st)
	return inode{id.Volume, id.File}, nil
}

// hides reports whether clients must not meet the file.
func (p *protection) hides(id vfs.FileID) bool {
	key := inode{id.Volume, id.File}
	if spill := p.spill.Load(); spill != nil && *spill == key {
		return true
	}
	return len(p.hidden) > 0 && p.hidden[key]
}

func (p *protection) isEmpty() bool { return len(p.hidden) == 0 && p.spill.Load() == nil }

// hidesEntry reports whether the entry that r returned last is to be left out
// of a listing. It looks at an entry only if the inode is one of the hidden:
// a directory that is mounted a second time shows its name here, and that it
// does not exist when its attributes are asked for.
func (p *protection) hidesEntry(r *direntReader, disk string) bool {
	if !p.numbers[r.inode] {
		return false
	}
	st, err := statAt(r.fd, disk)
	return err == nil && p.hides(idOf(st))
}

// checkRemove refuses to remove what leads to the hidden.
func (p *protection) checkRemove(id vfs.FileID) error {
	if p.fixed[inode{id.Volume, id.File}] {
		return fs.ErrPermission
	}
	return nil
}

// checkRename refuses to move the hidden and what leads to it, and to replace
// either. Others cannot bring the hidden to a new place meanwhile: no client
// has hold of it.
func (p *protection) checkRename(from *node, name string, to *node, newName string) error {
	if p.isEmpty() {
		return nil
	}
	if p.namesIn(from.id)[name] {
		return fs.ErrNotExist
	}
	if st, err := statAt(from.handle.fd, name); err == nil {
		if p.hides(idOf(st)) {
			return fs.ErrNotExist
		}
		if err := p.checkRemove(idOf(st)); err != nil {
			return err
		}
	}
	return p.checkReplace(to, newName)
}

// checkReplace refuses to put something in the place of the hidden, or of what
// leads to it.
func (p *protection) checkReplace(dir *node, name string) error {
	if p.isEmpty() {
		return nil
	}
	if p.namesIn(dir.id)[name] {
		return fs.ErrPermission
	}
	if st, err := statAt(dir.handle.fd, name); err == nil && (p.hides(idOf(st)) || p.checkRemove(idOf(st)) != nil) {
		return fs.ErrPermission
	}
	return nil
}
