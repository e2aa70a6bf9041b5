package smb2

import (
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/wire"
)

// appInstanceIDSize is the length of the structure, and what it says of it.
const appInstanceIDSize = 20

// AppInstanceID reads the data of a request's [CreateAppInstanceID], dialects
// 3.x: the instance of an application that opens the file. There is no
// response. [MS-SMB2] 2.2.13.2.13.
func (c CreateContext) AppInstanceID() (dtyp.GUID, error) {
	return readContext(c, func(r *wire.Reader) (id dtyp.GUID) {
		r.Skip(2) // StructureSize, which the length tells
		r.Skip(2) // Reserved
		r.Copy(id[:])
		return id
	})
}

// AppInstanceIDContext encodes id.
func AppInstanceIDContext(id dtyp.GUID) CreateContext {
	return newContext(CreateAppInstanceID, func(w *wire.Writer) {
		w.U16(appInstanceIDSize)
		w.U16(0) // Reserved
		w.Bytes(id[:])
	})
}
