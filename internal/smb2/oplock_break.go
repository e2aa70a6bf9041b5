package smb2

import "github.com/signet-smb/signet/internal/wire"

// OplockBreakAcknowledgment is the SMB2 OPLOCK_BREAK Acknowledgment.
// [MS-SMB2] 2.2.24.1.
type OplockBreakAcknowledgment struct {
	OplockLevel OplockLevel
	FileID      FileID
}

// OplockBreakResponse is the SMB2 OPLOCK_BREAK Response, and the Notification,
// which has the same form. [MS-SMB2] 2.2.23.1, 2.2.25.1.
//
// Missing: the lease forms, [MS-SMB2] 2.2.23.2, 2.2.24.2, 2.2.25.2.
type OplockBreakResponse struct {
	OplockLevel OplockLevel
	FileID      FileID
}

func (*OplockBreakAcknowledgment) id() messageID { return messageID{CommandOplockBreak, request} }
func (*OplockBreakResponse) id() messageID       { return messageID{CommandOplockBreak, response} }

func (m *OplockBreakAcknowledgment) decode(r *wire.Reader) {
	m.OplockLevel = OplockLevel(r.U8())
	r.Skip(5)
	m.FileID.decode(r)
}

func (m *OplockBreakAcknowledgment) append(w *wire.Writer) {
	w.U8(uint8(m.OplockLevel))
	w.Zero(5)
	m.FileID.append(w)
}

func (m *OplockBreakResponse) decode(r *wire.Reader) {
	m.OplockLevel = OplockLevel(r.U8())
	r.Skip(5)
	m.FileID.decode(r)
}

func (m *OplockBreakResponse) append(w *wire.Writer) {
	w.U8(uint8(m.OplockLevel))
	w.Zero(5)
	m.FileID.append(w)
}
