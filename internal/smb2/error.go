package smb2

import "github.com/signet-smb/signet/internal/wire"

// ErrorResponse is the SMB2 ERROR Response, the body of any command's failed
// reply. [MS-SMB2] 2.2.2.
type ErrorResponse struct {
	ContextCount uint8 // dialect 3.1.1
	Data         []byte
}

func (*ErrorResponse) id() messageID { return messageID{direction: failure} }

func (m *ErrorResponse) decode(r *wire.Reader) {
	m.ContextCount = r.U8()
	r.Skip(1)
	n := r.U32()
	r.Check(uint64(n) <= uint64(r.Len()), "ByteCount")
	m.Data = r.Bytes(int(n))
}

func (m *ErrorResponse) append(w *wire.Writer) {
	w.U8(m.ContextCount)
	w.Zero(1)
	w.U32(uint32(len(m.Data)))
	appendBuffer(w, m.Data)
}
