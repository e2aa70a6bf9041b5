package server

import (
	"context"

	"github.com/signet-smb/signet/internal/fsa"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/ntstatus"
)

// lock handles LOCK: it locks byte ranges of an open, or unlocks them.
// [MS-SMB2] 3.3.5.14.
func lock(a *authenticated) (smb2.Message, error) {
	var req smb2.LockRequest
	if err := a.decode(&req); err != nil {
		return nil, err
	}
	if a.open.pipe != nil {
		return nil, ntstatus.InvalidDeviceRequest
	}
	sequences := a.open.lockSequencesOn(a.conn.negotiated.Load())
	if sequences.replayed(req.LockSequence) {
		return &smb2.LockResponse{}, nil
	}
	process := lockRanges
	if req.Locks[0].Flags&smb2.LockUnlock != 0 {
		process = unlockRanges
	}
	if err := process(a, req.Locks); err != nil {
		return nil, err
	}
	sequences.done(req.LockSequence)
	return &smb2.LockResponse{}, nil
}

// unlockRanges unlocks one range after the other, up to the first that cannot
// be; those before it stay unlocked. [MS-SMB2] 3.3.5.14.1.
//
// Deviation: Windows lets FAIL_IMMEDIATELY pass here ([MS-SMB2] <371>), which
// 2.2.26.1 does not allow.
func unlockRanges(a *authenticated, locks []smb2.LockElement) error {
	for _, l := range locks {
		if l.Flags != smb2.LockUnlock {
			return ntstatus.InvalidParameter
		}
		if err := a.open.handle.Unlock(l.Offset, l.Length); err != nil {
			return err
		}
	}
	return nil
}

// lockRanges locks all ranges or none. A single one may wait until nothing is
// in its way. [MS-SMB2] 3.3.5.14.2.
//
// Deviation: the specification would keep what was locked before an element
// with nonsensical flags; the client could not know what.
func lockRanges(a *authenticated, locks []smb2.LockElement) error {
	ranges := make([]fsa.LockRequest, len(locks))
	wait := false
	for i, l := range locks {
		kind := l.Flags &^ smb2.LockFailImmediately
		if kind != smb2.LockShared && kind != smb2.LockExclusive {
			return ntstatus.InvalidParameter
		}
		wait = wait || kind == l.Flags
		ranges[i] = fsa.LockRequest{Offset: l.Offset, Length: l.Length, Exclusive: kind == smb2.LockExclusive}
	}
	if !wait {
		return a.open.handle.TryLock(ranges...)
	}
	if len(locks) > 1 {
		// Deviation: Windows looks at the first element only ([MS-SMB2] <373>).
		return ntstatus.InvalidParameter
	}
	pending, err := a.open.handle.Lock(ranges[0])
	if pending == nil {
		return err
	}
	return awaitLock(a, pending)
}

// awaitLock returns when p is granted. Waiting ends with CANCEL and the
// connection, with whatever closes the open (RANGE_NOT_LOCKED), and when the
// server shuts down (CANCELLED).
func awaitLock(a *authenticated, p *fsa.PendingLock) error {
	err := a.pending()
	if err == nil {
		select {
		case <-p.Granted():
			return nil
		case <-a.ctx.Done():
			err = context.Cause(a.ctx)
		case <-a.open.closing:
			err = ntstatus.RangeNotLocked
		case <-a.conn.drained:
			err = ntstatus.Cancelled
		}
	}
	if !p.Withdraw() { // granted at the same moment
		return nil
	}
	return err
}
