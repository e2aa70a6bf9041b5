package localfs

import (
	"context"
	"io/fs"

	"golang.org/x/sys/unix"

	"github.com/signet-smb/signet/vfs"
)

// Create implements [vfs.FS]. What is made belongs to who acts, with all
// rights less the umask of the process, or as default ACLs say.
func (f *FS) Create(ctx context.Context, as *vfs.Cred, dir vfs.Node, name string, directory bool) (vfs.Node, vfs.File, error) {
	d, err := f.directory(dir)
	if err != nil {
		return nil, nil, err
	}
	disk, err := diskName(name)
	if err != nil {
		return nil, nil, err
	}
	if f.protected.namesIn(d.id)[disk] {
		return nil, nil, fs.ErrExist // whether it is there or not
	}
	path, data := -1, -1
	err = f.doActing(ctx, as, func() error {
		added := func(c *dirNames) { c.add(name) }
		return f.names.change(d, added, func() (err error) {
			if directory {
				path, err = makeDirectory(d, disk)
			} else {
				path, data, err = f.makeFile(d, disk)
			}
			return err
		})
	})
	if err != nil {
		return nil, nil, err
	}
	n, err := f.newNode(newHandle(path), name)
	if err != nil {
		if data >= 0 {
			closeFD(data)
		}
		return nil, nil, err
	}
	n.noteFresh(n.seen.Load(), dosAttrib{})
	if directory {
		f.watching.made(d, disk, n)
		return n, nil, nil
	}
	return n, f.newFile(n.id, data, d.handle), nil
}

// makeDirectory makes a directory and opens it as O_PATH. A program that puts
// another directory in its place in between gets that one opened: it could as
// well have done so a moment later.
func makeDirectory(d *node, name string) (int, error) {
	if err := retry(func() error { return unix.Mkdirat(d.handle.fd, name, 0o777) }); err != nil {
		return -1, err
	}
	fd, err := openEntry(d.handle.fd, name, unix.O_DIRECTORY)
	if err != nil {
		_ = unix.Unlinkat(d.handle.fd, name, unix.AT_REMOVEDIR) // it is empty, or not ours
		return -1, err
	}
	return fd, nil
}

// makeFile makes a file and opens it as O_PATH and for data.
func (f *FS) makeFile(d *node, name string) (path, data int, err error) {
	data, err = openat2(d.handle.fd, name, &unix.OpenHow{
		Flags:   unix.O_CREAT | unix.O_EXCL | unix.O_RDWR | unix.O_NOFOLLOW | unix.O_CLOEXEC,
		Mode:    0o666,
		Resolve: resolve,
	})
	if err != nil {
		return -1, -1, err
	}
	path, err = f.reopen(data, unix.O_PATH)
	if err != nil {
		// Out of descriptors: take the file back, if it still is ours.
		if made, e := statFD(data); e == nil {
			if now, e := statAt(d.handle.fd, name); e == nil && idOf(now) == idOf(made) {
				_ = unix.Unlinkat(d.handle.fd, name, 0)
			}
		}
		closeFD(data)
		return -1, -1, err
	}
	return path, data, nil
}
