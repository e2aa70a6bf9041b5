package smb2

import (
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/wire"
)

// DurableHandleReconnectV2 is the data of a request's
// [CreateDurableHandleReconnectV2], dialects 3.x. There is no response.
// [MS-SMB2] 2.2.13.2.12.
type DurableHandleReconnectV2 struct {
	FileID     FileID // the open that is wanted back
	CreateGUID dtyp.GUID
	Flags      DurableHandleFlags
}

// DurableHandleReconnectV2 reads the data of a request's
// [CreateDurableHandleReconnectV2].
func (c CreateContext) DurableHandleReconnectV2() (DurableHandleReconnectV2, error) {
	return readContext(c, func(r *wire.Reader) (d DurableHandleReconnectV2) {
		d.FileID.decode(r)
		r.Copy(d.CreateGUID[:])
		d.Flags = DurableHandleFlags(r.U32())
		return d
	})
}

// DurableHandleReconnectV2Context encodes d.
func DurableHandleReconnectV2Context(d DurableHandleReconnectV2) CreateContext {
	return newContext(CreateDurableHandleReconnectV2, func(w *wire.Writer) {
		d.FileID.append(w)
		w.Bytes(d.CreateGUID[:])
		w.U32(uint32(d.Flags))
	})
}
