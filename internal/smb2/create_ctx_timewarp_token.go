package smb2

import (
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/wire"
)

// TimewarpToken reads the data of a request's [CreateTimewarpToken]: the
// snapshot in which to open the file. There is no response.
// [MS-SMB2] 2.2.13.2.7.
func (c CreateContext) TimewarpToken() (dtyp.FileTime, error) {
	return readContext(c, func(r *wire.Reader) dtyp.FileTime { return dtyp.FileTime(r.U64()) })
}

// TimewarpTokenContext encodes the time of a snapshot.
func TimewarpTokenContext(snapshot dtyp.FileTime) CreateContext {
	return newContext(CreateTimewarpToken, func(w *wire.Writer) { w.U64(uint64(snapshot)) })
}
