package fscc

import "github.com/signet-smb/signet/internal/wire"

// DuplicateExtentsFlags say how to duplicate extents. [MS-FSCC] 2.3.9.2.
type DuplicateExtentsFlags uint32

// DuplicateExtentsSourceAtomic wants all or nothing, as seen from the source.
const DuplicateExtentsSourceAtomic DuplicateExtentsFlags = 0x00000001

// duplicateExtentsExSize is what StructureSize says.
const duplicateExtentsExSize = 0x30

// DuplicateExtentsEx is SMB2_DUPLICATE_EXTENTS_DATA_EX: the input of
// FSCTL_DUPLICATE_EXTENTS_TO_FILE_EX. [MS-FSCC] 2.3.9.2.
type DuplicateExtentsEx struct {
	DuplicateExtents DuplicateExtents
	Flags            DuplicateExtentsFlags
}

// Append implements [Information].
func (i *DuplicateExtentsEx) Append(w *wire.Writer) {
	w.U64(duplicateExtentsExSize)
	i.DuplicateExtents.Append(w)
	w.U32(uint32(i.Flags))
	w.Zero(4) // Reserved
}

// Decode implements [Information].
func (i *DuplicateExtentsEx) Decode(r *wire.Reader) {
	r.Check(r.U64() == duplicateExtentsExSize, "StructureSize")
	i.DuplicateExtents.Decode(r)
	i.Flags = DuplicateExtentsFlags(r.U32())
	r.Skip(4) // Reserved
}
