package smb2

import "github.com/signet-smb/signet/internal/wire"

// OplockBreakNotification tells the client that its oplock is being broken;
// its MessageId is [UnsolicitedMessageID]. [MS-SMB2] 2.2.23.1.
type OplockBreakNotification struct {
	OplockLevel OplockLevel // the highest that an acknowledgment may keep
	FileID      FileID
}

// OplockBreakAcknowledgment is the client's request that answers the
// notification. [MS-SMB2] 2.2.24.1.
type OplockBreakAcknowledgment struct {
	OplockLevel OplockLevel // what the client keeps
	FileID      FileID
}

// OplockBreakResponse is the server's response to the acknowledgment.
// [MS-SMB2] 2.2.25.1.
type OplockBreakResponse struct {
	OplockLevel OplockLevel // what is granted
	FileID      FileID
}

// IsLeaseBreak reports whether the body of msg, an OPLOCK_BREAK of any kind
// that begins with its SMB2 header, has the lease form. StructureSize alone
// tells. [MS-SMB2] 3.3.5.22.
func IsLeaseBreak(msg []byte) bool {
	r := wire.NewReader(msg)
	r.Skip(HeaderSize)
	size := r.U16()
	return size == messages[leaseBreakAcknowledgment].structureSize || // or response
		size == messages[leaseBreakNotification].structureSize
}

func (*OplockBreakNotification) id() messageID   { return oplockBreakNotification }
func (*OplockBreakAcknowledgment) id() messageID { return oplockBreakAcknowledgment }
func (*OplockBreakResponse) id() messageID       { return oplockBreakResponse }

func (m *OplockBreakNotification) decode(r *wire.Reader) {
	m.OplockLevel, m.FileID = decodeOplockBreak(r)
}

func (m *OplockBreakNotification) append(w *wire.Writer) {
	appendOplockBreak(w, m.OplockLevel, m.FileID)
}

func (m *OplockBreakAcknowledgment) decode(r *wire.Reader) {
	m.OplockLevel, m.FileID = decodeOplockBreak(r)
}

func (m *OplockBreakAcknowledgment) append(w *wire.Writer) {
	appendOplockBreak(w, m.OplockLevel, m.FileID)
}

func (m *OplockBreakResponse) decode(r *wire.Reader) {
	m.OplockLevel, m.FileID = decodeOplockBreak(r)
}

func (m *OplockBreakResponse) append(w *wire.Writer) {
	appendOplockBreak(w, m.OplockLevel, m.FileID)
}

// decodeOplockBreak reads the layout that all three have.
func decodeOplockBreak(r *wire.Reader) (level OplockLevel, id FileID) {
	level = OplockLevel(r.U8())
	r.Skip(1) // Reserved
	r.Skip(4) // Reserved2
	id.decode(r)
	return level, id
}

func appendOplockBreak(w *wire.Writer, level OplockLevel, id FileID) {
	w.U8(uint8(level))
	w.U8(0)  // Reserved
	w.U32(0) // Reserved2
	id.append(w)
}
