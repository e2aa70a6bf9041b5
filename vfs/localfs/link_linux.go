package localfs

import (
	"context"
	"crypto/rand"
	"io/fs"
	"strconv"

	"golang.org/x/sys/unix"

	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/vfs"
)

var _ vfs.Linker = (*FS)(nil)

// Link implements [vfs.Linker]. The kernel's own rules hold (protected_hardlinks):
// a user who neither owns a file nor may read and write it cannot link it.
// Another file system is EXDEV.
func (f *FS) Link(_ context.Context, as *vfs.Cred, n, dir vfs.Node, name string, replace bool) error {
	m, err := f.node(n)
	if err != nil {
		return err
	}
	d, err := f.directory(dir)
	if err != nil {
		return err
	}
	switch m.kind {
	case unix.S_IFREG:
	case unix.S_IFDIR:
		return ntstatus.FileIsADirectory
	default:
		return fs.ErrPermission
	}
	disk, err := diskName(name)
	if err != nil {
		return err
	}
	if err := f.protected.checkReplace(d, disk); err != nil {
		return err
	}
	if replace {
		defer f.victim(d, disk).release(f)
	}
	return f.do(as, func() error {
		added := func(c *dirNames) { c.add(name) }
		err := f.names.change(d, added, func() error {
			err := f.link(m, d, disk)
			if err == unix.EEXIST && replace {
				return f.linkOver(m, d, disk)
			}
			return err
		})
		if err != nil {
			return err
		}
		f.files.moved(d, disk)
		return nil
	})
}

// link makes an entry of d that leads to m, whatever it is called by now.
func (f *FS) link(m, d *node, disk string) error {
	return retry(func() error {
		return unix.Linkat(f.procSelf, strconv.Itoa(m.handle.fd), d.handle.fd, disk, unix.AT_SYMLINK_FOLLOW)
	})
}

// linkOver puts m in the place of what is called disk. There is no system call
// for it, so m gets a name of its own first: no moment is without a file. A
// server that is killed in between leaves that name behind.
func (f *FS) linkOver(m, d *node, disk string) error {
	temporary := ".signet-" + rand.Text()
	if err := f.link(m, d, temporary); err != nil {
		return err
	}
	err := retry(func() error { return unix.Renameat(d.handle.fd, temporary, d.handle.fd, disk) })
	// Where both led to one file already, nothing was renamed.
	if unlinkErr := unix.Unlinkat(d.handle.fd, temporary, 0); err == nil && unlinkErr != unix.ENOENT {
		err = unlinkErr
	}
	if err == unix.EISDIR {
		return ntstatus.FileIsADirectory
	}
	return err
}
