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

// Range is a range of a file in bytes.
type Range struct {
	Offset uint64
	Length uint64
}

// SetSparse sets or clears FileAttributeSparseFile, which tells clients that
// ranges without storage are wanted. Back ends make them anyway.
//
// It returns ntstatus.InvalidDeviceRequest where the attribute is not stored.
// [MS-FSA] 2.1.5.10.38.
//
// Deviation: clearing it does not give storage to ranges that have none.
func (h *Handle) SetSparse(ctx context.Context, sparse bool) error {
	switch {
	case h.isIndex():
		return ntstatus.InvalidParameter
	case !h.volume.info.StoresSparse:
		return ntstatus.InvalidDeviceRequest
	case !h.granted.HasAny(writeRights | dtyp.FileWriteAttributes):
		return ntstatus.AccessDenied
	}
	if err := h.volume.fs.SetAttr(ctx, h.as, h.node, vfs.SetAttr{Sparse: &sparse}); err != nil {
		return err
	}
	h.attributesChanged(fscc.NotifyChangeAttributes)
	return nil
}

// Zero makes the bytes from off to the one before end read as zeros, and gives
// their storage back where the back end can. The length of the file stays as
// it is. [MS-FSA] 2.1.5.10.39.
func (h *Handle) Zero(ctx context.Context, off, end uint64) error {
	if h.isIndex() || off > end || end > math.MaxInt64 {
		return ntstatus.InvalidParameter
	}
	if err := h.dataAccess(dtyp.FileWriteData); err != nil {
		return err
	}
	attr, err := h.attr(ctx)
	if err != nil {
		return err
	}
	end = min(end, attr.EndOfFile)
	if off >= end {
		return nil
	}
	if err := h.checkLocks(off, end-off, true); err != nil {
		return err
	}
	err = h.zeroRange(ctx, off, end-off)
	if errors.Is(err, errors.ErrUnsupported) {
		err = h.writeZeros(ctx, int64(off), int64(end))
	}
	h.modified(ctx, false)
	h.written()
	if err == nil && h.options&(fscc.OptionWriteThrough|fscc.OptionNoIntermediateBuffering) != 0 {
		err = h.data.Sync(ctx)
	}
	return err
}

// zeroRange lets the back end zero n > 0 bytes; errors.ErrUnsupported tells
// that it cannot.
func (h *Handle) zeroRange(ctx context.Context, off, n uint64) error {
	z, ok := h.data.(vfs.ZeroRanger)
	if !ok {
		return errors.ErrUnsupported
	}
	return z.ZeroRange(ctx, int64(off), int64(n))
}

// writeZeros writes zeros from off to end. A file that somebody cuts off
// meanwhile becomes as long again.
func (h *Handle) writeZeros(ctx context.Context, off, end int64) error {
	buf := bufpool.Get(int(min(end-off, copyPiece)))
	defer buf.Release()
	clear(buf.B)
	for off < end {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		n, err := h.data.WriteAt(ctx, buf.B[:min(end-off, int64(len(buf.B)))], off)
		if err != nil {
			return err
		}
		off += int64(n)
	}
	return nil
}

// AllocatedRanges returns the parts of a range that occupy storage, in order;
// of a file that is not sparse that is all there is of it. If there are more
// than limit it returns the first ones and ntstatus.BufferOverflow; if limit
// is 0, ntstatus.BufferTooSmall. [MS-FSA] 2.1.5.10.22.
func (h *Handle) AllocatedRanges(ctx context.Context, r Range, limit int) ([]Range, error) {
	if h.isIndex() || r.Offset > math.MaxInt64 || r.Length > math.MaxInt64-r.Offset {
		return nil, ntstatus.InvalidParameter
	}
	if err := h.dataAccess(dtyp.FileReadData); err != nil {
		return nil, err
	}
	attr, err := h.attr(ctx)
	if err != nil {
		return nil, err
	}
	var ranges []Range
	off, end := r.Offset, min(r.Offset+r.Length, attr.EndOfFile)
	for off < end {
		if err := context.Cause(ctx); err != nil {
			return nil, err
		}
		from, to, err := h.nextAllocated(ctx, off, end, &attr)
		if err != nil {
			return nil, err
		}
		switch {
		case from >= end:
			return ranges, nil
		case limit == 0:
			return nil, ntstatus.BufferTooSmall
		case len(ranges) == limit:
			return ranges, ntstatus.BufferOverflow
		}
		ranges = append(ranges, Range{from, to - from})
		off = to
	}
	return ranges, nil
}

// nextAllocated returns the first range at or behind off that occupies
// storage, cut off at end; from is end if there is none.
func (h *Handle) nextAllocated(ctx context.Context, off, end uint64, attr *vfs.Attr) (from, to uint64, err error) {
	a, ok := h.data.(vfs.AllocatedRanger)
	if !ok || attr.Attributes&fscc.FileAttributeSparseFile == 0 {
		return off, end, nil
	}
	start, behind, err := a.NextAllocated(ctx, int64(off))
	switch {
	case errors.Is(err, io.EOF):
		return end, end, nil
	case errors.Is(err, errors.ErrUnsupported):
		return off, end, nil
	case err != nil:
		return 0, 0, err
	}
	return min(uint64(start), end), min(uint64(behind), end), nil
}

// trimUnit is what ranges to trim are aligned to, in bytes: the page size.
const trimUnit = 4096

// Trim gives back the storage of ranges whose content nobody needs any more:
// the whole pages in them, which read as zeros from now on. It returns in how
// many ranges there was one. A back end that cannot do it:
// ntstatus.InvalidDeviceRequest. [MS-FSA] 2.1.5.10.6.
func (h *Handle) Trim(ctx context.Context, ranges []Range) (done int, err error) {
	if h.isIndex() {
		return 0, ntstatus.InvalidParameter
	}
	if err := h.dataAccess(dtyp.FileWriteData); err != nil {
		return 0, err
	}
	attr, err := h.attr(ctx)
	if err != nil {
		return 0, err
	}
	defer h.written()
	for _, r := range ranges {
		if err := context.Cause(ctx); err != nil {
			return done, err
		}
		if r.Offset > math.MaxUint64-trimUnit || r.Length > math.MaxUint64-r.Offset {
			return done, ntstatus.IntegerOverflow
		}
		off := (r.Offset + trimUnit - 1) / trimUnit * trimUnit
		end := min(r.Offset+r.Length, attr.EndOfFile) / trimUnit * trimUnit
		if off >= end {
			continue
		}
		if err := h.checkLocks(off, end-off, true); err != nil {
			return done, err
		}
		err := h.zeroRange(ctx, off, end-off)
		if errors.Is(err, errors.ErrUnsupported) {
			err = ntstatus.InvalidDeviceRequest
		}
		if err != nil {
			return done, err
		}
		done++
	}
	return done, nil
}
