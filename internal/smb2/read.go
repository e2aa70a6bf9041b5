package smb2

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
