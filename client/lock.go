package client

import (
	"context"

	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/ntstatus"
)

// LockMode is how a byte range is locked.
type LockMode uint8

// Lock modes.
const (
	ExclusiveLock LockMode = iota // nobody else may read or write
	SharedLock                    // everybody may read, nobody write
)

// Lock locks length bytes from off on, and waits until it can or ctx ends.
// [MS-SMB2] 3.2.4.19.
func (f *File) Lock(ctx context.Context, off, length uint64, mode LockMode) error {
	return f.lock(ctx, "lock", smb2.LockElement{Offset: off, Length: length, Flags: lockFlags(mode)})
}

// TryLock is [File.Lock] that fails at once with an error that wraps
// [ntstatus.LockNotGranted] if another has locked some of the range.
func (f *File) TryLock(ctx context.Context, off, length uint64, mode LockMode) error {
	return f.lock(ctx, "lock", smb2.LockElement{Offset: off, Length: length, Flags: lockFlags(mode) | smb2.LockFailImmediately})
}

// Unlock releases exactly the range that was locked. The error wraps
// [ntstatus.RangeNotLocked] if it was not.
func (f *File) Unlock(ctx context.Context, off, length uint64) error {
	return f.lock(ctx, "unlock", smb2.LockElement{Offset: off, Length: length, Flags: smb2.LockUnlock})
}

// lock runs one LOCK. A range that is locked after its caller has given up is
// unlocked again.
func (f *File) lock(ctx context.Context, op string, e smb2.LockElement) error {
	s := f.shared
	if err := s.check(); err != nil {
		return fail(op, s.name, err)
	}
	err := s.repeat(ctx, false, func(o *open) error { return o.lock(ctx, e) })
	return fail(op, s.name, err)
}

func (o *open) lock(ctx context.Context, e smb2.LockElement) error {
	q := o.tree.request(&smb2.LockRequest{FileID: o.id, Locks: []smb2.LockElement{e}})
	if e.Flags&smb2.LockUnlock == 0 {
		q.orphan = func(r reply) {
			if r.header.Status == ntstatus.Success {
				e.Flags = smb2.LockUnlock
				o.conn().post(o.tree.request(&smb2.LockRequest{FileID: o.id, Locks: []smb2.LockElement{e}}))
			}
		}
	}
	replies, err := o.conn().do(ctx, q)
	if err != nil {
		return err
	}
	defer replies[0].release()
	if replies[0].header.Status != ntstatus.Success {
		return replies[0].failure()
	}
	return nil
}

// lockFlags are the flags of a mode.
func lockFlags(mode LockMode) smb2.LockFlags {
	if mode == SharedLock {
		return smb2.LockShared
	}
	return smb2.LockExclusive
}
