package server

import (
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/ntstatus"
)

// pipeWait handles FSCTL_PIPE_WAIT. An instance of a pipe that exists is always
// there to connect to, so nobody waits. [MS-SMB2] 3.3.5.15.10,
// [MS-FSCC] 2.3.49.
func pipeWait(a *authenticated, req *smb2.IoctlRequest) ([]byte, error) {
	if !a.tree.isPipe() {
		return nil, ntstatus.NotSupported
	}
	var in fscc.PipeWait
	if err := fscc.DecodeInformation(req.Input, &in); err != nil || a.conn.server.pipes[pipeName(in.Name)] == nil {
		return nil, ntstatus.ObjectNameNotFound // malformed names too
	}
	return nil, nil
}
