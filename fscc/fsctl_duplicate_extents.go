package fscc

import "github.com/signet-smb/signet/internal/wire"

// SourceFileID is the SMB2_FILEID of an open, [MS-SMB2] 2.2.14.1; the type of
// that name in the message codec, which is above this package, converts.
type SourceFileID struct {
	Persistent uint64
	Volatile   uint64
}

func (id SourceFileID) append(w *wire.Writer) {
	w.U64(id.Persistent)
	w.U64(id.Volatile)
}

func (id *SourceFileID) decode(r *wire.Reader) {
	id.Persistent = r.U64()
	id.Volatile = r.U64()
}

// DuplicateExtents is SMB2_DUPLICATE_EXTENTS_DATA: the input of
// FSCTL_DUPLICATE_EXTENTS_TO_FILE. Offsets and count are in bytes, signed on
// the wire: the caller refuses those beyond 1<<63 - 1. [MS-FSCC] 2.3.7.2.
type DuplicateExtents struct {
	SourceFileID     SourceFileID
	SourceFileOffset uint64
	TargetFileOffset uint64
	ByteCount        uint64
}

// Append implements [Information].
func (i *DuplicateExtents) Append(w *wire.Writer) {
	i.SourceFileID.append(w)
	w.U64(i.SourceFileOffset)
	w.U64(i.TargetFileOffset)
	w.U64(i.ByteCount)
}

// Decode implements [Information].
func (i *DuplicateExtents) Decode(r *wire.Reader) {
	i.SourceFileID.decode(r)
	i.SourceFileOffset = r.U64()
	i.TargetFileOffset = r.U64()
	i.ByteCount = r.U64()
}
