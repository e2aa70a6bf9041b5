package server

import (
	"errors"

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
// in its way: then it ends with CANCELLED when the client cancels it, with
// RANGE_NOT_LOCKED when the open is closed. [MS-SMB2] 3.3.5.14.2.
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
	if wait && len(locks) > 1 {
		// Deviation: Windows looks at the first element only ([MS-SMB2] <373>).
		return ntstatus.InvalidParameter
	}
	err := a.open.handle.TryLock(ranges...)
	if !wait || err != ntstatus.LockNotGranted {
		return err
	}
	if err := a.pending(); err != nil {
		return err
	}
	ctx, stop := a.open.whileOpen(a.ctx)
	defer stop()
	err = a.open.handle.Lock(ctx, ranges[0])
	if errors.Is(err, errOpenClosed) {
		return ntstatus.RangeNotLocked
	}
	return err
}
