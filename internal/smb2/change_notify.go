package smb2

import (
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/wire"
)

// ChangeNotifyFlags is the Flags field of CHANGE_NOTIFY. [MS-SMB2] 2.2.35.
type ChangeNotifyFlags uint16

// WatchTree asks for changes below the directory too.
const WatchTree ChangeNotifyFlags = 0x0001

// ChangeNotifyRequest is the SMB2 CHANGE_NOTIFY Request. [MS-SMB2] 2.2.35.
type ChangeNotifyRequest struct {
	Flags              ChangeNotifyFlags
	OutputBufferLength uint32 // bytes
	FileID             FileID
	CompletionFilter   fscc.CompletionFilter
}

// ChangeNotifyResponse is the SMB2 CHANGE_NOTIFY Response. [MS-SMB2] 2.2.36.
type ChangeNotifyResponse struct {
	Output []byte // FILE_NOTIFY_INFORMATION records
}

func (*ChangeNotifyRequest) id() messageID { return changeNotifyRequest }

func (m *ChangeNotifyRequest) decode(r *wire.Reader) {
	m.Flags = ChangeNotifyFlags(r.U16())
	m.OutputBufferLength = r.U32()
	m.FileID.decode(r)
	m.CompletionFilter = fscc.CompletionFilter(r.U32())
	r.Skip(4) // Reserved
}

func (m *ChangeNotifyRequest) append(w *wire.Writer) {
	w.U16(uint16(m.Flags))
	w.U32(m.OutputBufferLength)
	m.FileID.append(w)
	w.U32(uint32(m.CompletionFilter))
	w.U32(0) // Reserved
}

func (*ChangeNotifyResponse) id() messageID { return changeNotifyResponse }

func (m *ChangeNotifyResponse) decode(r *wire.Reader) { m.Output = decodeOutput(r) }
func (m *ChangeNotifyResponse) append(w *wire.Writer) { appendOutput(w, m.Output) }
