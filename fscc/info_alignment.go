package fscc

import "github.com/signet-smb/signet/internal/wire"

// AlignmentInformation is FILE_ALIGNMENT_INFORMATION. [MS-FSCC] 2.4.3.
type AlignmentInformation struct {
	AlignmentRequirement uint32 // alignment of buffers in bytes, less one; 0 is none
}

// Append implements [Information].
func (i *AlignmentInformation) Append(w *wire.Writer) {
	w.U32(i.AlignmentRequirement)
}

// Decode implements [Information].
func (i *AlignmentInformation) Decode(r *wire.Reader) {
	i.AlignmentRequirement = r.U32()
}
