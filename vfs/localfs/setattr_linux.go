package localfs

import (
	"context"
	"errors"
	"io/fs"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/vfs"
)

// SetAttr implements [vfs.FS]. The mode is never touched: a Readonly that
// follows from it is cleared for clients, and writing stays refused.
//
// Attributes and the time of creation are stored as the user, who needs the
// right to write the file, and in a sticky directory, for those of the
// directory, has to be its owner: the kernel's rules for extended attributes.
//
// Deviation: an owner without the right to write is refused, where Windows
// asks for FILE_WRITE_ATTRIBUTES alone.
func (f *FS) SetAttr(ctx context.Context, as *vfs.Cred, n vfs.Node, set vfs.SetAttr) error {
	m, err := f.node(n)
	if err != nil {
		return err
	}
	if m.kind != unix.S_IFREG && m.kind != unix.S_IFDIR {
		return fs.ErrPermission
	}
	if set.Sparse != nil && m.kind == unix.S_IFDIR {
		return ntstatus.NotSupported
	}
	if _, err := f.who(as); err != nil {
		return err
	}
	accessed, err := timespec(set.LastAccessTime)
	if err != nil {
		return err
	}
	written, err := timespec(set.LastWriteTime)
	if err != nil {
		return err
	}
	if set.Attributes != nil || set.CreationTime != nil || set.Sparse != nil {
		if err := f.store(ctx, as, m, set); err != nil {
			return err
		}
	}
	if set.LastAccessTime != nil || set.LastWriteTime != nil {
		err := f.doActing(ctx, as, func() error {
			return retry(func() error {
				return unix.UtimesNanoAt(f.procSelf, strconv.Itoa(m.handle.fd), []unix.Timespec{accessed, written}, 0)
			})
		})
		if err != nil {
			return err
		}
	}
	if set.ChangeTime != nil { // the last, for all others move it
		m.fresh.Store(nil)
		if err := vfs.ActingIn(ctx).End(); err != nil {
			return err
		}
		return f.storeChangeTime(as, m, *set.ChangeTime)
	}
	return nil
}

// store keeps the attributes and the time of creation that set names. Nothing
// is written if that is what the file shows already.
func (f *FS) store(ctx context.Context, as *vfs.Cred, m *node, set vfs.SetAttr) error {
	lock := &f.sideLocks[m.id.File%uint64(len(f.sideLocks))]
	lock.Lock()
	defer lock.Unlock()

	st, err := statFD(m.handle.fd)
	if err != nil {
		return err
	}
	at := m.place()
	stored, fresh := m.freshlyStored(st)
	if !fresh {
		if err := vfs.ActingIn(ctx).End(); err != nil {
			return err
		}
		stored, err = readDOSAttrib(&f.side, at)
		if err == unix.EIO {
			return err // what is there is not to be lost
		}
	}
	now := f.attrNow(st, stored, m)
	next := stored
	if set.Attributes != nil && (*set.Attributes^now.Attributes)&settableAttributes != 0 {
		next.attributes = now.Attributes&^settableAttributes | *set.Attributes&settableAttributes
		if stored.hasAttributes { // with bits that are not shown
			next.attributes = stored.attributes&^settableAttributes | *set.Attributes&settableAttributes
		}
		next.hasAttributes = true
	}
	if set.Sparse != nil && *set.Sparse != (now.Attributes&fscc.FileAttributeSparseFile != 0) {
		if !next.hasAttributes {
			next.attributes = now.Attributes
		}
		next.attributes ^= fscc.FileAttributeSparseFile
		next.hasAttributes = true
	}
	if next.hasAttributes && next.created == 0 && next != stored {
		next.created = dtyp.FileTimeOf(now.CreationTime) // as Samba does, so that copies keep it
	}
	if created := set.CreationTime; created != nil && dtyp.FileTimeOf(*created) != dtyp.FileTimeOf(now.CreationTime) {
		next.created = dtyp.FileTimeOf(*created)
		if !next.hasAttributes {
			next.attributes = now.Attributes // for Samba, which takes them as stored
		}
	}
	if next == stored {
		return nil
	}
	next.change = changeTime{}
	m.fresh.Store(nil)
	err = errCannotStore
	if fresh {
		err = f.doActing(ctx, as, func() error { return f.side.near.set(at, dosAttribName, next.encode()) })
		if err == nil && vfs.ActingIn(ctx) != nil {
			if st, err := statFD(m.handle.fd); err == nil {
				m.noteFresh(st, next)
				m.seen.Store(st)
			}
		}
	}
	if err == errCannotStore {
		if err := vfs.ActingIn(ctx).End(); err != nil {
			return err
		}
		err = f.setSide(as, at, dosAttribName, next.encode())
	}
	if !errors.Is(err, errCannotStore) {
		return err
	}
	// No place on this file system. Archive means "changed since the last
	// backup", which may always be said.
	if set.Sparse != nil ||
		set.Attributes != nil && (*set.Attributes^now.Attributes)&settableAttributes&^fscc.FileAttributeArchive != 0 {
		return ntstatus.NotSupported
	}
	return nil
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
