package smb2

import "github.com/signet-smb/signet/internal/wire"

// decodeOutput reads the body that the responses of QUERY_DIRECTORY,
// CHANGE_NOTIFY and QUERY_INFO share: a reference and the buffer behind it.
// [MS-SMB2] 2.2.34, 2.2.36, 2.2.38.
func decodeOutput(r *wire.Reader) []byte {
	return r.At(r.Ref(uint64(r.U16()), uint64(r.U32())))
}

// appendOutput writes what decodeOutput reads.
func appendOutput(w *wire.Writer, output []byte) {
	offset := w.Hole(2)
	w.U32(uint32(len(output)))
	w.Fill(offset, w.Offset())
	w.Bytes(output)
}
