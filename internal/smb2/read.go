package smb2

import (
	"encoding/binary"

	"github.com/signet-smb/signet/internal/wire"
)

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

func (*ReadRequest) id() messageID { return readRequest }

// Missing: ReadChannelInfo, which only RDMA uses, is passed over.
func (m *ReadRequest) decode(r *wire.Reader) {
	m.Padding = r.U8()
	m.Flags = ReadFlags(r.U8())
	m.Length = r.U32()
	m.Offset = r.U64()
	m.FileID.decode(r)
	m.MinimumCount = r.U32()
	m.Channel = Channel(r.U32())
	m.RemainingBytes = r.U32()
	r.Skip(2) // ReadChannelInfoOffset
	r.Skip(2) // ReadChannelInfoLength
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
	w.U16(0) // ReadChannelInfoOffset
	w.U16(0) // ReadChannelInfoLength
}

func (*ReadResponse) id() messageID { return readResponse }

func (m *ReadResponse) decode(r *wire.Reader) {
	offset := r.U8()
	r.Skip(1) // Reserved
	data := r.Ref(uint64(offset), uint64(r.U32()))
	m.DataRemaining = r.U32()
	r.Skip(4) // Reserved2
	m.Data = r.At(data)
}

func (m *ReadResponse) append(w *wire.Writer) {
	w.U8(ReadDataOffset)
	w.U8(0) // Reserved
	w.U32(uint32(len(m.Data)))
	w.U32(m.DataRemaining)
	w.U32(0) // Reserved2
	w.Bytes(m.Data)
}

// PutReadResponse writes the body of a READ response up to its data into the
// first 16 bytes of b, which must be there: for a reply whose dataLen bytes of
// data have been read in place, at [ReadDataOffset] from the header's start.
func PutReadResponse(b []byte, dataLen int) {
	f := (*[ReadDataOffset - HeaderSize]byte)(b)
	*f = [ReadDataOffset - HeaderSize]byte{2: ReadDataOffset}
	binary.LittleEndian.PutUint16(f[0:], messages[readResponse].structureSize)
	binary.LittleEndian.PutUint32(f[4:], uint32(dataLen))
}
