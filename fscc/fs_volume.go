package fscc

import (
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/wire"
)

// FsVolumeInformation is FILE_FS_VOLUME_INFORMATION. [MS-FSCC] 2.5.9.
type FsVolumeInformation struct {
	VolumeCreationTime dtyp.FileTime
	VolumeSerialNumber uint32
	SupportsObjects    bool
	VolumeLabel        string // at most 32 characters
}

// Append implements [Information].
func (i *FsVolumeInformation) Append(w *wire.Writer) {
	w.U64(uint64(i.VolumeCreationTime))
	w.U32(i.VolumeSerialNumber)
	w.U32(uint32(wire.UTF16Len(i.VolumeLabel)))
	appendBool(w, i.SupportsObjects)
	w.Zero(1) // Reserved
	w.UTF16(i.VolumeLabel)
}

// Decode implements [Information].
func (i *FsVolumeInformation) Decode(r *wire.Reader) {
	i.VolumeCreationTime = dtyp.FileTime(r.U64())
	i.VolumeSerialNumber = r.U32()
	length := int(r.U32())
	i.SupportsObjects = readBool(r)
	r.Skip(1) // Reserved
	i.VolumeLabel = r.UTF16(length)
}
