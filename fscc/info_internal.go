package fscc

import "github.com/signet-smb/signet/internal/wire"

// InternalInformation is FILE_INTERNAL_INFORMATION. [MS-FSCC] 2.4.27.
type InternalInformation struct {
	IndexNumber uint64 // 64-bit file ID, 2.1.9
}

// Append implements [Information].
func (i *InternalInformation) Append(w *wire.Writer) {
	w.U64(i.IndexNumber)
}

// Decode implements [Information].
func (i *InternalInformation) Decode(r *wire.Reader) {
	i.IndexNumber = r.U64()
}
