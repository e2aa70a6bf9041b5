package fscc

import "github.com/signet-smb/signet/internal/wire"

// ChecksumAlgorithm is how a file's data is checked. [MS-FSCC] 2.3.20, 2.3.73.
type ChecksumAlgorithm uint16

// Checksum algorithms. [MS-FSCC] 2.3.20, 2.3.73.
const (
	ChecksumNone      ChecksumAlgorithm = 0x0000
	ChecksumCRC32     ChecksumAlgorithm = 0x0001
	ChecksumCRC64     ChecksumAlgorithm = 0x0002
	ChecksumUnchanged ChecksumAlgorithm = 0xFFFF // requests only
)

// IntegrityFlags are the flags of a file's integrity. [MS-FSCC] 2.3.20.
type IntegrityFlags uint32

// IntegrityEnforcementOff lets data be read whose checksum is wrong.
const IntegrityEnforcementOff IntegrityFlags = 0x00000001

// GetIntegrityInformation is the output of FSCTL_GET_INTEGRITY_INFORMATION.
// [MS-FSCC] 2.3.20.
type GetIntegrityInformation struct {
	ChecksumAlgorithm        ChecksumAlgorithm
	Flags                    IntegrityFlags
	ChecksumChunkSizeInBytes uint32
	ClusterSizeInBytes       uint32
}

// Append implements [Information].
func (i *GetIntegrityInformation) Append(w *wire.Writer) {
	w.U16(uint16(i.ChecksumAlgorithm))
	w.Zero(2) // Reserved
	w.U32(uint32(i.Flags))
	w.U32(i.ChecksumChunkSizeInBytes)
	w.U32(i.ClusterSizeInBytes)
}

// Decode implements [Information].
func (i *GetIntegrityInformation) Decode(r *wire.Reader) {
	i.ChecksumAlgorithm = ChecksumAlgorithm(r.U16())
	r.Skip(2) // Reserved
	i.Flags = IntegrityFlags(r.U32())
	i.ChecksumChunkSizeInBytes = r.U32()
	i.ClusterSizeInBytes = r.U32()
}

// SetIntegrityInformation is the input of FSCTL_SET_INTEGRITY_INFORMATION.
// [MS-FSCC] 2.3.73.
type SetIntegrityInformation struct {
	ChecksumAlgorithm ChecksumAlgorithm
	Flags             IntegrityFlags
}

// Append implements [Information].
func (i *SetIntegrityInformation) Append(w *wire.Writer) {
	w.U16(uint16(i.ChecksumAlgorithm))
	w.Zero(2) // Reserved
	w.U32(uint32(i.Flags))
}

// Decode implements [Information].
func (i *SetIntegrityInformation) Decode(r *wire.Reader) {
	i.ChecksumAlgorithm = ChecksumAlgorithm(r.U16())
	r.Skip(2) // Reserved
	i.Flags = IntegrityFlags(r.U32())
}

// setIntegrityVersion is the only version of the structure.
const setIntegrityVersion = 1

// SetIntegrityInformationEx is the input of
// FSCTL_SET_INTEGRITY_INFORMATION_EX. [MS-FSCC] 2.3.75.
type SetIntegrityInformationEx struct {
	EnableIntegrity             bool
	KeepIntegrityStateUnchanged bool
	Flags                       IntegrityFlags
}

// Append implements [Information].
func (i *SetIntegrityInformationEx) Append(w *wire.Writer) {
	appendBool(w, i.EnableIntegrity)
	appendBool(w, i.KeepIntegrityStateUnchanged)
	w.Zero(2) // Reserved1
	w.U32(uint32(i.Flags))
	w.U8(setIntegrityVersion)
	w.Zero(7) // Reserved2
}

// Decode implements [Information].
func (i *SetIntegrityInformationEx) Decode(r *wire.Reader) {
	i.EnableIntegrity = readBool(r)
	i.KeepIntegrityStateUnchanged = readBool(r)
	r.Skip(2) // Reserved1
	i.Flags = IntegrityFlags(r.U32())
	r.Check(r.U8() == setIntegrityVersion, "Version")
	r.Skip(7) // Reserved2
}
