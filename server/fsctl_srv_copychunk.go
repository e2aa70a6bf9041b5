package server

import (
	"math"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/fsa"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/ntstatus"
)

// The most that one request copies: Windows' own limits. [MS-SMB2] 3.3.3,
// <222>, <223>, <224>.
const (
	copychunkMaxChunks    = 256
	copychunkMaxChunkSize = 1 << 20  // bytes
	copychunkMaxDataSize  = 16 << 20 // bytes
)

// copychunkResponseSize is the length of the output in bytes.
const copychunkResponseSize = 12

// copychunk handles FSCTL_SRV_COPYCHUNK and FSCTL_SRV_COPYCHUNK_WRITE: the
// server copies from another open of the session to this one.
// [MS-SMB2] 3.3.5.15.6.
func copychunk(a *authenticated, req *smb2.IoctlRequest) ([]byte, error) {
	var copyReq smb2.SrvCopychunkCopy
	malformed := copyReq.Decode(req.Input)
	source := a.session.acquireResumed(copyReq.SourceKey)
	if source == nil {
		return nil, ntstatus.ObjectNameNotFound
	}
	defer source.release()
	if req.MaxOutputResponse < copychunkResponseSize {
		return nil, ntstatus.InvalidParameter
	}
	chunks, ok := copychunks(copyReq.Chunks)
	if malformed != nil || !ok || source.pipe != nil {
		return copychunkLimits()
	}
	if err := source.require(dtyp.FileReadData | dtyp.FileExecute); err != nil {
		return nil, err
	}
	if err := a.open.require(dtyp.FileWriteData | dtyp.FileAppendData); err != nil {
		return nil, err
	}
	if req.CtlCode == fscc.FSCTLSrvCopychunk {
		if err := a.open.require(dtyp.FileReadData); err != nil { // smbtorture: to execute is not enough
			return nil, err
		}
	}
	done, err := a.open.handle.CopyFrom(a.ctx, source.handle, chunks)
	status := a.statusOf(err)
	if status == ntstatus.InvalidParameter {
		return copychunkLimits() // the client would take any numbers for limits
	}
	res := smb2.SrvCopychunkResponse{
		ChunksWritten:     uint32(done.Chunks),
		ChunkBytesWritten: done.Partial,
		TotalBytesWritten: uint32(done.Bytes),
	}
	if err == nil {
		return res.Append(nil), nil
	}
	return res.Append(nil), status // 3.3.5.15.6.1
}

// copychunks returns the chunks as the object store takes them; ok is false if
// they are beyond what is allowed.
func copychunks(asked []smb2.SrvCopychunk) (chunks []fsa.Chunk, ok bool) {
	if len(asked) > copychunkMaxChunks {
		return nil, false
	}
	total := uint64(0)
	for _, c := range asked {
		total += uint64(c.Length)
		if c.Length == 0 || c.Length > copychunkMaxChunkSize || total > copychunkMaxDataSize ||
			c.SourceOffset > math.MaxInt64 || c.TargetOffset > math.MaxInt64 && c.TargetOffset != fsa.EndOfFile {
			return nil, false
		}
		chunks = append(chunks, fsa.Chunk{SourceOffset: c.SourceOffset, TargetOffset: c.TargetOffset, Length: c.Length})
	}
	return chunks, true
}

// copychunkLimits is the answer to a request that asks for too much, or
// wrongly: what is allowed. [MS-SMB2] 3.3.5.15.6.2.
func copychunkLimits() ([]byte, error) {
	res := smb2.SrvCopychunkResponse{
		ChunksWritten:     copychunkMaxChunks,
		ChunkBytesWritten: copychunkMaxChunkSize,
		TotalBytesWritten: copychunkMaxDataSize,
	}
	return res.Append(nil), ntstatus.InvalidParameter
}
