package smb2

import "github.com/signet-smb/signet/internal/wire"

// ErrorResponse is the SMB2 ERROR Response, the body of any command's failed
// reply. [MS-SMB2] 2.2.2.
//
// Missing: the formats of Data but that of [SymbolicLink], 2.2.2.2.
type ErrorResponse struct {
	ContextCount uint8  // error contexts in Data; dialect 3.1.1, else 0
	Data         []byte // depends on the header's Status
}

func (*ErrorResponse) id() messageID { return errorResponse }

func (m *ErrorResponse) decode(r *wire.Reader) {
	m.ContextCount = r.U8()
	r.Skip(1) // Reserved
	n := uint64(r.U32())
	m.Data = r.At(r.Ref(uint64(r.Offset()), n))
}

func (m *ErrorResponse) append(w *wire.Writer) {
	w.U8(m.ContextCount)
	w.U8(0) // Reserved
	w.U32(uint32(len(m.Data)))
	w.Bytes(m.Data)
}

// BufferTooSmallError is the ERROR Response with STATUS_BUFFER_TOO_SMALL: it
// says how many bytes would do. [MS-SMB2] 2.2.2.1, 2.2.2.2.
func BufferTooSmallError(needed uint32, dialect Dialect) *ErrorResponse {
	m := new(ErrorResponse)
	w := wire.NewWriter(nil)
	if dialect == Dialect311 {
		m.ContextCount = 1
		w.U32(4) // ErrorDataLength
		w.U32(0) // SMB2_ERROR_ID_DEFAULT
	}
	w.U32(needed)
	m.Data = w.Finish()
	return m
}
