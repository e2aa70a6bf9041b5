package smb2

import "github.com/signet-smb/signet/internal/wire"

// SessionSetupFlags is the Flags field of a SESSION_SETUP request.
// [MS-SMB2] 2.2.5.
type SessionSetupFlags uint8

// SessionSetupBinding asks to bind the session to a further connection.
const SessionSetupBinding SessionSetupFlags = 0x01

// SessionFlags is the SessionFlags field of a SESSION_SETUP response.
// [MS-SMB2] 2.2.6.
type SessionFlags uint16

// Session flags.
const (
	SessionIsGuest     SessionFlags = 0x0001
	SessionIsNull      SessionFlags = 0x0002
	SessionEncryptData SessionFlags = 0x0004
)

// SessionSetupRequest is the SMB2 SESSION_SETUP Request. [MS-SMB2] 2.2.5.
type SessionSetupRequest struct {
	Flags             SessionSetupFlags
	SecurityMode      SecurityMode // one byte on the wire
	Capabilities      Capabilities
	Channel           uint32
	PreviousSessionID SessionID
	SecurityBuffer    []byte // GSS token
}

// SessionSetupResponse is the SMB2 SESSION_SETUP Response. [MS-SMB2] 2.2.6.
type SessionSetupResponse struct {
	SessionFlags   SessionFlags
	SecurityBuffer []byte // GSS token
}

func (*SessionSetupRequest) id() messageID { return sessionSetupRequest }

func (m *SessionSetupRequest) decode(r *wire.Reader) {
	m.Flags = SessionSetupFlags(r.U8())
	m.SecurityMode = SecurityMode(r.U8())
	m.Capabilities = Capabilities(r.U32())
	m.Channel = r.U32()
	buffer := r.Ref(uint64(r.U16()), uint64(r.U16()))
	m.PreviousSessionID = SessionID(r.U64())
	m.SecurityBuffer = r.At(buffer)
}

func (m *SessionSetupRequest) append(w *wire.Writer) {
	w.U8(uint8(m.Flags))
	w.U8(uint8(m.SecurityMode))
	w.U32(uint32(m.Capabilities))
	w.U32(m.Channel)
	bufferOffset := w.Hole(2)
	w.U16(uint16(len(m.SecurityBuffer)))
	w.U64(uint64(m.PreviousSessionID))
	w.Fill(bufferOffset, w.Offset())
	w.Bytes(m.SecurityBuffer)
}

func (*SessionSetupResponse) id() messageID { return sessionSetupResponse }

func (m *SessionSetupResponse) decode(r *wire.Reader) {
	m.SessionFlags = SessionFlags(r.U16())
	buffer := r.Ref(uint64(r.U16()), uint64(r.U16()))
	m.SecurityBuffer = r.At(buffer)
}

func (m *SessionSetupResponse) append(w *wire.Writer) {
	w.U16(uint16(m.SessionFlags))
	bufferOffset := w.Hole(2)
	w.U16(uint16(len(m.SecurityBuffer)))
	w.Fill(bufferOffset, w.Offset())
	w.Bytes(m.SecurityBuffer)
}
