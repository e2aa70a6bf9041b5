package fsa

import (
	"context"
	"errors"
	"io"
	"math"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/bufpool"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/vfs"
)

// EndOfFile as the offset of a write means behind the last byte.
// [MS-FSA] 2.1.5.4.
const EndOfFile = math.MaxUint64

// Chunk is a range to be copied from one open to another.
type Chunk struct {
	SourceOffset uint64 // bytes from the start of the file
	TargetOffset uint64 // bytes from the start of the file, or EndOfFile
	Length       uint32 // bytes
}

// Copied says how far a copy came.
type Copied struct {
	Chunks  int    // copied in full
	Partial uint32 // bytes of the next chunk that were written
	Bytes   uint64 // written in all
}

// CopyFrom copies chunks of src to h, in order, with all checks of a read and
// a write: each sees what the ones before it wrote. A chunk that overlaps its
// own target is copied as it was before.
//
// It stops at the first chunk that fails; one that reaches beyond the end of
// src is ntstatus.InvalidViewSize. [MS-SMB2] 3.3.5.15.6.
func (h *Handle) CopyFrom(ctx context.Context, src *Handle, chunks []Chunk) (Copied, error) {
	var done Copied
	if err := src.dataAccess(readRights); err != nil {
		return done, err
	}
	if err := h.dataAccess(writeRights); err != nil {
		return done, err
	}
	var err error
	for _, c := range chunks {
		var n int
		n, err = h.copyChunk(ctx, src, c)
		done.Bytes += uint64(n)
		if err != nil {
			done.Partial = uint32(n)
			break
		}
		done.Chunks++
	}
	if done.Bytes == 0 {
		return done, err
	}
	h.modified(ctx, true)
	h.written()
	if err == nil && h.options&fscc.OptionWriteThrough != 0 {
		err = h.data.Sync(ctx)
	}
	return done, err
}

// copyChunk returns how many bytes of c it wrote.
func (h *Handle) copyChunk(ctx context.Context, src *Handle, c Chunk) (int, error) {
	if err := context.Cause(ctx); err != nil {
		return 0, err
	}
	n := int(c.Length)
	if !inFile(c.SourceOffset, n) {
		return 0, ntstatus.InvalidParameter
	}
	attr, err := src.attr(ctx)
	if err != nil {
		return 0, err
	}
	if c.SourceOffset+uint64(n) > attr.EndOfFile {
		return 0, ntstatus.InvalidViewSize
	}
	to, err := h.writeOffset(ctx, c.TargetOffset, n)
	if err != nil {
		return 0, err
	}
	if err := src.checkLocks(c.SourceOffset, uint64(n), false); err != nil {
		return 0, err
	}
	if err := h.checkLocks(uint64(to), uint64(n), true); err != nil {
		return 0, err
	}
	from := int64(c.SourceOffset)
	overlaps := src.stream == h.stream && from < to+int64(n) && to < from+int64(n)
	if direct, ok := src.data.(vfs.CopyRanger); ok && !overlaps {
		done, err := direct.CopyRange(ctx, from, h.data, to, int64(n))
		if int(done) == n || err != nil && !errors.Is(err, errors.ErrUnsupported) {
			return int(done), err
		}
		rest, err := h.copyBytes(ctx, src, from+done, to+done, n-int(done), false)
		return int(done) + rest, err
	}
	return h.copyBytes(ctx, src, from, to, n, overlaps && from < to)
}

// writeOffset returns where a write of n bytes at off begins, if h may write
// there: an open that may only append cannot change what is there.
//
// Two writes to the end of the file at the same moment may meet there.
func (h *Handle) writeOffset(ctx context.Context, off uint64, n int) (int64, error) {
	mayChange := h.granted.Has(dtyp.FileWriteData)
	if off == EndOfFile || !mayChange {
		attr, err := h.attr(ctx)
		if err != nil {
			return 0, err
		}
		if off != EndOfFile && off < attr.EndOfFile {
			return 0, ntstatus.AccessDenied
		}
		if off == EndOfFile {
			off = attr.EndOfFile
		}
	}
	if !mayBecome(off, n) {
		return 0, ntstatus.InvalidParameter
	}
	return int64(off), nil
}

// copyPiece is how much is copied through memory at once, in bytes.
const copyPiece = 64 << 10

// copyBytes copies through memory; backwards begins with the last piece, so
// that a range can be moved up within itself.
func (h *Handle) copyBytes(ctx context.Context, src *Handle, from, to int64, n int, backwards bool) (int, error) {
	buf := bufpool.Get(min(n, copyPiece))
	defer buf.Release()
	done := 0
	for done < n {
		p := buf.B[:min(n-done, copyPiece)]
		at := int64(done)
		if backwards {
			at = int64(n - done - len(p))
		}
		k, err := src.data.ReadAt(ctx, p, from+at)
		switch {
		case err != nil && !errors.Is(err, io.EOF):
			return done, err
		case k < len(p):
			return done, ntstatus.InvalidViewSize // cut off just now
		}
		k, err = h.data.WriteAt(ctx, p, to+at)
		done += k
		if err != nil {
			return done, err
		}
	}
	return done, nil
}
