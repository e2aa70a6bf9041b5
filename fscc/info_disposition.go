package fscc

import "github.com/signet-smb/signet/internal/wire"

// DispositionInformation is FILE_DISPOSITION_INFORMATION. [MS-FSCC] 2.4.11.
type DispositionInformation struct {
	DeletePending bool // delete the file when it is closed
}

// Append implements [Information].
func (i *DispositionInformation) Append(w *wire.Writer) {
	appendBool(w, i.DeletePending)
}

// Decode implements [Information].
func (i *DispositionInformation) Decode(r *wire.Reader) {
	i.DeletePending = readBool(r)
}
