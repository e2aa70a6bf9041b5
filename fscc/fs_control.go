package fscc

import "github.com/signet-smb/signet/internal/wire"

// FileSystemControlFlags say how quotas are kept on a volume.
// [MS-FSCC] 2.5.2.
type FileSystemControlFlags uint32

// File system control flags. [MS-FSCC] 2.5.2.
const (
	QuotaTrack           FileSystemControlFlags = 0x00000001
	QuotaEnforce         FileSystemControlFlags = 0x00000002
	ContentIndexDisabled FileSystemControlFlags = 0x00000008
	LogQuotaThreshold    FileSystemControlFlags = 0x00000010
	LogQuotaLimit        FileSystemControlFlags = 0x00000020
	LogVolumeThreshold   FileSystemControlFlags = 0x00000040
	LogVolumeLimit       FileSystemControlFlags = 0x00000080
	QuotasIncomplete     FileSystemControlFlags = 0x00000100
	QuotasRebuilding     FileSystemControlFlags = 0x00000200
)

// FsControlInformation is FILE_FS_CONTROL_INFORMATION. Sizes are in bytes.
// [MS-FSCC] 2.5.2.
type FsControlInformation struct {
	FreeSpaceStartFiltering uint64
	FreeSpaceThreshold      uint64
	FreeSpaceStopFiltering  uint64
	DefaultQuotaThreshold   uint64 // or NoQuota
	DefaultQuotaLimit       uint64 // or NoQuota
	FileSystemControlFlags  FileSystemControlFlags
}

// Append implements [Information].
func (i *FsControlInformation) Append(w *wire.Writer) {
	w.U64(i.FreeSpaceStartFiltering)
	w.U64(i.FreeSpaceThreshold)
	w.U64(i.FreeSpaceStopFiltering)
	w.U64(i.DefaultQuotaThreshold)
	w.U64(i.DefaultQuotaLimit)
	w.U32(uint32(i.FileSystemControlFlags))
	w.Zero(4) // Padding
}

// Decode implements [Information].
func (i *FsControlInformation) Decode(r *wire.Reader) {
	i.FreeSpaceStartFiltering = r.U64()
	i.FreeSpaceThreshold = r.U64()
	i.FreeSpaceStopFiltering = r.U64()
	i.DefaultQuotaThreshold = r.U64()
	i.DefaultQuotaLimit = r.U64()
	i.FileSystemControlFlags = FileSystemControlFlags(r.U32())
	r.Skip(4) // Padding
}
