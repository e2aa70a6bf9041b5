package fsa

import (
	"time"

	"github.com/signet-smb/signet/dtyp"
)

// Caching is what a client keeps of a stream without asking: what oplocks and
// leases are about. [MS-FSA] 2.1.1.10.
type Caching uint8

// What can be kept. Only the combinations R, RH, RW and RWH are ever held.
const (
	ReadCaching   Caching = 1 << iota // data that was read
	HandleCaching                     // the open, after the program closed the file
	WriteCaching                      // data that was written

	noCaching   Caching = 0
	fullCaching         = ReadCaching | HandleCaching | WriteCaching
)

// LeaseKey is a client's name for a lease. Comparable.
type LeaseKey struct {
	Client dtyp.GUID
	Key    [16]byte
}

// oplock is an opportunistic lock of one Handle, or a lease, which all Handles
// of a client share that name its key. Level II, exclusive and batch are R, RW
// and RWH. [MS-FSA] 2.1.1.10, [MS-SMB2] 3.3.1.12.
//
// A lease is there while it has Handles, whatever it still lets the client
// keep; an oplock while it lets it keep anything.
type oplock struct {
	file    *File         // immutable
	stream  *Stream       // immutable
	link    *Link         // immutable: by which name the file was opened; nil for the root
	key     LeaseKey      // immutable: of a lease
	parent  [16]byte      // immutable: of the lease that the client has on the directory, if hasParent
	timeout time.Duration // immutable: how long a break waits for its acknowledgment

	// Immutable, too.
	lease     bool // else an oplock
	v2        bool // a lease with epochs
	hasParent bool

	// Guarded by file.mu.
	next     *oplock // of stream.oplocks
	state    Caching
	breaking bool    // an acknowledgment is waited for
	final    bool    // none was wanted for what was sent
	offered  Caching // what the client was told that it may keep, while breaking
	required Caching // the most that it will be left with; what broke since may have lowered it
	epoch    uint16
	handles  int           // that share it
	active   int           // of those, the ones that are no stat opens
	owner    any           // who holds it, for the caller's own use
	sent     any           // by what its holder was told of the last break
	breaks   uint32        // how many breaks wanted an acknowledgment
	grants   uint32        // how many answers have told, or will tell, the client what it has
	untold   int           // of those, the ones that are not on their way yet
	held     []heldBreak   // breaks that wait for such answers, the oldest first
	settled  time.Duration // until when a break is repeated, by the clock of the Store; 0: none is
	timer    *time.Timer   // of the break that is waited for
	ended    chan struct{} // closed when that break ends; nil: nobody waits
}

// isLeaseOf says whether o is the lease that key names; nil names none.
func (o *oplock) isLeaseOf(key *LeaseKey) bool { return o.lease && key != nil && o.key == *key }

// Opens that are for nothing but this, and to be told when the file goes away,
// are stat opens: they break nothing. Leases are more tolerant than oplocks.
// [MS-FSA] 2.1.4.12.
const (
	oplockStatRights = dtyp.FileReadAttributes | dtyp.FileWriteAttributes | dtyp.Synchronize
	leaseStatRights  = oplockStatRights | dtyp.ReadControl
)

// isActive says whether an open with the given rights is no stat open.
func isActive(rights dtyp.AccessMask) bool { return rights&^oplockStatRights != 0 }

// attachLocked makes o one of the oplocks of its stream. The caller holds
// file.mu.
func (o *oplock) attachLocked() {
	o.next, o.stream.oplocks = o.stream.oplocks, o
	o.stream.caching.Add(1)
	o.countListing(+1)
}

// countListing counts o among the leases of directories, if it is one.
func (o *oplock) countListing(delta int32) {
	if o.isListing() {
		o.file.store.listings.Add(delta)
	}
}

// detachLocked takes o, which is one of them, from the oplocks of its stream.
// The caller holds file.mu.
func (o *oplock) detachLocked() {
	for at := &o.stream.oplocks; *at != nil; at = &(*at).next {
		if *at == o {
			*at = o.next
			o.stream.caching.Add(-1)
			o.countListing(-1)
			break
		}
	}
	o.next, o.state = nil, noCaching
}

// leaveOplockLocked takes h from its oplock, which goes with the last Handle.
// It returns what is to be closed when all that belongs to closing h is done:
// whoever waits for a break must not find the file half closed; nil if nobody
// waits. The caller holds file.mu.
func (h *Handle) leaveOplockLocked() (ended chan struct{}) {
	o := h.oplock
	if o == nil {
		return nil
	}
	if isActive(h.granted) {
		o.active--
	}
	o.handles--
	if o.handles > 0 {
		return nil
	}
	if o.state != noCaching || o.lease {
		o.detachLocked()
	}
	if o.lease {
		h.volume.store.leases.remove(o)
	}
	o.held = nil
	return o.endBreakLocked()
}
