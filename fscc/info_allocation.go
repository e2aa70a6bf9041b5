package fscc

import "github.com/signet-smb/signet/internal/wire"

// AllocationInformation is FILE_ALLOCATION_INFORMATION. [MS-FSCC] 2.4.4.
type AllocationInformation struct {
	AllocationSize uint64 // bytes; above 1<<63-1 is negative and must be refused
}

// Append implements [Information].
func (i *AllocationInformation) Append(w *wire.Writer) {
	w.U64(i.AllocationSize)
}

// Decode implements [Information].
func (i *AllocationInformation) Decode(r *wire.Reader) {
	i.AllocationSize = r.U64()
}
