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

func (*QueryDirectoryRequest) id() messageID  { return messageID{CommandQueryDirectory, request} }
func (*QueryDirectoryResponse) id() messageID { return messageID{CommandQueryDirectory, response} }

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
	w.U16(uint16(w.Offset() + 8)) // FileNameOffset: behind the fixed part
	w.U16(uint16(wire.UTF16Len(m.FileName)))
	w.U32(m.OutputBufferLength)
	w.UTF16(m.FileName)
	if m.FileName == "" {
		w.Zero(1)
	}
}

func (m *QueryDirectoryResponse) decode(r *wire.Reader) { m.Output = decodeOutput(r) }
func (m *QueryDirectoryResponse) append(w *wire.Writer) { appendOutput(w, m.Output) }

// decodeOutput reads OutputBufferOffset, OutputBufferLength and Buffer, the
// body that three responses share.
func decodeOutput(r *wire.Reader) []byte {
	return r.At(r.Ref(uint64(r.U16()), uint64(r.U32())))
}

// appendOutput writes what decodeOutput reads.
func appendOutput(w *wire.Writer, out []byte) {
	w.U16(uint16(w.Offset() + 6)) // OutputBufferOffset: behind the fixed part
	w.U32(uint32(len(out)))
	appendBuffer(w, out)
}
