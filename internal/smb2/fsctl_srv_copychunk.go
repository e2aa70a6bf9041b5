package smb2

import "github.com/signet-smb/signet/internal/wire"

// ResumeKey names an open as the source of a server-side copy. Opaque to the
// client. [MS-SMB2] 2.2.32.3.
type ResumeKey [24]byte

// SrvCopychunkCopy is the input of FSCTL_SRV_COPYCHUNK and
// FSCTL_SRV_COPYCHUNK_WRITE. [MS-SMB2] 2.2.31.1.
type SrvCopychunkCopy struct {
	SourceKey ResumeKey
	Chunks    []SrvCopychunk // at most MaxCopychunks
}

// SrvCopychunk is a range to copy, in bytes. [MS-SMB2] 2.2.31.1.1.
type SrvCopychunk struct {
	SourceOffset uint64
	TargetOffset uint64
	Length       uint32
}

// copychunkSize is the length of an encoded chunk in bytes.
const copychunkSize = 24

// SrvCopychunkResponse is their output. With INVALID_PARAMETER it tells the
// most that the server allows: chunks, bytes of one, bytes of all.
// [MS-SMB2] 2.2.32.1.
type SrvCopychunkResponse struct {
	ChunksWritten     uint32
	ChunkBytesWritten uint32 // of the chunk that failed part-way
	TotalBytesWritten uint32
}

// Decode reads the input of the FSCTL. The error is a *[wire.Error].
func (c *SrvCopychunkCopy) Decode(b []byte) error {
	r := wire.NewReader(b)
	r.Copy(c.SourceKey[:])
	n := r.U32()
	r.Skip(4) // Reserved
	c.Chunks = nil
	r.Check(n <= MaxCopychunks && int(n)*copychunkSize <= r.Len(), "ChunkCount")
	if n == 0 || r.Err() != nil {
		return r.Err()
	}
	c.Chunks = make([]SrvCopychunk, n)
	for i := range c.Chunks {
		c.Chunks[i] = SrvCopychunk{SourceOffset: r.U64(), TargetOffset: r.U64(), Length: r.U32()}
		r.Skip(4) // Reserved
	}
	return r.Err()
}

// Append encodes the input of the FSCTL behind b.
func (c *SrvCopychunkCopy) Append(b []byte) []byte {
	w := wire.NewWriter(b)
	w.Bytes(c.SourceKey[:])
	w.U32(uint32(len(c.Chunks)))
	w.U32(0) // Reserved
	for _, chunk := range c.Chunks {
		w.U64(chunk.SourceOffset)
		w.U64(chunk.TargetOffset)
		w.U32(chunk.Length)
		w.U32(0) // Reserved
	}
	return w.Finish()
}

// Decode reads the output of the FSCTL. The error is a *[wire.Error].
func (c *SrvCopychunkResponse) Decode(b []byte) error {
	r := wire.NewReader(b)
	c.ChunksWritten = r.U32()
	c.ChunkBytesWritten = r.U32()
	c.TotalBytesWritten = r.U32()
	return r.Err()
}

// Append encodes the output of the FSCTL behind b.
func (c *SrvCopychunkResponse) Append(b []byte) []byte {
	w := wire.NewWriter(b)
	w.U32(c.ChunksWritten)
	w.U32(c.ChunkBytesWritten)
	w.U32(c.TotalBytesWritten)
	return w.Finish()
}
