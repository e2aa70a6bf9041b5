package fscc

import "github.com/signet-smb/signet/internal/wire"

// StandardInformation is FILE_STANDARD_INFORMATION. [MS-FSCC] 2.4.47.
type StandardInformation struct {
	AllocationSize uint64 // bytes
	EndOfFile      uint64 // bytes
	NumberOfLinks  uint32 // those not deleted
	DeletePending  bool
	Directory      bool
}

// Append implements [Information].
func (i *StandardInformation) Append(w *wire.Writer) {
	w.U64(i.AllocationSize)
	w.U64(i.EndOfFile)
	w.U32(i.NumberOfLinks)
	appendBool(w, i.DeletePending)
	appendBool(w, i.Directory)
	w.Zero(2) // Reserved
}

// Decode implements [Information].
func (i *StandardInformation) Decode(r *wire.Reader) {
	i.AllocationSize = r.U64()
	i.EndOfFile = r.U64()
	i.NumberOfLinks = r.U32()
	i.DeletePending = readBool(r)
	i.Directory = readBool(r)
	r.Skip(2) // Reserved
}
