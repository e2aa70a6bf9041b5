package smb2

import (
	"slices"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/wire"
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

func (*NegotiateRequest) id() messageID { return negotiateRequest }

// decode leaves an empty Dialects to 3.3.5.4.
func (m *NegotiateRequest) decode(r *wire.Reader) {
	*m = NegotiateRequest{}
	dialects := r.U16()
	m.SecurityMode = SecurityMode(r.U16())
	r.Skip(2) // Reserved
	m.Capabilities = Capabilities(r.U32())
	r.Copy(m.ClientGUID[:])
	startTime := r.U64() // or offset, count and reserved
	m.Dialects = decodeDialects(r, dialects)
	if slices.Contains(m.Dialects, Dialect311) {
		m.Contexts = decodeNegotiateContexts(r, uint32(startTime), uint16(startTime>>32))
	} else {
		m.ClientStartTime = dtyp.FileTime(startTime)
	}
}

func (m *NegotiateRequest) append(w *wire.Writer) {
	w.U16(uint16(len(m.Dialects)))
	w.U16(uint16(m.SecurityMode))
	w.U16(0) // Reserved
	w.U32(uint32(m.Capabilities))
	w.Bytes(m.ClientGUID[:])
	if !slices.Contains(m.Dialects, Dialect311) {
		w.U64(uint64(m.ClientStartTime))
		appendDialects(w, m.Dialects)
		return
	}
	contexts := w.Hole(4)
	w.U16(uint16(len(m.Contexts)))
	w.U16(0) // Reserved2
	appendDialects(w, m.Dialects)
	appendNegotiateContexts(w, contexts, m.Contexts)
}

func (*NegotiateResponse) id() messageID { return negotiateResponse }

func (m *NegotiateResponse) decode(r *wire.Reader) {
	m.SecurityMode = SecurityMode(r.U16())
	m.DialectRevision = Dialect(r.U16())
	count := r.U16()
	r.Copy(m.ServerGUID[:])
	m.Capabilities = Capabilities(r.U32())
	m.MaxTransactSize = r.U32()
	m.MaxReadSize = r.U32()
	m.MaxWriteSize = r.U32()
	m.SystemTime = dtyp.FileTime(r.U64())
	m.ServerStartTime = dtyp.FileTime(r.U64())
	buffer := r.Ref(uint64(r.U16()), uint64(r.U16()))
	contexts := r.U32()
	m.SecurityBuffer = r.At(buffer)
	m.Contexts = nil
	if m.DialectRevision == Dialect311 {
		m.Contexts = decodeNegotiateContexts(r, contexts, count)
	}
}

func (m *NegotiateResponse) append(w *wire.Writer) {
	w.U16(uint16(m.SecurityMode))
	w.U16(uint16(m.DialectRevision))
	count := w.Hole(2)
	w.Bytes(m.ServerGUID[:])
	w.U32(uint32(m.Capabilities))
	w.U32(m.MaxTransactSize)
	w.U32(m.MaxReadSize)
	w.U32(m.MaxWriteSize)
	w.U64(uint64(m.SystemTime))
	w.U64(uint64(m.ServerStartTime))
	bufferOffset := w.Hole(2)
	w.U16(uint16(len(m.SecurityBuffer)))
	contexts := w.Hole(4)
	w.Fill(bufferOffset, w.Offset())
	w.Bytes(m.SecurityBuffer)
	if m.DialectRevision == Dialect311 {
		w.Fill(count, len(m.Contexts))
		appendNegotiateContexts(w, contexts, m.Contexts)
	}
}
