package fscc

import "github.com/signet-smb/signet/internal/wire"

// CompressionState is the output of FSCTL_GET_COMPRESSION and the input of
// FSCTL_SET_COMPRESSION. [MS-FSCC] 2.3.18, 2.3.67.
type CompressionState struct {
	CompressionState CompressionFormat // 1 in a request: the file system's choice
}

// Append implements [Information].
func (i *CompressionState) Append(w *wire.Writer) {
	w.U16(uint16(i.CompressionState))
}

// Decode implements [Information].
func (i *CompressionState) Decode(r *wire.Reader) {
	i.CompressionState = CompressionFormat(r.U16())
}
