package fscc

import "github.com/signet-smb/signet/internal/wire"

// FsFullSizeInformation is FILE_FS_FULL_SIZE_INFORMATION. [MS-FSCC] 2.5.4.
type FsFullSizeInformation struct {
	TotalAllocationUnits           uint64
	CallerAvailableAllocationUnits uint64 // free for the caller
	ActualAvailableAllocationUnits uint64 // free for anyone
	SectorsPerAllocationUnit       uint32
	BytesPerSector                 uint32
}

// Append implements [Information].
func (i *FsFullSizeInformation) Append(w *wire.Writer) {
	w.U64(i.TotalAllocationUnits)
	w.U64(i.CallerAvailableAllocationUnits)
	w.U64(i.ActualAvailableAllocationUnits)
	w.U32(i.SectorsPerAllocationUnit)
	w.U32(i.BytesPerSector)
}

// Decode implements [Information].
func (i *FsFullSizeInformation) Decode(r *wire.Reader) {
	i.TotalAllocationUnits = r.U64()
	i.CallerAvailableAllocationUnits = r.U64()
	i.ActualAvailableAllocationUnits = r.U64()
	i.SectorsPerAllocationUnit = r.U32()
	i.BytesPerSector = r.U32()
}
