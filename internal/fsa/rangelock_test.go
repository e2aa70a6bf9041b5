package fsa

import (
	"testing"

	"github.com/signet-smb/signet/ntstatus"
)

func TestHandleHoldsALimitedNumberOfLocks(t *testing.T) {
	var s rangeLocks
	h, other := &Handle{most: maxLocks}, &Handle{most: maxLocks}
	h.locks = maxLocks - 2
	three := []LockRequest{{Offset: 0, Length: 1}, {Offset: 1, Length: 1}, {Offset: 2, Length: 1}}
	if err := s.add(h, three); err != ntstatus.InsufficientResources || len(s.held) != 0 {
		t.Errorf("three locks where two are left: %v, %d held", err, len(s.held))
	}
	if err := s.add(h, three[:2]); err != nil || h.locks != maxLocks {
		t.Errorf("two locks where two are left: %v, %d counted", err, h.locks)
	}
	if err := s.add(other, three); err != nil {
		t.Errorf("another handle: %v", err)
	}
	if err := s.remove(h, byteRange{0, 1}); err != nil || h.locks != maxLocks-1 {
		t.Errorf("unlock: %v, %d counted", err, h.locks)
	}
	if err := s.add(h, three[:1]); err != nil {
		t.Errorf("lock after the unlock: %v", err)
	}
}

func TestStreamHoldsALimitedNumberOfLocksOfAllHandles(t *testing.T) {
	const most = 10
	var s rangeLocks
	for i := range uint64(maxStreamLocks * most) {
		h := &Handle{most: most}
		if err := s.add(h, []LockRequest{{Offset: i, Length: 1}}); err != nil {
			t.Fatalf("lock %d: %v", i, err)
		}
	}
	late := &Handle{most: most}
	if err := s.add(late, []LockRequest{{Offset: 1 << 20, Length: 1}}); err != ntstatus.InsufficientResources || late.locks != 0 {
		t.Errorf("one lock too many: %v, %d counted", err, late.locks)
	}
}
