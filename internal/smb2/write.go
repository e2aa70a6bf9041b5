package smb2

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
