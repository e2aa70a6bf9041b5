package fscc

import "github.com/signet-smb/signet/internal/wire"

// EaInformation is FILE_EA_INFORMATION. [MS-FSCC] 2.4.13.
type EaInformation struct {
	EaSize uint32 // bytes of all extended attributes together
}

// Append implements [Information].
func (i *EaInformation) Append(w *wire.Writer) {
	w.U32(i.EaSize)
}

// Decode implements [Information].
func (i *EaInformation) Decode(r *wire.Reader) {
	i.EaSize = r.U32()
}
