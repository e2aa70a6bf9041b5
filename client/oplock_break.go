package client

import (
	"slices"

	"github.com/signet-smb/signet/internal/smb2"
)

// maxEarlyBreaks bounds the notifications that are kept for opens of which
// nobody has heard yet: so many opens can be answered before their callers run.
const maxEarlyBreaks = 64

// unsolicited takes what the server says by itself: that somebody else wants
// what a lease or an oplock keeps. Everything else is dropped. Nothing of this
// kind is ever signed. What is said of an oplock, of one session, is sealed
// where that is; a lease is no session's, and Samba never seals what it says of
// one: whoever forges that takes nothing but files' durability, as would cutting
// the connection. [MS-SMB2] 3.2.5.19, 3.3.4.7.
func (c *connection) unsolicited(e smb2.Element, sealed bool) error {
	s := c.session.Load()
	if s == nil || s.opens == nil || e.Header.Command != smb2.CommandOplockBreak {
		return nil
	}
	if smb2.IsLeaseBreak(e.Message) {
		var n smb2.LeaseBreakNotification
		if err := smb2.Decode(e.Message, &n); err != nil {
			return violation("3.2.5.19.2", "%v", err)
		}
		s.opens.breakLease(&n)
		return nil
	}
	if s.encryptData && !sealed {
		return nil
	}
	var n smb2.OplockBreakNotification
	if err := smb2.Decode(e.Message, &n); err != nil {
		return violation("3.2.5.19.1", "%v", err)
	}
	s.opens.breakOplock(&n)
	return nil
}

// breakLease lowers a lease, and says so to the server if that wants to know.
// Nothing is ever raised by it, so that a server cannot have us answer for
// ever. [MS-SMB2] 3.2.5.19.2.
func (o *opens) breakLease(n *smb2.LeaseBreakNotification) {
	o.mu.Lock()
	defer o.mu.Unlock()
	d := o.leases[n.LeaseKey]
	if d == nil {
		return
	}
	lower := d.lease & n.NewLeaseState
	if lower == d.lease {
		return
	}
	d.lease, d.epoch = lower, n.NewEpoch
	d.granted = d.granted && lower&smb2.LeaseHandleCaching != 0
	if n.Flags&smb2.LeaseBreakAckRequired != 0 {
		d.tell(&smb2.LeaseBreakAcknowledgment{LeaseKey: d.leaseKey, LeaseState: lower})
	}
}

// breakOplock is breakLease for an oplock. [MS-SMB2] 3.2.5.19.1.
func (o *opens) breakOplock(n *smb2.OplockBreakNotification) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if d := o.files[n.FileID]; d != nil {
		o.breakLocked(d, n.OplockLevel)
		return
	}
	if i := slices.IndexFunc(o.early, func(e smb2.OplockBreakNotification) bool { return e.FileID == n.FileID }); i >= 0 {
		o.early = slices.Delete(o.early, i, i+1)
	} else if len(o.early) == maxEarlyBreaks {
		o.early = slices.Delete(o.early, 0, 1)
	}
	o.early = append(o.early, *n)
}

// breakLocked lowers the oplock of d to level. o.mu is held.
func (o *opens) breakLocked(d *durability, level smb2.OplockLevel) {
	if level >= d.oplock || level != smb2.OplockNone && level != smb2.OplockII {
		return
	}
	tell := d.oplock > smb2.OplockII
	d.oplock, d.granted = level, false
	if tell {
		d.tell(&smb2.OplockBreakAcknowledgment{OplockLevel: level, FileID: d.id})
	}
}

// tell sends m, for whose answer nobody waits. opens.mu is held.
func (d *durability) tell(m smb2.Message) {
	if t := d.tree.living(); t != nil {
		t.session.conn.post(t.request(m))
	}
}
