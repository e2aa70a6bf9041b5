package fscc

import "github.com/signet-smb/signet/internal/wire"

// ValidDataLengthInformation is FILE_VALID_DATA_LENGTH_INFORMATION.
// [MS-FSCC] 2.4.50.
type ValidDataLengthInformation struct {
	ValidDataLength uint64 // bytes from the start of the file
}

// Append implements [Information].
func (i *ValidDataLengthInformation) Append(w *wire.Writer) {
	w.U64(i.ValidDataLength)
}

// Decode implements [Information].
func (i *ValidDataLengthInformation) Decode(r *wire.Reader) {
	i.ValidDataLength = r.U64()
}
