package fsa

import (
	"time"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/vfs"
)

// OplockRequest is the oplock or lease that a client wants with an open.
// [MS-FSA] 2.1.5.18.
type OplockRequest struct {
	Want    Caching       // R, RW and RWH stand for level II, exclusive and batch
	Timeout time.Duration // how long a break of it waits for its acknowledgment
	Lease   bool          // what follows counts

	Key         LeaseKey
	Directories bool // the lease may be one of a directory
	V2          bool // the client knows epochs
	Epoch       uint16
	HasParent   bool
	Parent      [16]byte // the key of the client's lease of the directory, if HasParent

	Granted Grant // set by an open that succeeds
}

// key returns the key of the lease that is asked for; nil without one.
func (r *OplockRequest) key() *LeaseKey {
	if r == nil || !r.Lease {
		return nil
	}
	return &r.Key
}

// Grant is what a client has with an open. Until the answer that tells it so is
// on its way ([Grant.Told]), it hears of no break that came after. The zero
// Grant is nothing.
type Grant struct {
	Caching   Caching
	Lease     bool
	V2        bool // of a lease: the first that asked for it knew epochs
	Breaking  bool // an acknowledgment is waited for
	Epoch     uint16
	HasParent bool
	Parent    [16]byte

	oplock *oplock
	number uint32 // which of the oplock's answers tells of it
}

// maxKeptLocked returns the most that a new open may be allowed to keep of what
// it wants; of the lease that it shares, if any, nothing is in its way. The
// caller holds file.mu, and has not counted h yet. [MS-FSA] 2.1.5.18.1,
// 2.1.5.18.2.
func (h *Handle) maxKeptLocked(r *OplockRequest, own *oplock, overwritten bool) Caching {
	s, want := h.stream, r.Want
	if want&ReadCaching == 0 {
		return noCaching // H, W and WH mean nothing
	}
	active := s.active
	if own != nil {
		active -= own.active
	}
	alone, handleLease, plain := active == 0, false, false
	for o := s.oplocks; o != nil; o = o.next {
		if o == own {
			continue
		}
		alone = false
		handleLease = handleLease || o.lease && o.state&HandleCaching != 0
		plain = plain || !o.lease
	}
	if !alone {
		want &^= WriteCaching
	}
	if r.Lease && plain { // an oplock has no handle caching to go with it
		want &^= HandleCaching
	}
	switch {
	case want&WriteCaching == 0 && len(s.locks.held) > 0 && !overwritten:
		return noCaching // who reads from a cache does not see the locks of others
	case !r.Lease && handleLease:
		return noCaching
	case !r.Lease && want&WriteCaching == 0:
		return ReadCaching // there is no oplock that is RH
	}
	return want
}

// grantLocked gives h, which nothing stands in the way of and which is not
// counted yet, what is asked for as far as that is possible. It returns
// ntstatus.InvalidParameter, with nothing changed, if the client has a lease of
// that key on something else. The caller holds file.mu.
//
// Who opens a file that is there for its attributes alone gets no oplock; needed
// are the rights that h needs.
func (o *opening) grantLocked(h *Handle, needed dtyp.AccessMask, existing bool) (err error) {
	r := o.Oplock
	switch {
	case r == nil:
	case r.Lease && h.isIndex() && !r.Directories, !r.Lease && (h.isIndex() || existing && !isActive(needed)):
		r.Granted = Grant{}
	default:
		if h.isIndex() {
			r.Want &^= WriteCaching // asked for by mistake, as Windows takes it
		}
		r.Granted, err = h.grantOplockLocked(r, existing && o.overwrites())
	}
	return err
}

// grantOplockLocked is grantLocked where it may be granted. overwritten says
// that the file has lost its data.
func (h *Handle) grantOplockLocked(r *OplockRequest, overwritten bool) (Grant, error) {
	if r.Lease {
		return h.grantLeaseLocked(r, overwritten)
	}
	kept := h.maxKeptLocked(r, nil, overwritten)
	if kept == noCaching {
		return Grant{}, nil
	}
	o := h.newOplock(r)
	o.state = kept
	o.attachLocked()
	return h.joinLocked(o), nil
}

// newOplock makes an oplock for h that nobody knows yet.
func (h *Handle) newOplock(r *OplockRequest) *oplock {
	return &oplock{
		file: h.file, stream: h.stream, link: h.link, timeout: r.Timeout,
		lease: r.Lease, key: r.Key, v2: r.V2, hasParent: r.HasParent, parent: r.Parent,
	}
}

// grantLeaseLocked makes h one of the Handles of a lease. One that is there
// already is raised if all of what is wanted can be had, and is more.
// [MS-SMB2] 3.3.5.9.8, 3.3.5.9.11. The caller holds file.mu.
func (h *Handle) grantLeaseLocked(r *OplockRequest, overwritten bool) (Grant, error) {
	leases := &h.volume.store.leases
	for o := h.stream.oplocks; o != nil; o = o.next {
		if !o.isLeaseOf(&r.Key) {
			continue
		}
		kept := h.maxKeptLocked(r, o, overwritten)
		if !o.breaking && kept == r.Want && kept&o.state == o.state && kept != o.state {
			o.state = kept
			o.epoch++
		}
		return h.joinLocked(o), nil
	}
	o := h.newOplock(r)
	o.state, o.epoch = h.maxKeptLocked(r, nil, overwritten), r.Epoch
	if o.state != noCaching {
		o.epoch++
	}
	if !leases.add(o) {
		return Grant{}, ntstatus.InvalidParameter
	}
	o.attachLocked()
	return h.joinLocked(o), nil
}

// joinLocked makes h one of the Handles of o. The caller holds file.mu.
func (h *Handle) joinLocked(o *oplock) Grant {
	h.oplock = o
	o.handles++
	if isActive(h.granted) {
		o.active++
	}
	o.grants++
	o.untold++
	return Grant{
		Caching: o.state, Lease: o.lease, V2: o.v2, Breaking: o.breaking, Epoch: o.epoch,
		HasParent: o.hasParent, Parent: o.parent,
		oplock: o, number: o.grants,
	}
}

// checkLease returns ntstatus.InvalidParameter if the client has the lease that
// it asks for on something else than l of f, or that one's stream; without f, on
// anything. [MS-SMB2] 3.3.5.9.8.
func (o *opening) checkLease(f *File, l *Link) error {
	key := o.Oplock.key()
	if key == nil {
		return nil
	}
	held := o.volume.store.leases.find(*key)
	switch {
	case held == nil, f != nil && held.file == f && held.link == l && held.isOn(o.path.stream):
		return nil
	case held.link.deletePending():
		// Lease.FileDeleteOnClose: the client may have begun anew under the name.
		held.forsake()
		return nil
	}
	return ntstatus.InvalidParameter
}

// isOn says whether o is of the stream of that name of its file.
func (o *oplock) isOn(name string) bool {
	o.file.mu.Lock()
	defer o.file.mu.Unlock()
	if name == "" {
		return o.stream == &o.file.stream
	}
	return o.stream != &o.file.stream && vfs.Fold(o.stream.name) == vfs.Fold(name)
}

// forsake ends a lease that its client has given up, but not closed yet.
func (o *oplock) forsake() {
	o.file.mu.Lock()
	defer o.file.mu.Unlock()
	o.file.store.leases.remove(o)
	o.loseLocked()
}
