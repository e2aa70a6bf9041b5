package fsa

import (
	"slices"

	"github.com/signet-smb/signet/ntstatus"
)

const (
	// maxLocks is how many locks a Handle may hold that names no other number,
	// those waited for not counted. Databases that lock records one by one ask
	// for some ten thousand.
	maxLocks = 1 << 14
	// maxStreamLocks is for all Handles of a stream together, in units of what
	// one of them may hold: every read and write passes all locks.
	maxStreamLocks = 4
)

// byteRange is a range of bytes of a stream; it does not go beyond 2^64.
type byteRange struct{ off, length uint64 }

// overlaps says whether a and b have something in common. An empty range is
// the point before the byte at off, and in common with the ranges that have
// bytes on both sides of it. [MS-FSA] 2.1.4.10.
func (a byteRange) overlaps(b byteRange) bool {
	if a == (byteRange{}) || b == (byteRange{}) {
		return false // there is no byte on the other side
	}
	return a.off <= b.last() && b.off <= a.last()
}

// last is the offset of the last byte; of an empty range, that of the byte
// before it. The range is not that at offset zero.
func (a byteRange) last() uint64 { return a.off + (a.length - 1) }

// rangeLock is the ByteRangeLock of [MS-FSA] 2.1.1.7. Immutable.
type rangeLock struct {
	byteRange
	owner     *Handle
	exclusive bool
}

func newRangeLock(h *Handle, r LockRequest) rangeLock {
	return rangeLock{byteRange{r.Offset, r.Length}, h, r.Exclusive}
}

// rangeLocks are the locks of a stream: those that are held, in the order in
// which they were granted, and those that are waited for, in the order in
// which they were asked for. Guarded by File.mu.
type rangeLocks struct {
	held    []rangeLock
	waiting []*PendingLock
}

// add locks all ranges for h, or none.
func (s *rangeLocks) add(h *Handle, ranges []LockRequest) error {
	before := len(s.held)
	if h.locks+len(ranges) > int(h.most) || before+len(ranges) > maxStreamLocks*int(h.most) {
		return ntstatus.InsufficientResources
	}
	for _, r := range ranges {
		l := newRangeLock(h, r)
		if s.refuse(l) {
			clear(s.held[before:])
			s.held = s.held[:before]
			return ntstatus.LockNotGranted
		}
		s.held = append(s.held, l)
	}
	h.locks += len(ranges)
	return nil
}

// remove takes one lock of h on r back and grants what waited for it.
func (s *rangeLocks) remove(h *Handle, r byteRange) error {
	found := -1
	for i := range s.held {
		if l := &s.held[i]; l.owner == h && l.byteRange == r {
			found = i
			if l.exclusive {
				break
			}
		}
	}
	if found < 0 {
		return ntstatus.RangeNotLocked
	}
	s.held = slices.Delete(s.held, found, found+1)
	h.locks--
	s.grant()
	return nil
}

// removeAll takes all locks of h back, which waits for none, and grants those
// that waited for them. [MS-FSA] 2.1.5.5, phase 9.
func (s *rangeLocks) removeAll(h *Handle) {
	if h.locks == 0 {
		return
	}
	s.held = slices.DeleteFunc(s.held, func(l rangeLock) bool { return l.owner == h })
	h.locks = 0
	s.grant()
}

// grant gives those who wait what nothing is in the way of any more, in the
// order in which they asked.
func (s *rangeLocks) grant() {
	s.waiting = slices.DeleteFunc(s.waiting, func(p *PendingLock) bool {
		if s.refuse(p.rangeLock) {
			return false
		}
		s.held = append(s.held, p.rangeLock)
		p.owner.locks++
		close(p.granted)
		return true
	})
}

// refuse says whether some lock is in the way of l: every one that overlaps,
// if one of the two is exclusive. The exception is a shared lock over an
// exclusive one of the same Handle. [MS-FSA] 2.1.4.10 with the intent to lock.
func (s *rangeLocks) refuse(l rangeLock) bool {
	for i := range s.held {
		held := &s.held[i]
		if (l.exclusive || held.exclusive && held.owner != l.owner) && held.overlaps(l.byteRange) {
			return true
		}
	}
	return false
}

// hinder says whether some lock keeps h from reading, or writing, r: an
// exclusive one of another Handle does, and a shared one, whoever holds it,
// keeps from writing. [MS-FSA] 2.1.4.10 without the intent to lock.
func (s *rangeLocks) hinder(h *Handle, r byteRange, write bool) bool {
	for i := range s.held {
		held := &s.held[i]
		hinders := write
		if held.exclusive {
			hinders = held.owner != h
		}
		if hinders && held.overlaps(r) {
			return true
		}
	}
	return false
}
