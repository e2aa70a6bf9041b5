package smb2

import (
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/wire"
)

// CloseFlags is the Flags field of CLOSE. [MS-SMB2] 2.2.15.
type CloseFlags uint16

// ClosePostQueryAttrib asks for the attributes after the close.
const ClosePostQueryAttrib CloseFlags = 0x0001

// CloseRequest is the SMB2 CLOSE Request. [MS-SMB2] 2.2.15.
type CloseRequest struct {
	Flags  CloseFlags
	FileID FileID
}

// CloseResponse is the SMB2 CLOSE Response; all but Flags is zero unless
// ClosePostQueryAttrib is set. [MS-SMB2] 2.2.16.
type CloseResponse struct {
	Flags          CloseFlags
	CreationTime   dtyp.FileTime
	LastAccessTime dtyp.FileTime
	LastWriteTime  dtyp.FileTime
	ChangeTime     dtyp.FileTime
	AllocationSize uint64 // bytes
	EndOfFile      uint64 // bytes
	FileAttributes fscc.FileAttributes
}

func (*CloseRequest) id() messageID { return closeRequest }

func (m *CloseRequest) decode(r *wire.Reader) {
	m.Flags = CloseFlags(r.U16())
	r.Skip(4) // Reserved
	m.FileID.decode(r)
}

func (m *CloseRequest) append(w *wire.Writer) {
	w.U16(uint16(m.Flags))
	w.U32(0) // Reserved
	m.FileID.append(w)
}

func (*CloseResponse) id() messageID { return closeResponse }

func (m *CloseResponse) decode(r *wire.Reader) {
	m.Flags = CloseFlags(r.U16())
	r.Skip(4) // Reserved
	m.CreationTime = dtyp.FileTime(r.U64())
	m.LastAccessTime = dtyp.FileTime(r.U64())
	m.LastWriteTime = dtyp.FileTime(r.U64())
	m.ChangeTime = dtyp.FileTime(r.U64())
	m.AllocationSize = r.U64()
	m.EndOfFile = r.U64()
	m.FileAttributes = fscc.FileAttributes(r.U32())
}

func (m *CloseResponse) append(w *wire.Writer) {
	w.U16(uint16(m.Flags))
	w.U32(0) // Reserved
	w.U64(uint64(m.CreationTime))
	w.U64(uint64(m.LastAccessTime))
	w.U64(uint64(m.LastWriteTime))
	w.U64(uint64(m.ChangeTime))
	w.U64(m.AllocationSize)
	w.U64(m.EndOfFile)
	w.U32(uint32(m.FileAttributes))
}
