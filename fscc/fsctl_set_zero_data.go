package fscc

import "github.com/signet-smb/signet/internal/wire"

// ZeroData is FILE_ZERO_DATA_INFORMATION: the input of FSCTL_SET_ZERO_DATA.
// Bytes from the start of the file, signed on the wire: the caller refuses
// those beyond 1<<63 - 1. [MS-FSCC] 2.3.85.
type ZeroData struct {
	FileOffset      uint64
	BeyondFinalZero uint64 // first byte behind the range
}

// Append implements [Information].
func (i *ZeroData) Append(w *wire.Writer) {
	w.U64(i.FileOffset)
	w.U64(i.BeyondFinalZero)
}

// Decode implements [Information].
func (i *ZeroData) Decode(r *wire.Reader) {
	i.FileOffset = r.U64()
	i.BeyondFinalZero = r.U64()
}
