package localfs

import (
	"context"
	"io/fs"

	"golang.org/x/sys/unix"

	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/vfs"
)

// Remove implements [vfs.FS].
//
// There is no system call that removes an entry only if it leads to a given
// file. A program on the host that replaces the entry between the comparison
// and the removal has its new file removed instead. No change made through
// this server comes in between.
func (f *FS) Remove(_ context.Context, as *vfs.Cred, dir vfs.Node, name string, n vfs.Node) error {
	d, err := f.directory(dir)
	if err != nil {
		return err
	}
	m, err := f.node(n)
	if err != nil {
		return err
	}
	disk, err := diskName(name)
	if err != nil {
		return err
	}
	if err := f.protected.checkRemove(m.id); err != nil {
		return err
	}
	flags := 0
	if m.kind == unix.S_IFDIR {
		flags = unix.AT_REMOVEDIR
	}
	err = f.do(as, func() error {
		removed := func(c *dirNames) { c.remove(name) }
		return f.names.change(d, removed, func() error {
			st, err := statAt(d.handle.fd, disk)
			if err != nil {
				return err
			}
			if idOf(st) != m.id {
				return fs.ErrNotExist
			}
			err = retry(func() error { return unix.Unlinkat(d.handle.fd, disk, flags) })
			switch {
			case flags != 0 && (err == unix.ENOTEMPTY || err == unix.EEXIST):
				return ntstatus.DirectoryNotEmpty
			case flags != 0 && err == unix.ENOTDIR, flags == 0 && err == unix.EISDIR:
				return fs.ErrNotExist // replaced in between, and the kernel noticed
			}
			return err
		})
	})
	if err == nil {
		m.doomed.Store(true) // who has it open may still ask for its attributes
	}
	if err == nil && m.kind == unix.S_IFDIR {
		f.names.forget(m.id)
	}
	return err
}

// victim is a file that may be about to be replaced. It is held, so that its
// identity does not become that of a new one before its record is gone.
type victim struct {
	id vfs.FileID
	fd int
}

// victim returns the entry of d, nil if there is none or nothing is kept aside.
// It looks as the process: whether the entry is replaced others decide.
func (f *FS) victim(d *node, disk string) *victim {
	if f.side.far.open(false) < 0 {
		return nil
	}
	fd, err := openEntry(d.handle.fd, disk, 0)
	if err != nil {
		return nil
	}
	st, err := statFD(fd)
	if err != nil {
		closeFD(fd)
		return nil
	}
	return &victim{idOf(st), fd}
}

// release removes what is kept aside for v if it has been removed.
func (v *victim) release(f *FS) {
	if v == nil {
		return
	}
	f.side.far.drop(v.id, v.fd)
	closeFD(v.fd)
}
