package smb2

import (
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/wire"
)

// EABuffer reads the data of a request's [CreateEABuffer]: the extended
// attributes of the new file. There is no response. [MS-SMB2] 2.2.13.2.1.
func (c CreateContext) EABuffer() (fscc.FullEaInformation, error) {
	return readContext(c, func(r *wire.Reader) (eas fscc.FullEaInformation) {
		eas.Decode(r)
		return eas
	})
}

// EABufferContext encodes eas.
func EABufferContext(eas fscc.FullEaInformation) CreateContext {
	return newContext(CreateEABuffer, eas.Append)
}
