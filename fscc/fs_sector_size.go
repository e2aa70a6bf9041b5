package fscc

import "github.com/signet-smb/signet/internal/wire"

// SectorSizeFlags are properties of the device a volume is on.
// [MS-FSCC] 2.5.7.
type SectorSizeFlags uint32

// Sector size flags. [MS-FSCC] 2.5.7.
const (
	SectorSizeAlignedDevice            SectorSizeFlags = 0x00000001
	SectorSizePartitionAlignedOnDevice SectorSizeFlags = 0x00000002
	SectorSizeNoSeekPenalty            SectorSizeFlags = 0x00000004
	SectorSizeTrimEnabled              SectorSizeFlags = 0x00000008
)

// SectorOffsetUnknown stands for an alignment that could not be found out.
// [MS-FSCC] 2.5.7.
const SectorOffsetUnknown uint32 = 0xFFFFFFFF

// FsSectorSizeInformation is FILE_FS_SECTOR_SIZE_INFORMATION. All sizes and
// offsets are in bytes. [MS-FSCC] 2.5.7.
type FsSectorSizeInformation struct {
	LogicalBytesPerSector                                 uint32
	PhysicalBytesPerSectorForAtomicity                    uint32
	PhysicalBytesPerSectorForPerformance                  uint32
	FileSystemEffectivePhysicalBytesPerSectorForAtomicity uint32
	Flags                                                 SectorSizeFlags
	ByteOffsetForSectorAlignment                          uint32 // or SectorOffsetUnknown
	ByteOffsetForPartitionAlignment                       uint32 // or SectorOffsetUnknown
}

// Append implements [Information].
func (i *FsSectorSizeInformation) Append(w *wire.Writer) {
	w.U32(i.LogicalBytesPerSector)
	w.U32(i.PhysicalBytesPerSectorForAtomicity)
	w.U32(i.PhysicalBytesPerSectorForPerformance)
	w.U32(i.FileSystemEffectivePhysicalBytesPerSectorForAtomicity)
	w.U32(uint32(i.Flags))
	w.U32(i.ByteOffsetForSectorAlignment)
	w.U32(i.ByteOffsetForPartitionAlignment)
}

// Decode implements [Information].
func (i *FsSectorSizeInformation) Decode(r *wire.Reader) {
	i.LogicalBytesPerSector = r.U32()
	i.PhysicalBytesPerSectorForAtomicity = r.U32()
	i.PhysicalBytesPerSectorForPerformance = r.U32()
	i.FileSystemEffectivePhysicalBytesPerSectorForAtomicity = r.U32()
	i.Flags = SectorSizeFlags(r.U32())
	i.ByteOffsetForSectorAlignment = r.U32()
	i.ByteOffsetForPartitionAlignment = r.U32()
}
