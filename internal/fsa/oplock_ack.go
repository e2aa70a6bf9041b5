package fsa

import "github.com/signet-smb/signet/ntstatus"

// AcknowledgeLease is a client's answer to the break of a lease: it keeps only
// what is given. If that is more than may be kept by now, the lease is broken
// once more, behind the answer that [Grant.Told] is called for. What it returns
// as an ntstatus.Status, [MS-SMB2] 3.3.5.22.2:
//
//   - ObjectNameNotFound: the client has no such lease;
//   - Unsuccessful: nothing was asked of it;
//   - RequestNotAccepted: it keeps more than it was offered.
func (s *Store) AcknowledgeLease(key LeaseKey, keeps Caching) (Grant, error) {
	o := s.leases.find(key)
	if o == nil {
		return Grant{}, ntstatus.ObjectNameNotFound
	}
	o.file.mu.Lock()
	defer o.file.mu.Unlock()
	switch {
	case o.handles == 0:
		return Grant{}, ntstatus.ObjectNameNotFound
	case !o.breaking:
		return Grant{}, ntstatus.Unsuccessful
	case keeps&^o.offered != 0:
		return Grant{}, ntstatus.RequestNotAccepted
	}
	return o.acknowledgeLocked(keeps), nil
}

// AcknowledgeOplock is AcknowledgeLease for the oplock of h. A client that keeps
// what an oplock does not break to loses it: ntstatus.InvalidOplockProtocol.
//
// Without one it is ntstatus.InvalidDeviceState.
//
// Deviation: where it is not being broken, InvalidOplockProtocol too, as with
// Windows and Samba; [MS-SMB2] 3.3.5.22.1 has INVALID_DEVICE_STATE.
func (h *Handle) AcknowledgeOplock(keeps Caching) (Grant, error) {
	h.file.mu.Lock()
	defer h.file.mu.Unlock()
	o := h.oplock
	switch {
	case o == nil:
		return Grant{}, ntstatus.InvalidDeviceState
	case o.lease || !o.breaking:
		return Grant{}, ntstatus.InvalidOplockProtocol
	case keeps&^ReadCaching != 0:
		o.acknowledgeLocked(noCaching)
		return Grant{}, ntstatus.InvalidOplockProtocol
	}
	// It need not know yet that by now it must give up all.
	return o.acknowledgeLocked(keeps & o.offered), nil
}

// acknowledgeLocked ends the break of o, whose holder keeps no more than it was
// offered, or begins the next step of it: then who waits goes on waiting. The
// caller holds file.mu.
func (o *oplock) acknowledgeLocked(keeps Caching) Grant {
	ended := o.endBreakLocked()
	o.state = keeps
	g := o.answerLocked()
	if keeps&^o.required != 0 {
		o.stepLocked()
	}
	if o.state == noCaching && !o.lease {
		o.detachLocked()
	}
	if o.breaking {
		o.ended = ended
	} else if ended != nil {
		close(ended)
	}
	return g
}

// answerLocked returns what an answer that is about to be given tells of o. The
// caller holds file.mu.
func (o *oplock) answerLocked() Grant {
	o.grants++
	o.untold++
	return Grant{Caching: o.state, Lease: o.lease, Epoch: o.epoch, oplock: o, number: o.grants}
}

// stepLocked goes on with a break whose holder keeps more than it may, for more
// was broken since it was told: first what needs an acknowledgment, then the
// rest, as Windows does. The epoch stays, as with Windows before its updates of
// 2024. [MS-SMB2] <248>. The caller holds file.mu.
func (o *oplock) stepLocked() {
	if o.state == ReadCaching {
		o.tellLocked(noCaching, false)
		o.state = noCaching
		return
	}
	required := o.required
	o.offerLocked(required | ReadCaching)
	o.required = required
}

// expire ends the break that was told by the given number, if it is still the
// one that is waited for: a client that does not answer keeps nothing.
// [MS-SMB2] 3.3.6.1, 3.3.6.5.
func (o *oplock) expire(number uint32) {
	o.file.mu.Lock()
	defer o.file.mu.Unlock()
	if o.breaking && o.breaks == number {
		o.loseLocked()
	}
}

// loseLocked takes everything from a holder that is not going to acknowledge.
// The caller holds file.mu.
func (o *oplock) loseLocked() {
	ended := o.endBreakLocked()
	o.state, o.held = noCaching, nil
	if !o.lease {
		o.detachLocked()
	}
	if ended != nil {
		close(ended)
	}
}
