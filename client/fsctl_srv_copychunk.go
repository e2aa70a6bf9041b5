package client

import (
	"context"
	"errors"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/ntstatus"
)

// What one server-side copy asks for, in bytes and chunks: what Windows and
// Samba allow. [MS-SMB2] 3.3.3.
const (
	copyChunk  = 1 << 20
	copyChunks = 16
)

// Copy makes the file called to a copy of the one called name, within the
// server: the data does not travel. What was at to before is replaced. Only
// the unnamed stream is copied, and no attributes. The error wraps
// [ntstatus.NotSupported] or [ntstatus.InvalidDeviceRequest] from a server that
// cannot.
func (sh *Share) Copy(ctx context.Context, name, to string) (int64, error) {
	src, err := sh.open(ctx, name, OpenOptions{Access: dtyp.GenericRead, Options: fscc.OptionNonDirectoryFile})
	if err != nil {
		return 0, fail("copy", name, err)
	}
	defer src.Close()
	dst, err := sh.open(ctx, to, OpenOptions{
		Access: dtyp.GenericRead | dtyp.GenericWrite, Disposition: CreateAlways, Options: fscc.OptionNonDirectoryFile,
	})
	if err != nil {
		return 0, fail("copy", to, err)
	}
	n, err := dst.copyFrom(ctx, src, 0, 0, src.info.EndOfFile)
	if e := dst.Close(); err == nil && e != nil {
		return n, e
	}
	return n, fail("copy", to, err)
}

// CopyFrom copies length bytes of src, from offset from on, to offset to of f,
// within the server. Both must be open in the same session, src for reading and
// f for reading and writing. It returns how many bytes were copied. [MS-SMB2]
// 3.2.4.20.2.
func (f *File) CopyFrom(ctx context.Context, src *File, from, to, length uint64) (int64, error) {
	n, err := f.copyFrom(ctx, src, from, to, length)
	return n, fail("copy", f.shared.name, err)
}

func (f *File) copyFrom(ctx context.Context, src *File, from, to, length uint64) (done int64, err error) {
	if err := errors.Join(f.shared.check(), src.shared.check()); err != nil {
		return 0, err
	}
	if f.shared.share.session != src.shared.share.session {
		return 0, ntstatus.NotSameDevice
	}
	if length == 0 {
		return 0, nil
	}
	out, err := src.shared.ioctl(ctx, fscc.FSCTLSrvRequestResumeKey, nil)
	if err != nil {
		return 0, err
	}
	var key smb2.SrvRequestResumeKeyResponse
	if err := key.Decode(out); err != nil {
		return 0, f.shared.broken(violation("3.2.5.14.3", "%v", err))
	}
	limit := copyLimits{chunks: copyChunks, chunk: copyChunk, total: copyChunks * copyChunk}
	for shrunk := false; length > 0; {
		req := smb2.SrvCopychunkCopy{SourceKey: key.ResumeKey, Chunks: limit.split(from, to, length)}
		out, err := f.shared.ioctl(ctx, fscc.FSCTLSrvCopychunk, req.Append(nil))
		var res smb2.SrvCopychunkResponse
		if errors.Is(err, ntstatus.InvalidParameter) && !shrunk && res.Decode(out) == nil && limit.lower(res) {
			shrunk = true // the server has said how much it allows
			continue
		}
		if err != nil {
			return done, err
		}
		if err := res.Decode(out); err != nil {
			return done, f.shared.broken(violation("3.2.5.14.4", "%v", err))
		}
		n := uint64(res.TotalBytesWritten)
		if n == 0 || n > sum(req.Chunks) {
			return done, f.shared.broken(violation("3.2.5.14.4", "%d bytes copied of %d", n, sum(req.Chunks)))
		}
		from, to, length, done = from+n, to+n, length-n, done+int64(n)
	}
	return done, nil
}

// copyLimits are how much one server-side copy may carry.
type copyLimits struct {
	chunks int
	chunk  uint64 // bytes of one
	total  uint64 // bytes of all
}

// split makes the chunks for the beginning of a range.
func (l copyLimits) split(from, to, length uint64) []smb2.SrvCopychunk {
	var list []smb2.SrvCopychunk
	for left := min(length, l.total); left > 0 && len(list) < l.chunks; {
		n := min(left, l.chunk)
		list = append(list, smb2.SrvCopychunk{SourceOffset: from, TargetOffset: to, Length: uint32(n)})
		from, to, left = from+n, to+n, left-n
	}
	return list
}

// lower takes over the server's limits, and reports whether they are of use.
func (l *copyLimits) lower(r smb2.SrvCopychunkResponse) bool {
	if r.ChunksWritten == 0 || r.ChunkBytesWritten == 0 || r.TotalBytesWritten == 0 {
		return false
	}
	l.chunks = min(l.chunks, int(r.ChunksWritten))
	l.chunk = min(l.chunk, uint64(r.ChunkBytesWritten))
	l.total = min(l.total, uint64(r.TotalBytesWritten))
	return true
}

// sum is the length of all chunks in bytes.
func sum(chunks []smb2.SrvCopychunk) (n uint64) {
	for _, c := range chunks {
		n += uint64(c.Length)
	}
	return n
}
