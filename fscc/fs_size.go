package fscc

import "github.com/signet-smb/signet/internal/wire"

// FsSizeInformation is FILE_FS_SIZE_INFORMATION. [MS-FSCC] 2.5.8.
type FsSizeInformation struct {
	TotalAllocationUnits     uint64
	AvailableAllocationUnits uint64 // free for the caller
	SectorsPerAllocationUnit uint32
	BytesPerSector           uint32
}

// Append implements [Information].
func (i *FsSizeInformation) Append(w *wire.Writer) {
	w.U64(i.TotalAllocationUnits)
	w.U64(i.AvailableAllocationUnits)
	w.U32(i.SectorsPerAllocationUnit)
	w.U32(i.BytesPerSector)
}

// Decode implements [Information].
func (i *FsSizeInformation) Decode(r *wire.Reader) {
	i.TotalAllocationUnits = r.U64()
	i.AvailableAllocationUnits = r.U64()
	i.SectorsPerAllocationUnit = r.U32()
	i.BytesPerSector = r.U32()
}
