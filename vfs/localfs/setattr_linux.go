package localfs

import (
	"context"
	"io/fs"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/vfs"
)

// SetAttr implements [vfs.FS]. Attributes have no place to be stored: a change
// that needs one is ntstatus.NotSupported, and nothing is changed then. The
// mode is not touched, so Readonly can be neither set nor cleared.
func (f *FS) SetAttr(_ context.Context, as *vfs.Cred, n vfs.Node, set vfs.SetAttr) error {
	m, err := f.node(n)
	if err != nil {
		return err
	}
	if m.kind != unix.S_IFREG && m.kind != unix.S_IFDIR {
		return fs.ErrPermission
	}
	if set.Sparse != nil {
		return ntstatus.NotSupported
	}
	if set.Attributes != nil {
		st, err := statFD(m.handle.fd)
		if err != nil {
			return err
		}
		// Archive means "changed since the last backup": always true here.
		const free = fscc.FileAttributeNormal | fscc.FileAttributeDirectory | fscc.FileAttributeArchive
		if *set.Attributes&^free != attrOf(st).Attributes&^free {
			return ntstatus.NotSupported
		}
	}
	if set.LastAccessTime == nil && set.LastWriteTime == nil {
		return nil
	}
	accessed, err := timespec(set.LastAccessTime)
	if err != nil {
		return err
	}
	written, err := timespec(set.LastWriteTime)
	if err != nil {
		return err
	}
	return f.do(as, func() error {
		return retry(func() error {
			return unix.UtimesNanoAt(f.procSelf, strconv.Itoa(m.handle.fd), []unix.Timespec{accessed, written}, 0)
		})
	})
}

// timespec makes the system call's time of t; nil is "leave it".
func timespec(t *time.Time) (unix.Timespec, error) {
	if t == nil {
		return unix.Timespec{Nsec: unix.UTIME_OMIT}, nil
	}
	ts, err := unix.TimeToTimespec(*t)
	if err != nil {
		return ts, ntstatus.InvalidParameter
	}
	return ts, nil
}
