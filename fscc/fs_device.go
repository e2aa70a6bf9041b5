package fscc

import "github.com/signet-smb/signet/internal/wire"

// DeviceType is the kind of device a volume is on. [MS-FSCC] 2.5.10.
type DeviceType uint32

// Device types. [MS-FSCC] 2.5.10.
const (
	DeviceCDROM DeviceType = 0x00000002
	DeviceDisk  DeviceType = 0x00000007
)

// DeviceCharacteristics are properties of a volume's device.
// [MS-FSCC] 2.5.10.
type DeviceCharacteristics uint32

// Device characteristics. [MS-FSCC] 2.5.10.
const (
	RemovableMedia             DeviceCharacteristics = 0x00000001
	ReadOnlyDevice             DeviceCharacteristics = 0x00000002
	FloppyDiskette             DeviceCharacteristics = 0x00000004
	WriteOnceMedia             DeviceCharacteristics = 0x00000008
	RemoteDevice               DeviceCharacteristics = 0x00000010
	DeviceIsMounted            DeviceCharacteristics = 0x00000020
	VirtualVolume              DeviceCharacteristics = 0x00000040
	DeviceSecureOpen           DeviceCharacteristics = 0x00000100
	CharacteristicTSDevice     DeviceCharacteristics = 0x00001000
	CharacteristicWebDAVDevice DeviceCharacteristics = 0x00002000
	PortableDevice             DeviceCharacteristics = 0x00004000
	AllowAppContainerTraversal DeviceCharacteristics = 0x00020000
)

// FsDeviceInformation is FILE_FS_DEVICE_INFORMATION. [MS-FSCC] 2.5.10.
type FsDeviceInformation struct {
	DeviceType      DeviceType
	Characteristics DeviceCharacteristics
}

// Append implements [Information].
func (i *FsDeviceInformation) Append(w *wire.Writer) {
	w.U32(uint32(i.DeviceType))
	w.U32(uint32(i.Characteristics))
}

// Decode implements [Information].
func (i *FsDeviceInformation) Decode(r *wire.Reader) {
	i.DeviceType = DeviceType(r.U32())
	i.Characteristics = DeviceCharacteristics(r.U32())
}
