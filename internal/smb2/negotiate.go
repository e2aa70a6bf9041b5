package smb2

import (
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/wire"
)

// Dialect is a dialect revision number. [MS-SMB2] 2.2.3.
type Dialect uint16

// Dialects. [MS-SMB2] 2.2.3, 2.2.4.
const (
	Dialect202      Dialect = 0x0202
	Dialect210      Dialect = 0x0210
	Dialect300      Dialect = 0x0300
	Dialect302      Dialect = 0x0302
	Dialect311      Dialect = 0x0311
	DialectWildcard Dialect = 0x02FF
)

// SecurityMode is the signing mode of NEGOTIATE and SESSION_SETUP.
// [MS-SMB2] 2.2.3, 2.2.5.
type SecurityMode uint16

// Security modes.
const (
	SigningEnabled  SecurityMode = 0x0001
	SigningRequired SecurityMode = 0x0002
)

// Capabilities is the Capabilities field of NEGOTIATE. [MS-SMB2] 2.2.3.
type Capabilities uint32

// Capabilities. [MS-SMB2] 2.2.3, 2.2.4.
const (
	CapDFS               Capabilities = 0x00000001
	CapLeasing           Capabilities = 0x00000002
	CapLargeMTU          Capabilities = 0x00000004
	CapMultiChannel      Capabilities = 0x00000008
	CapPersistentHandles Capabilities = 0x00000010
	CapDirectoryLeasing  Capabilities = 0x00000020
	CapEncryption        Capabilities = 0x00000040
	CapNotifications     Capabilities = 0x00000080
)

// NegotiateRequest is the SMB2 NEGOTIATE Request. [MS-SMB2] 2.2.3.
type NegotiateRequest struct {
	SecurityMode    SecurityMode
	Capabilities    Capabilities
	ClientGUID      dtyp.GUID
	ClientStartTime dtyp.FileTime      // when Dialects lacks 3.1.1; else unused
	Dialects        []Dialect          // at most MaxDialects
	Contexts        []NegotiateContext // when Dialects has 3.1.1; at most MaxNegotiateContexts
}

// NegotiateResponse is the SMB2 NEGOTIATE Response. [MS-SMB2] 2.2.4.
type NegotiateResponse struct {
	SecurityMode    SecurityMode
	DialectRevision Dialect
	ServerGUID      dtyp.GUID
	Capabilities    Capabilities
	MaxTransactSize uint32 // bytes
	MaxReadSize     uint32 // bytes
	MaxWriteSize    uint32 // bytes
	SystemTime      dtyp.FileTime
	ServerStartTime dtyp.FileTime
	SecurityBuffer  []byte             // GSS token
	Contexts        []NegotiateContext // dialect 3.1.1 only
}

func (*NegotiateRequest) id() messageID  { return messageID{CommandNegotiate, request} }
func (*NegotiateResponse) id() messageID { return messageID{CommandNegotiate, response} }

// has311 reports whether the request's last fixed field is that of dialect
// 3.1.1. [MS-SMB2] 2.2.3.
func (m *NegotiateRequest) has311() bool {
	for _, d := range m.Dialects {
		if d == Dialect311 {
			return true
		}
	}
	return false
}

func (m *NegotiateRequest) decode(r *wire.Reader) {
	dialects := int(r.U16())
	m.SecurityMode = SecurityMode(r.U16())
	r.Skip(2)
	m.Capabilities = Capabilities(r.U32())
	r.Copy(m.ClientGUID[:])
	// ClientStartTime, or with 3.1.1 the place of the contexts; which of them
	// follows from what comes behind.
	tail := r.U64()
	r.Check(dialects <= MaxDialects, "DialectCount")
	if r.Err() != nil {
		return
	}
	m.Dialects = make([]Dialect, dialects)
	for i := range m.Dialects {
		m.Dialects[i] = Dialect(r.U16())
	}
	if !m.has311() {
		m.ClientStartTime = dtyp.FileTime(tail)
		return
	}
	m.Contexts = decodeNegotiateContexts(r, uint32(tail), uint16(tail>>32))
}

func (m *NegotiateRequest) append(w *wire.Writer) {
	w.U16(uint16(len(m.Dialects)))
	w.U16(uint16(m.SecurityMode))
	w.Zero(2)
	w.U32(uint32(m.Capabilities))
	w.Bytes(m.ClientGUID[:])
	if !m.has311() {
		w.U64(uint64(m.ClientStartTime))
		appendDialects(w, m.Dialects)
		return
	}
	offset := w.Hole(4)
	w.U16(uint16(len(m.Contexts)))
	w.Zero(2)
	appendDialects(w, m.Dialects)
	appendNegotiateContexts(w, offset, m.Contexts)
}

func appendDialects(w *wire.Writer, dialects []Dialect) {
	for _, d := range dialects {
		w.U16(uint16(d))
	}
}

func (m *NegotiateResponse) decode(r *wire.Reader) {
	m.SecurityMode = SecurityMode(r.U16())
	m.DialectRevision = Dialect(r.U16())
	contexts := r.U16()
	r.Copy(m.ServerGUID[:])
	m.Capabilities = Capabilities(r.U32())
	m.MaxTransactSize = r.U32()
	m.MaxReadSize = r.U32()
	m.MaxWriteSize = r.U32()
	m.SystemTime = dtyp.FileTime(r.U64())
	m.ServerStartTime = dtyp.FileTime(r.U64())
	token := r.Ref(uint64(r.U16()), uint64(r.U16()))
	offset := r.U32()
	m.SecurityBuffer = r.At(token)
	if m.DialectRevision == Dialect311 {
		m.Contexts = decodeNegotiateContexts(r, offset, contexts)
	}
}

func (m *NegotiateResponse) append(w *wire.Writer) {
	w.U16(uint16(m.SecurityMode))
	w.U16(uint16(m.DialectRevision))
	w.U16(uint16(len(m.Contexts)))
	w.Bytes(m.ServerGUID[:])
	w.U32(uint32(m.Capabilities))
	w.U32(m.MaxTransactSize)
	w.U32(m.MaxReadSize)
	w.U32(m.MaxWriteSize)
	w.U64(uint64(m.SystemTime))
	w.U64(uint64(m.ServerStartTime))
	w.U16(uint16(w.Offset() + 8)) // SecurityBufferOffset: behind the fixed part
	w.U16(uint16(len(m.SecurityBuffer)))
	offset := w.Hole(4)
	w.Bytes(m.SecurityBuffer)
	if m.DialectRevision == Dialect311 {
		appendNegotiateContexts(w, offset, m.Contexts)
	}
}
