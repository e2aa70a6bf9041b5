package fsa

import (
	"context"
	"slices"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/ntstatus"
)

// LockRequest is a range of bytes to be locked. [MS-FSA] 2.1.5.8.
type LockRequest struct {
	Offset uint64 // bytes from the start of the file; it may lie behind the end
	Length uint64 // bytes; zero locks the point before the byte at Offset

	// Exclusive keeps the other Handles from reading, writing and locking the
	// range. A lock that is not exclusive is shared: it keeps every Handle,
	// its owner's included, from writing and from locking exclusively.
	Exclusive bool
}

// lockRights are the rights that a Handle needs one of, to lock or unlock.
const lockRights = dtyp.FileReadData | dtyp.FileWriteData

// TryLock locks all ranges or none, without waiting.
//
// It returns ntstatus.LockNotGranted if a lock is in the way, the caller's own
// included, ntstatus.InvalidLockRange for a range that goes beyond 2^64 bytes,
// ntstatus.InvalidParameter for a directory, ntstatus.AccessDenied for a
// Handle that neither reads nor writes, and ntstatus.InsufficientResources
// where a Handle has too many locks. [MS-FSA] 2.1.5.8.
func (h *Handle) TryLock(ranges ...LockRequest) error {
	if err := h.lockable(ranges...); err != nil {
		return err
	}
	h.file.mu.Lock()
	defer h.file.mu.Unlock()
	return h.file.stream.locks.add(h, ranges)
}

// Lock locks one range, and waits as long as locks are in the way. Whoever
// waits for a range has it the moment that nothing is in the way any more, the
// first who asked first; but nobody waits for those who wait, as that could go
// round in a circle. The error is that of TryLock, or the cause of ctx's end.
// [MS-FSA] 2.1.5.8.
func (h *Handle) Lock(ctx context.Context, r LockRequest) error {
	if err := h.lockable(r); err != nil {
		return err
	}
	f := h.file
	f.mu.Lock()
	locks := &f.stream.locks
	if err := locks.add(h, []LockRequest{r}); err != ntstatus.LockNotGranted {
		f.mu.Unlock()
		return err
	}
	w := &lockWaiter{newRangeLock(h, r), make(chan struct{})}
	locks.waiting = append(locks.waiting, w)
	f.mu.Unlock()

	select {
	case <-w.granted:
		return nil
	case <-ctx.Done():
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	i := slices.Index(locks.waiting, w)
	if i < 0 { // granted at the same moment
		return nil
	}
	locks.waiting = slices.Delete(locks.waiting, i, i+1)
	return context.Cause(ctx)
}

// Unlock takes back one lock of h on exactly that range, in bytes: an
// exclusive one, if there is one. It returns ntstatus.RangeNotLocked if there
// is none: ranges neither merge nor split. [MS-FSA] 2.1.5.9.
func (h *Handle) Unlock(off, length uint64) error {
	if err := h.lockable(LockRequest{Offset: off, Length: length}); err != nil {
		return err
	}
	h.file.mu.Lock()
	defer h.file.mu.Unlock()
	return h.file.stream.locks.remove(h, byteRange{off, length})
}

// lockable makes the tests that need no look at the locks there are.
func (h *Handle) lockable(ranges ...LockRequest) error {
	if h.file.directory {
		return ntstatus.InvalidParameter
	}
	if h.data == nil || !h.granted.HasAny(lockRights) {
		return ntstatus.AccessDenied
	}
	for _, r := range ranges {
		if r.Length > 0 && r.Offset+(r.Length-1) < r.Offset {
			return ntstatus.InvalidLockRange
		}
	}
	return nil
}

// checkLocks returns ntstatus.FileLockConflict if a lock keeps h from reading,
// or writing, length bytes at off. [MS-FSA] 2.1.4.10.
//
// It says how things are at this moment: a lock that is granted during the
// read or write does not wait for it.
func (h *Handle) checkLocks(off, length uint64, write bool) error {
	h.file.mu.Lock()
	defer h.file.mu.Unlock()
	if h.file.stream.locks.hinder(h, byteRange{off, length}, write) {
		return ntstatus.FileLockConflict
	}
	return nil
}
