package fscc

import "github.com/signet-smb/signet/internal/wire"

// StandardLinkInformation is FILE_STANDARD_LINK_INFORMATION.
// [MS-FSCC] 2.4.48.
type StandardLinkInformation struct {
	NumberOfAccessibleLinks uint32 // those not marked for deletion
	TotalNumberOfLinks      uint32
	DeletePending           bool
	Directory               bool
}

// Append implements [Information].
func (i *StandardLinkInformation) Append(w *wire.Writer) {
	w.U32(i.NumberOfAccessibleLinks)
	w.U32(i.TotalNumberOfLinks)
	appendBool(w, i.DeletePending)
	appendBool(w, i.Directory)
	w.Zero(2) // Reserved
}

// Decode implements [Information].
func (i *StandardLinkInformation) Decode(r *wire.Reader) {
	i.NumberOfAccessibleLinks = r.U32()
	i.TotalNumberOfLinks = r.U32()
	i.DeletePending = readBool(r)
	i.Directory = readBool(r)
	r.Skip(2) // Reserved
}
