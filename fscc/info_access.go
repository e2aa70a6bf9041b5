package fscc

import (
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/wire"
)

// AccessInformation is FILE_ACCESS_INFORMATION. [MS-FSCC] 2.4.1.
type AccessInformation struct {
	AccessFlags dtyp.AccessMask // rights granted to the open
}

// Append implements [Information].
func (i *AccessInformation) Append(w *wire.Writer) {
	w.U32(uint32(i.AccessFlags))
}

// Decode implements [Information].
func (i *AccessInformation) Decode(r *wire.Reader) {
	i.AccessFlags = dtyp.AccessMask(r.U32())
}
