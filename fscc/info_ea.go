package fscc

import "github.com/signet-smb/signet/internal/wire"

// EaInformation is FILE_EA_INFORMATION. [MS-FSCC] 2.4.13.
type EaInformation struct {
	EaSize uint32 // bytes of all extended attributes together
}

// EaInformationOf returns the form in which all together is told: with the
// header of the list, if there are any. [MS-FSA] 2.1.5.12.10.
func EaInformationOf(size uint32) EaInformation {
	if size > 0 {
		size += 4
	}
	return EaInformation{EaSize: size}
}

// Append implements [Information].
func (i *EaInformation) Append(w *wire.Writer) {
	w.U32(i.EaSize)
}

// Decode implements [Information].
func (i *EaInformation) Decode(r *wire.Reader) {
	i.EaSize = r.U32()
}
