package smb2

import "github.com/signet-smb/signet/internal/wire"

// LeaseFlags is the Flags field of a lease. [MS-SMB2] 2.2.13.2.10, 2.2.14.2.11.
type LeaseFlags uint32

// Lease flags. [MS-SMB2] 2.2.13.2.10, 2.2.14.2.10, 2.2.14.2.11.
const (
	LeaseBreakInProgress   LeaseFlags = 0x02 // responses only
	LeaseParentLeaseKeySet LeaseFlags = 0x04 // version 2 only
)

// Lease is the data of [CreateLease] in either version and either direction:
// the lease that is wanted, or granted. [MS-SMB2] 2.2.13.2.8, 2.2.13.2.10,
// 2.2.14.2.10, 2.2.14.2.11.
type Lease struct {
	V2             bool // version 2, dialects 3.x; its length alone tells it from version 1
	LeaseKey       LeaseKey
	LeaseState     LeaseState
	Flags          LeaseFlags // to be ignored in a request of version 1
	ParentLeaseKey LeaseKey   // version 2, if LeaseParentLeaseKeySet is set
	Epoch          uint16     // version 2
}

// leaseV1Size is the length of version 1 in bytes.
const leaseV1Size = 32

// Lease reads the data of [CreateLease].
func (c CreateContext) Lease() (Lease, error) {
	return readContext(c, func(r *wire.Reader) Lease {
		l := Lease{V2: r.Len() > leaseV1Size}
		r.Copy(l.LeaseKey[:])
		l.LeaseState = LeaseState(r.U32())
		l.Flags = LeaseFlags(r.U32())
		r.Skip(8) // LeaseDuration
		if l.V2 {
			r.Copy(l.ParentLeaseKey[:])
			l.Epoch = r.U16()
			r.Skip(2) // Reserved
		}
		return l
	})
}

// LeaseContext encodes l.
func LeaseContext(l Lease) CreateContext {
	return newContext(CreateLease, func(w *wire.Writer) {
		w.Bytes(l.LeaseKey[:])
		w.U32(uint32(l.LeaseState))
		w.U32(uint32(l.Flags))
		w.U64(0) // LeaseDuration
		if l.V2 {
			w.Bytes(l.ParentLeaseKey[:])
			w.U16(l.Epoch)
			w.U16(0) // Reserved
		}
	})
}
