package localfs

import (
	"context"
	"errors"
	"io/fs"
	"math"

	"golang.org/x/sys/unix"

	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/vfs"
)

var _ vfs.CopyRanger = (*file)(nil)

// maxCopy is how much one system call is asked to copy, in bytes: between
// calls the context is looked at.
const maxCopy = 16 << 20

// CopyRange implements [vfs.CopyRanger]. The kernel shares blocks where the
// file system can, and copies in the page cache elsewhere.
func (f *file) CopyRange(ctx context.Context, off int64, dst vfs.File, dstOff, n int64) (int64, error) {
	d, ok := dst.(*file)
	if !ok {
		return 0, errors.ErrUnsupported
	}
	if f.closed.Load() || d.closed.Load() {
		return 0, fs.ErrClosed
	}
	if off < 0 || dstOff < 0 || n < 0 || off > math.MaxInt64-n || dstOff > math.MaxInt64-n {
		return 0, ntstatus.InvalidParameter
	}
	done := int64(0)
	for done < n {
		if err := context.Cause(ctx); err != nil {
			return done, err
		}
		from, to := off+done, dstOff+done
		k, err := unix.CopyFileRange(f.fd, &from, d.fd, &to, int(min(n-done, maxCopy)), 0)
		switch {
		case err == unix.EINTR:
		case err != nil && done == 0 && cannotCopy(err):
			return 0, errors.ErrUnsupported
		case err != nil:
			return done, err
		case k == 0:
			return done, nil
		}
		done += int64(max(k, 0))
	}
	return done, nil
}

// cannotCopy says whether err means that these two files need another way:
// other file systems, none that can, overlapping ranges, a sandbox.
func cannotCopy(err error) bool {
	switch err {
	case unix.EXDEV, unix.EINVAL, unix.EOPNOTSUPP, unix.ENOSYS, unix.EPERM, unix.ETXTBSY:
		return true
	}
	return false
}
