package smb2

import "github.com/signet-smb/signet/internal/wire"

// ReadFlags is the Flags field of READ, dialects 3.0.2 and 3.1.1.
type ReadFlags uint8

// Read flags. [MS-SMB2] 2.2.19.
const (
	ReadUnbuffered        ReadFlags = 0x01
	ReadRequestCompressed ReadFlags = 0x02
)

// Channel is where the data of a READ or WRITE travels. [MS-SMB2] 2.2.19.
type Channel uint32

// Channels.
const (
	ChannelNone             Channel = 0
	ChannelRDMAV1           Channel = 1
	ChannelRDMAV1Invalidate Channel = 2
	ChannelRDMATransform    Channel = 3
)

// ReadRequest is the SMB2 READ Request. [MS-SMB2] 2.2.19.
type ReadRequest struct {
	Padding        uint8 // where the client would like the data, from the header's start
	Flags          ReadFlags
	Length         uint32 // bytes
	Offset         uint64 // bytes from the start of the file
	FileID         FileID
	MinimumCount   uint32 // bytes
	Channel        Channel
	RemainingBytes uint32
}

// ReadDataOffset is where the data of a READ response begins, in bytes from
// the start of its header: right behind the fixed part.
const ReadDataOffset = HeaderSize + 16

// ReadResponse is the SMB2 READ Response. [MS-SMB2] 2.2.20.
type ReadResponse struct {
	DataRemaining uint32
	Data          []byte
}

func (*ReadRequest) id() messageID  { return messageID{CommandRead, request} }
func (*ReadResponse) id() messageID { return messageID{CommandRead, response} }

func (m *ReadRequest) decode(r *wire.Reader) {
	m.Padding = r.U8()
	m.Flags = ReadFlags(r.U8())
	m.Length = r.U32()
	m.Offset = r.U64()
	m.FileID.decode(r)
	m.MinimumCount = r.U32()
	m.Channel = Channel(r.U32())
	m.RemainingBytes = r.U32()
	r.Skip(4) // ReadChannelInfo: no channel but the connection is spoken
}

func (m *ReadRequest) append(w *wire.Writer) {
	w.U8(m.Padding)
	w.U8(uint8(m.Flags))
	w.U32(m.Length)
	w.U64(m.Offset)
	m.FileID.append(w)
	w.U32(m.MinimumCount)
	w.U32(uint32(m.Channel))
	w.U32(m.RemainingBytes)
	w.Zero(4 + 1)
}

func (m *ReadResponse) decode(r *wire.Reader) {
	off := r.U8()
	r.Skip(1)
	data := r.Ref(uint64(off), uint64(r.U32()))
	m.DataRemaining = r.U32()
	r.Skip(4)
	m.Data = r.At(data)
}

func (m *ReadResponse) append(w *wire.Writer) {
	w.U8(ReadDataOffset)
	w.Zero(1)
	w.U32(uint32(len(m.Data)))
	w.U32(m.DataRemaining)
	w.Zero(4)
	appendBuffer(w, m.Data)
}

// PutReadResponse writes the fixed part of a READ response into the first
// ReadDataOffset - HeaderSize bytes of b, for n bytes of data that stand
// behind it already.
func PutReadResponse(b []byte, n int) {
	w := wire.ContinueWriter(b[:0], 0)
	w.U16(messages[CommandRead][response].structureSize)
	w.U8(ReadDataOffset)
	w.Zero(1)
	w.U32(uint32(n))
	w.Zero(8)
}
