package server

import (
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/ntstatus"
)

// pipePeekSize is the length of an FSCTL_PIPE_PEEK reply without data, in
// bytes.
const pipePeekSize = 16

// pipePeek handles FSCTL_PIPE_PEEK, which never waits. [MS-SMB2] 3.3.5.15.4,
// [MS-FSCC] 2.3.46.
func pipePeek(a *authenticated, req *smb2.IoctlRequest) ([]byte, error) {
	if err := a.open.require(dtyp.FileReadData); err != nil {
		return nil, err
	}
	if req.MaxOutputResponse != 0 && req.MaxOutputResponse < pipePeekSize {
		return nil, ntstatus.BufferTooSmall
	}
	v := a.open.pipe.peek()
	if v.state == fscc.PipeDisconnected {
		return nil, ntstatus.PipeDisconnected
	}
	if req.MaxOutputResponse == 0 {
		return nil, nil // 3.3.5.15.4 allows asking for nothing
	}
	data := v.head[:min(len(v.head), int(req.MaxOutputResponse)-pipePeekSize)]
	out := fscc.AppendInformation(nil, &fscc.PipePeek{
		NamedPipeState:    v.state,
		ReadDataAvailable: uint32(v.available),
		NumberOfMessages:  uint32(v.messages),
		MessageLength:     uint32(len(v.head)),
		Data:              data,
	})
	if len(data) < v.available {
		return out, ntstatus.BufferOverflow
	}
	return out, nil
}
