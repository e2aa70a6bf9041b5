package fsa

import (
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
	err := h.stream.locks.add(h, ranges)
	if err == nil {
		h.breakReadersLocked() // they would not see the locks
	}
	return err
}

// Lock locks one range. If locks are in the way, it returns a PendingLock,
// whose place in the queue is taken, and otherwise what TryLock does.
// [MS-FSA] 2.1.5.8.
func (h *Handle) Lock(r LockRequest) (*PendingLock, error) {
	if err := h.lockable(r); err != nil {
		return nil, err
	}
	h.file.mu.Lock()
	defer h.file.mu.Unlock()
	locks := &h.stream.locks
	l := newRangeLock(h, r)
	if !locks.refuse(l) {
		err := locks.add(h, []LockRequest{r})
		if err == nil {
			h.breakReadersLocked()
		}
		return nil, err
	}
	if h.locks >= int(h.most) {
		return nil, ntstatus.InsufficientResources
	}
	p := &PendingLock{l, make(chan struct{})}
	locks.waiting = append(locks.waiting, p)
	return p, nil
}

// PendingLock is a lock that is waited for. It is granted the moment that no
// lock is in its way any more, the one asked for first before the others.
// Pending locks are in nobody's way, as two could then wait for each other.
// It is granted or withdrawn before its Handle is closed. Safe for concurrent
// use.
type PendingLock struct {
	rangeLock
	granted chan struct{} // closed under File.mu, when it leaves the queue
}

// Granted is closed when the lock is granted.
func (p *PendingLock) Granted() <-chan struct{} { return p.granted }

// Withdraw gives up waiting. It reports false if the lock is granted already.
func (p *PendingLock) Withdraw() bool {
	f := p.owner.file
	f.mu.Lock()
	defer f.mu.Unlock()
	waiting := &p.owner.stream.locks.waiting
	i := slices.Index(*waiting, p)
	if i < 0 {
		return false
	}
	*waiting = slices.Delete(*waiting, i, i+1)
	return true
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
	return h.stream.locks.remove(h, byteRange{off, length})
}

// Locks says how many byte ranges h has locked; those that it waits for do not
// count.
func (h *Handle) Locks() int {
	h.file.mu.Lock()
	defer h.file.mu.Unlock()
	return h.locks
}

// lockable makes the tests that need no look at the locks there are.
func (h *Handle) lockable(ranges ...LockRequest) error {
	if h.isIndex() {
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
	if h.stream.locks.hinder(h, byteRange{off, length}, write) {
		return ntstatus.FileLockConflict
	}
	return nil
}
