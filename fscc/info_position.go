package fscc

import "github.com/signet-smb/signet/internal/wire"

// PositionInformation is FILE_POSITION_INFORMATION. [MS-FSCC] 2.4.40.
type PositionInformation struct {
	CurrentByteOffset uint64 // bytes from the start of the file
}

// Append implements [Information].
func (i *PositionInformation) Append(w *wire.Writer) {
	w.U64(i.CurrentByteOffset)
}

// Decode implements [Information].
func (i *PositionInformation) Decode(r *wire.Reader) {
	i.CurrentByteOffset = r.U64()
}
