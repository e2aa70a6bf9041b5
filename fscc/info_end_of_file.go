package fscc

import "github.com/signet-smb/signet/internal/wire"

// EndOfFileInformation is FILE_END_OF_FILE_INFORMATION. [MS-FSCC] 2.4.14.
type EndOfFileInformation struct {
	EndOfFile uint64 // bytes; above 1<<63-1 is negative and must be refused
}

// Append implements [Information].
func (i *EndOfFileInformation) Append(w *wire.Writer) {
	w.U64(i.EndOfFile)
}

// Decode implements [Information].
func (i *EndOfFileInformation) Decode(r *wire.Reader) {
	i.EndOfFile = r.U64()
}
