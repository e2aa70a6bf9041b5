package smb2

import "github.com/signet-smb/signet/internal/wire"

// LeaseKey is the client's name for a lease. [MS-SMB2] 2.2.13.2.8.
type LeaseKey [16]byte

// LeaseState is what a lease lets the client cache. [MS-SMB2] 2.2.13.2.8.
type LeaseState uint32

// Lease states; 0 is none.
const (
	LeaseReadCaching   LeaseState = 0x01
	LeaseHandleCaching LeaseState = 0x02
	LeaseWriteCaching  LeaseState = 0x04
)

// LeaseBreakFlags is the Flags field of a lease break notification.
// [MS-SMB2] 2.2.23.2.
type LeaseBreakFlags uint32

// LeaseBreakAckRequired asks the client for an acknowledgment.
const LeaseBreakAckRequired LeaseBreakFlags = 0x01

// LeaseBreakNotification tells the client that its lease is being broken; its
// MessageId is [UnsolicitedMessageID]. [MS-SMB2] 2.2.23.2.
type LeaseBreakNotification struct {
	NewEpoch          uint16 // dialects 3.x; else 0
	Flags             LeaseBreakFlags
	LeaseKey          LeaseKey
	CurrentLeaseState LeaseState
	NewLeaseState     LeaseState
}

// LeaseBreakAcknowledgment is the client's request that answers the
// notification. [MS-SMB2] 2.2.24.2.
type LeaseBreakAcknowledgment struct {
	LeaseKey   LeaseKey
	LeaseState LeaseState // what the client keeps
}

// LeaseBreakResponse is the server's response to the acknowledgment.
// [MS-SMB2] 2.2.25.2.
type LeaseBreakResponse struct {
	LeaseKey   LeaseKey
	LeaseState LeaseState // what is granted
}

func (*LeaseBreakNotification) id() messageID { return leaseBreakNotification }

func (m *LeaseBreakNotification) decode(r *wire.Reader) {
	m.NewEpoch = r.U16()
	m.Flags = LeaseBreakFlags(r.U32())
	r.Copy(m.LeaseKey[:])
	m.CurrentLeaseState = LeaseState(r.U32())
	m.NewLeaseState = LeaseState(r.U32())
	r.Skip(4) // BreakReason
	r.Skip(4) // AccessMaskHint
	r.Skip(4) // ShareMaskHint
}

func (m *LeaseBreakNotification) append(w *wire.Writer) {
	w.U16(m.NewEpoch)
	w.U32(uint32(m.Flags))
	w.Bytes(m.LeaseKey[:])
	w.U32(uint32(m.CurrentLeaseState))
	w.U32(uint32(m.NewLeaseState))
	w.U32(0) // BreakReason
	w.U32(0) // AccessMaskHint
	w.U32(0) // ShareMaskHint
}

func (*LeaseBreakAcknowledgment) id() messageID { return leaseBreakAcknowledgment }

func (m *LeaseBreakAcknowledgment) decode(r *wire.Reader) {
	m.LeaseKey, m.LeaseState = decodeLeaseBreak(r)
}

func (m *LeaseBreakAcknowledgment) append(w *wire.Writer) {
	appendLeaseBreak(w, m.LeaseKey, m.LeaseState)
}

func (*LeaseBreakResponse) id() messageID { return leaseBreakResponse }

func (m *LeaseBreakResponse) decode(r *wire.Reader) {
	m.LeaseKey, m.LeaseState = decodeLeaseBreak(r)
}

func (m *LeaseBreakResponse) append(w *wire.Writer) {
	appendLeaseBreak(w, m.LeaseKey, m.LeaseState)
}

// decodeLeaseBreak reads the layout that acknowledgment and response have.
func decodeLeaseBreak(r *wire.Reader) (key LeaseKey, state LeaseState) {
	r.Skip(2) // Reserved
	r.Skip(4) // Flags
	r.Copy(key[:])
	state = LeaseState(r.U32())
	r.Skip(8) // LeaseDuration
	return key, state
}

func appendLeaseBreak(w *wire.Writer, key LeaseKey, state LeaseState) {
	w.U16(0) // Reserved
	w.U32(0) // Flags
	w.Bytes(key[:])
	w.U32(uint32(state))
	w.U64(0) // LeaseDuration
}
