package smb2

import "github.com/signet-smb/signet/internal/wire"

// DurableHandleReconnect reads the data of a request's
// [CreateDurableHandleReconnect]: the durable open that is wanted back. There
// is no response. [MS-SMB2] 2.2.13.2.4.
func (c CreateContext) DurableHandleReconnect() (FileID, error) {
	return readContext(c, func(r *wire.Reader) (id FileID) {
		id.decode(r)
		return id
	})
}

// DurableHandleReconnectContext asks for id back.
func DurableHandleReconnectContext(id FileID) CreateContext {
	return newContext(CreateDurableHandleReconnect, id.append)
}
