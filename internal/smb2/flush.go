package smb2

import "github.com/signet-smb/signet/internal/wire"

// FlushRequest is the SMB2 FLUSH Request. [MS-SMB2] 2.2.17.
type FlushRequest struct {
	FileID FileID
}

// FlushResponse is the SMB2 FLUSH Response. [MS-SMB2] 2.2.18.
type FlushResponse struct{ empty }

func (*FlushRequest) id() messageID { return flushRequest }

func (m *FlushRequest) decode(r *wire.Reader) {
	r.Skip(2) // Reserved1
	r.Skip(4) // Reserved2
	m.FileID.decode(r)
}

func (m *FlushRequest) append(w *wire.Writer) {
	w.U16(0) // Reserved1
	w.U32(0) // Reserved2
	m.FileID.append(w)
}

func (*FlushResponse) id() messageID { return flushResponse }
