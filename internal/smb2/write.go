package smb2

import "github.com/signet-smb/signet/internal/wire"

// WriteFlags is the Flags field of WRITE. [MS-SMB2] 2.2.21.
type WriteFlags uint32

// Write flags.
const (
	WriteThrough    WriteFlags = 0x00000001
	WriteUnbuffered WriteFlags = 0x00000002
)

// WriteRequest is the SMB2 WRITE Request. [MS-SMB2] 2.2.21.
type WriteRequest struct {
	Offset         uint64 // bytes from the start of the file
	FileID         FileID
	Channel        Channel
	RemainingBytes uint32
	Flags          WriteFlags
	Data           []byte // aliases the received message
}

// WriteResponse is the SMB2 WRITE Response. [MS-SMB2] 2.2.22.
type WriteResponse struct {
	Count uint32 // bytes written
}

func (*WriteRequest) id() messageID { return writeRequest }

// Missing: WriteChannelInfo, which only RDMA uses, is passed over.
func (m *WriteRequest) decode(r *wire.Reader) {
	data := r.Ref(uint64(r.U16()), uint64(r.U32()))
	m.Offset = r.U64()
	m.FileID.decode(r)
	m.Channel = Channel(r.U32())
	m.RemainingBytes = r.U32()
	r.Skip(2) // WriteChannelInfoOffset
	r.Skip(2) // WriteChannelInfoLength
	m.Flags = WriteFlags(r.U32())
	m.Data = r.At(data)
}

func (m *WriteRequest) append(w *wire.Writer) {
	dataOffset := w.Hole(2)
	w.U32(uint32(len(m.Data)))
	w.U64(m.Offset)
	m.FileID.append(w)
	w.U32(uint32(m.Channel))
	w.U32(m.RemainingBytes)
	w.U16(0) // WriteChannelInfoOffset
	w.U16(0) // WriteChannelInfoLength
	w.U32(uint32(m.Flags))
	w.Fill(dataOffset, w.Offset())
	w.Bytes(m.Data)
}

func (*WriteResponse) id() messageID { return writeResponse }

func (m *WriteResponse) decode(r *wire.Reader) {
	r.Skip(2) // Reserved
	m.Count = r.U32()
	r.Skip(4) // Remaining
	r.Skip(2) // WriteChannelInfoOffset
	r.Skip(2) // WriteChannelInfoLength
}

func (m *WriteResponse) append(w *wire.Writer) {
	w.U16(0) // Reserved
	w.U32(m.Count)
	w.U32(0) // Remaining
	w.U16(0) // WriteChannelInfoOffset
	w.U16(0) // WriteChannelInfoLength
}
