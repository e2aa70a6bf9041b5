package fsa

import (
	"context"
	"errors"
	"io"
	"math"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/ntstatus"
)

// ReadAt reads from off, in bytes from the start of the file, and returns how
// many bytes it read: fewer than len(p) only at the end of the file. If there
// is none because off is at or behind the end it returns ntstatus.EndOfFile,
// unless p is empty. If a byte range that another Handle has locked is in the
// way, whether or not it is in the file, that is ntstatus.FileLockConflict.
// [MS-FSA] 2.1.5.3.
func (h *Handle) ReadAt(ctx context.Context, p []byte, off uint64) (int, error) {
	if err := h.dataAccess(readRights); err != nil {
		return 0, err
	}
	if !inFile(off, len(p)) {
		return 0, ntstatus.InvalidParameter
	}
	if len(p) == 0 {
		return 0, nil
	}
	if err := h.checkLocks(off, uint64(len(p)), false); err != nil {
		return 0, err
	}
	n, err := h.data.ReadAt(ctx, p, int64(off))
	if n > 0 && errors.Is(err, io.EOF) {
		return n, nil
	}
	if n == 0 && (err == nil || errors.Is(err, io.EOF)) {
		return 0, ntstatus.EndOfFile
	}
	return n, err
}

// WriteAt writes p at off, in bytes from the start of the file, and, with
// through or if the file was opened so, returns when it is on stable storage.
// An open that may append only cannot change what is there:
// ntstatus.AccessDenied. A byte range that another Handle has locked, or any
// Handle has locked shared, is not written to: ntstatus.FileLockConflict.
// [MS-FSA] 2.1.5.4.
func (h *Handle) WriteAt(ctx context.Context, p []byte, off uint64, through bool) (int, error) {
	if err := h.dataAccess(writeRights); err != nil {
		return 0, err
	}
	if !inFile(off, len(p)) {
		return 0, ntstatus.InvalidParameter
	}
	if len(p) == 0 {
		return 0, nil
	}
	if !mayBecome(off, len(p)) {
		return 0, ntstatus.InvalidParameter
	}
	if !h.granted.Has(dtyp.FileWriteData) {
		attr, err := h.attr(ctx)
		if err != nil {
			return 0, err
		}
		if off < attr.EndOfFile {
			return 0, ntstatus.AccessDenied
		}
	}
	if err := h.checkLocks(off, uint64(len(p)), true); err != nil {
		return 0, err
	}
	grows := h.growsTo(ctx, off+uint64(len(p)))
	n, err := h.data.WriteAt(ctx, p, int64(off))
	if n > 0 || err == nil {
		h.modified(ctx, grows)
		h.written()
	}
	if err != nil {
		return n, err
	}
	if through || h.options&fscc.OptionWriteThrough != 0 {
		return n, h.data.Sync(ctx)
	}
	return n, nil
}

// Flush returns once what was written before is on stable storage. A directory
// has nothing to flush. [MS-FSA] 2.1.5.7.
func (h *Handle) Flush(ctx context.Context) error {
	if h.data == nil {
		return nil
	}
	return h.data.Sync(ctx)
}

// SetEndOfFile sets the length of the file in bytes; new bytes are zero.
// [MS-FSA] 2.1.5.15.5.
func (h *Handle) SetEndOfFile(ctx context.Context, size uint64) error {
	if err := h.resizable(size); err != nil {
		return err
	}
	defer h.resized()
	return h.truncate(ctx, size)
}

// truncate sets the length of the file.
func (h *Handle) truncate(ctx context.Context, size uint64) error {
	if err := h.data.Truncate(ctx, int64(size)); err != nil {
		return err
	}
	h.modified(ctx, true)
	return nil
}

// SetAllocation cuts the file if it is longer than size bytes. More than the
// file has is accepted, without space being reserved. [MS-FSA] 2.1.5.15.1.
//
// Deviation: NTFS rounds size up to a cluster before it cuts; FAT, and this,
// cuts at size.
func (h *Handle) SetAllocation(ctx context.Context, size uint64) error {
	if err := h.resizable(size); err != nil {
		return err
	}
	defer h.resized()
	attr, err := h.attr(ctx)
	if err != nil || size >= attr.EndOfFile {
		return err
	}
	return h.truncate(ctx, size)
}

// resizable checks what both kinds of resizing ask for.
func (h *Handle) resizable(size uint64) error {
	if h.isIndex() || size > maxFileSize {
		return ntstatus.InvalidParameter
	}
	return h.dataAccess(dtyp.FileWriteData)
}

// dataAccess says whether h has data and any of the rights to it.
func (h *Handle) dataAccess(rights dtyp.AccessMask) error {
	switch {
	case h.isIndex():
		return ntstatus.InvalidDeviceRequest
	case h.data == nil || !h.granted.HasAny(rights):
		return ntstatus.AccessDenied
	}
	return nil
}

// inFile says whether n bytes at off have a place in a file at all.
func inFile(off uint64, n int) bool { return off <= math.MaxInt64 && uint64(n) <= math.MaxInt64-off }

// maxFileSize is how long files become, in bytes: as on NTFS with clusters of
// 4 KiB, whatever the file system below can do. [MS-FSA] <181>.
const maxFileSize = 1<<44 - 64<<10

// mayBecome says whether n bytes can be written at off.
func mayBecome(off uint64, n int) bool { return off <= maxFileSize && uint64(n) <= maxFileSize-off }
