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
	if err == nil && m.kind == unix.S_IFDIR {
		f.names.forget(m.id)
	}
	return err
}
