package smb2

import (
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/wire"
)

// QueryDirectoryFlags is the Flags field of QUERY_DIRECTORY.
// [MS-SMB2] 2.2.33.
type QueryDirectoryFlags uint8

// Query directory flags.
const (
	RestartScans      QueryDirectoryFlags = 0x01
	ReturnSingleEntry QueryDirectoryFlags = 0x02
	IndexSpecified    QueryDirectoryFlags = 0x04
	Reopen            QueryDirectoryFlags = 0x10
)

// QueryDirectoryRequest is the SMB2 QUERY_DIRECTORY Request. [MS-SMB2] 2.2.33.
type QueryDirectoryRequest struct {
	FileInformationClass fscc.FileInformationClass
	Flags                QueryDirectoryFlags
	FileIndex            uint32
	FileID               FileID
	FileName             string // search pattern
	OutputBufferLength   uint32 // bytes
}

// QueryDirectoryResponse is the SMB2 QUERY_DIRECTORY Response.
// [MS-SMB2] 2.2.34.
type QueryDirectoryResponse struct {
	Output []byte
}

func (*QueryDirectoryRequest) id() messageID { return queryDirectoryRequest }

func (m *QueryDirectoryRequest) decode(r *wire.Reader) {
	m.FileInformationClass = fscc.FileInformationClass(r.U8())
	m.Flags = QueryDirectoryFlags(r.U8())
	m.FileIndex = r.U32()
	m.FileID.decode(r)
	name := r.Ref(uint64(r.U16()), uint64(r.U16()))
	m.OutputBufferLength = r.U32()
	m.FileName = r.UTF16At(name)
}

func (m *QueryDirectoryRequest) append(w *wire.Writer) {
	w.U8(uint8(m.FileInformationClass))
	w.U8(uint8(m.Flags))
	w.U32(m.FileIndex)
	m.FileID.append(w)
	nameOffset, nameLength := w.Hole(2), w.Hole(2)
	w.U32(m.OutputBufferLength)
	if m.FileName != "" { // else both fields are 0
		name := w.Offset()
		w.Fill(nameOffset, name)
		w.UTF16(m.FileName)
		w.Fill(nameLength, w.Offset()-name)
	}
}

func (*QueryDirectoryResponse) id() messageID { return queryDirectoryResponse }

func (m *QueryDirectoryResponse) decode(r *wire.Reader) { m.Output = decodeOutput(r) }
func (m *QueryDirectoryResponse) append(w *wire.Writer) { appendOutput(w, m.Output) }
