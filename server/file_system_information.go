package server

import (
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/vfs"
)

// bytesPerSector is the sector size that is shown, whatever the disk has:
// clients divide by it.
const bytesPerSector = 512

// fsInfos is the table of file system information classes that are answered.
var fsInfos = map[fscc.FSInformationClass]func(*treeConnect, *vfs.Info) fscc.Information{
	fscc.FileFsVolumeInformation:     fsVolumeInformation,
	fscc.FileFsSizeInformation:       fsSizeInformation,
	fscc.FileFsFullSizeInformation:   fsFullSizeInformation,
	fscc.FileFsDeviceInformation:     fsDeviceInformation,
	fscc.FileFsAttributeInformation:  fsAttributeInformation,
	fscc.FileFsSectorSizeInformation: fsSectorSizeInformation,
}

// queryFileSystem handles SMB2_0_INFO_FILESYSTEM. [MS-SMB2] 3.3.5.20.2.
func queryFileSystem(a *authenticated, req *smb2.QueryInfoRequest) (smb2.Message, error) {
	class := fscc.FSInformationClass(req.FileInfoClass)
	row, ok := class.Row()
	if !ok {
		return nil, ntstatus.InvalidInfoClass
	}
	query, ok := fsInfos[class]
	if !ok {
		return nil, ntstatus.NotSupported
	}
	if int(req.OutputBufferLength) < row.MinimumOutput {
		return nil, ntstatus.InfoLengthMismatch
	}
	vol, err := a.tree.share.volume.Info(a.ctx, a.tree.cred)
	if err != nil {
		return nil, err
	}
	return queryInfoResponse(query(a.tree, &vol), req)
}

func fsVolumeInformation(t *treeConnect, vol *vfs.Info) fscc.Information {
	label := []rune(t.share.Name)
	return &fscc.FsVolumeInformation{
		VolumeCreationTime: dtyp.FileTimeOf(vol.CreationTime),
		VolumeSerialNumber: vol.SerialNumber,
		VolumeLabel:        string(label[:min(len(label), 32)]),
	}
}

// sectorsPerUnit is the allocation unit in sectors.
func sectorsPerUnit(vol *vfs.Info) uint32 { return max(1, vol.BlockSize/bytesPerSector) }

// units converts bytes to allocation units.
func units(vol *vfs.Info, bytes uint64) uint64 {
	return bytes / (uint64(sectorsPerUnit(vol)) * bytesPerSector)
}

func fsSizeInformation(_ *treeConnect, vol *vfs.Info) fscc.Information {
	return &fscc.FsSizeInformation{
		TotalAllocationUnits:     units(vol, vol.TotalBytes),
		AvailableAllocationUnits: units(vol, vol.AvailableBytes),
		SectorsPerAllocationUnit: sectorsPerUnit(vol),
		BytesPerSector:           bytesPerSector,
	}
}

func fsFullSizeInformation(_ *treeConnect, vol *vfs.Info) fscc.Information {
	return &fscc.FsFullSizeInformation{
		TotalAllocationUnits:           units(vol, vol.TotalBytes),
		CallerAvailableAllocationUnits: units(vol, vol.AvailableBytes),
		ActualAvailableAllocationUnits: units(vol, vol.FreeBytes),
		SectorsPerAllocationUnit:       sectorsPerUnit(vol),
		BytesPerSector:                 bytesPerSector,
	}
}

func fsDeviceInformation(t *treeConnect, _ *vfs.Info) fscc.Information {
	info := &fscc.FsDeviceInformation{DeviceType: fscc.DeviceDisk, Characteristics: fscc.DeviceIsMounted}
	if t.share.ReadOnly {
		info.Characteristics |= fscc.ReadOnlyDevice
	}
	return info
}

func fsAttributeInformation(t *treeConnect, vol *vfs.Info) fscc.Information {
	attrs := fscc.FileCaseSensitiveSearch | fscc.FileCasePreservedNames | fscc.FileUnicodeOnDisk
	if t.share.ReadOnly {
		attrs |= fscc.FileReadOnlyVolume
	}
	if t.share.volume.HardLinks() {
		attrs |= fscc.FileSupportsHardLinks
	}
	if t.share.volume.NamedStreams() {
		attrs |= fscc.FileNamedStreams
	}
	if t.share.volume.Security() {
		attrs |= fscc.FilePersistentACLs
	}
	if vol.StoresEAs {
		attrs |= fscc.FileSupportsExtendedAttributes
	}
	if vol.StoresSparse {
		attrs |= fscc.FileSupportsSparseFiles
	}
	return &fscc.FsAttributeInformation{
		FileSystemAttributes:       attrs,
		MaximumComponentNameLength: vol.MaxNameLength,
		FileSystemName:             vol.FileSystemName,
	}
}

// maxAtomic bounds what is said to be written at once, in bytes: an allocation
// unit that is larger is no sector. [MS-FSA] 2.1.5.13.
const maxAtomic = 4096

func fsSectorSizeInformation(_ *treeConnect, vol *vfs.Info) fscc.Information {
	sector := min(max(vol.BlockSize, bytesPerSector), maxAtomic)
	return &fscc.FsSectorSizeInformation{
		LogicalBytesPerSector:                                 bytesPerSector,
		PhysicalBytesPerSectorForAtomicity:                    sector,
		PhysicalBytesPerSectorForPerformance:                  sector,
		FileSystemEffectivePhysicalBytesPerSectorForAtomicity: sector,
		Flags: fscc.SectorSizeAlignedDevice | fscc.SectorSizePartitionAlignedOnDevice,
	}
}
