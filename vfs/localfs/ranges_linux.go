package localfs

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"math"

	"golang.org/x/sys/unix"

	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/vfs"
)

var (
	_ vfs.ZeroRanger      = (*file)(nil)
	_ vfs.AllocatedRanger = (*file)(nil)
)

// ZeroRange implements [vfs.ZeroRanger], where the file system can.
func (f *file) ZeroRange(_ context.Context, off, n int64) error {
	if f.closed.Load() {
		return fs.ErrClosed
	}
	if off < 0 || n < 0 || off > math.MaxInt64-n {
		return ntstatus.InvalidParameter
	}
	err := retry(func() error {
		return unix.Fallocate(f.fd, unix.FALLOC_FL_PUNCH_HOLE|unix.FALLOC_FL_KEEP_SIZE, off, n)
	})
	if err == unix.EOPNOTSUPP || err == unix.ENOSYS {
		return errors.ErrUnsupported
	}
	return err
}

// NextAllocated implements [vfs.AllocatedRanger]. The position of the
// descriptor, which this moves, is used by nothing else.
func (f *file) NextAllocated(_ context.Context, off int64) (start, end int64, err error) {
	if f.closed.Load() {
		return 0, 0, fs.ErrClosed
	}
	if off < 0 {
		return 0, 0, ntstatus.InvalidParameter
	}
	start, err = unix.Seek(f.fd, off, unix.SEEK_DATA)
	if err == nil {
		end, err = unix.Seek(f.fd, start, unix.SEEK_HOLE)
	}
	switch err {
	case nil:
		return start, end, nil
	case unix.ENXIO: // nothing more, or cut off in between
		return 0, 0, io.EOF
	case unix.EINVAL:
		return 0, 0, errors.ErrUnsupported
	}
	return 0, 0, err
}
