package server

import (
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/smb2"
)

// pipeTransceive handles FSCTL_PIPE_TRANSCEIVE: a message is written, and the
// answer read. [MS-SMB2] 3.3.5.15.3, [MS-FSCC] 2.3.47, 2.3.48.
func pipeTransceive(a *authenticated, req *smb2.IoctlRequest) ([]byte, error) {
	for _, right := range []dtyp.AccessMask{dtyp.FileReadData, dtyp.FileWriteData} {
		if err := a.open.require(right); err != nil {
			return nil, err
		}
	}
	room := int(req.MaxOutputResponse)
	data, wait, err := a.open.pipe.transceive(a, req.Input, room)
	if wait != nil {
		return awaitPipe(a, wait, room)
	}
	return data, err
}
