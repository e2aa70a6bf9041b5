package localfs

import (
	"context"
	"io"
	"io/fs"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/vfs"
)

// file is a regular file opened for data. Reads and writes use the descriptor,
// whoever opened it.
type file struct {
	fs         *FS
	fd         int // immutable
	durability *durability
	closed     atomic.Bool
}

// Open implements [vfs.FS].
func (f *FS) Open(ctx context.Context, as *vfs.Cred, n vfs.Node, mode vfs.Mode) (vfs.File, error) {
	m, err := f.node(n)
	if err != nil {
		return nil, err
	}
	// The kind of a file never changes, so what is opened below cannot block
	// as a FIFO does or act as a device.
	switch m.kind {
	case unix.S_IFREG:
	case unix.S_IFDIR:
		return nil, ntstatus.FileIsADirectory
	default:
		return nil, fs.ErrPermission
	}
	var flags int
	switch mode {
	case vfs.ModeRead:
		flags = unix.O_RDONLY
	case vfs.ModeWrite:
		flags = unix.O_WRONLY
	case vfs.ModeRead | vfs.ModeWrite:
		flags = unix.O_RDWR
	default:
		return nil, ntstatus.InvalidParameter
	}
	var fd int
	err = f.doActing(ctx, as, func() (err error) {
		fd, err = f.reopen(m.handle.fd, flags)
		return err
	})
	if err != nil {
		return nil, err
	}
	return f.newFile(m.id, fd, nil), nil
}

// newFile takes over fd. dir is the directory in which the file was just made,
// else nil.
func (f *FS) newFile(id vfs.FileID, fd int, dir *handle) *file {
	f.references.Add(1)
	return &file{fs: f, fd: fd, durability: f.files.opened(id, dir)}
}

func (f *file) ReadAt(_ context.Context, p []byte, off int64) (int, error) {
	if f.closed.Load() {
		return 0, fs.ErrClosed
	}
	for n := 0; ; {
		k, err := unix.Pread(f.fd, p[n:], off+int64(n))
		switch {
		case err == unix.EINTR:
			continue
		case err != nil:
			return n, err
		}
		n += k
		switch {
		case n == len(p):
			return n, nil
		case k == 0 && n == 0:
			return 0, io.EOF
		case k == 0:
			return n, nil
		}
	}
}

func (f *file) WriteAt(_ context.Context, p []byte, off int64) (int, error) {
	if f.closed.Load() {
		return 0, fs.ErrClosed
	}
	if off < 0 {
		return 0, ntstatus.InvalidParameter // the kernel accepts it of an empty write
	}
	n := 0
	for n < len(p) {
		k, err := unix.Pwrite(f.fd, p[n:], off+int64(n))
		switch {
		case err == unix.EINTR:
			continue
		case err != nil:
			return n, err
		case k == 0:
			return n, io.ErrShortWrite
		}
		n += k
	}
	return n, nil
}

func (f *file) Truncate(_ context.Context, size int64) error {
	if f.closed.Load() {
		return fs.ErrClosed
	}
	return retry(func() error { return unix.Ftruncate(f.fd, size) })
}

func (f *file) Sync(context.Context) error {
	if f.closed.Load() {
		return fs.ErrClosed
	}
	return f.fs.sync(f.durability, f.fd)
}

func (f *file) Close() error {
	if f.closed.Swap(true) {
		return fs.ErrClosed
	}
	f.fs.references.Add(-1)
	f.fs.files.closed(f.durability)
	return closeFD(f.fd)
}
