package fscc

import "github.com/signet-smb/signet/internal/wire"

// SetSparse is FILE_SET_SPARSE_BUFFER: the input of FSCTL_SET_SPARSE.
// [MS-FSCC] 2.3.83.
type SetSparse struct {
	SetSparse bool
}

// Append implements [Information].
func (i *SetSparse) Append(w *wire.Writer) {
	appendBool(w, i.SetSparse)
}

// Decode implements [Information]. No data at all means true.
func (i *SetSparse) Decode(r *wire.Reader) {
	i.SetSparse = r.Len() == 0 || readBool(r)
}
