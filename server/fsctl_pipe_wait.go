package server

import (
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/wire"
	"github.com/signet-smb/signet/ntstatus"
)

// pipeWait handles FSCTL_PIPE_WAIT. An instance of a pipe that exists is always
// there to connect to, so nobody waits. [MS-SMB2] 3.3.5.15.10,
// [MS-FSCC] 2.3.49.
func pipeWait(a *authenticated, req *smb2.IoctlRequest) ([]byte, error) {
	if !a.tree.isPipe() {
		return nil, ntstatus.NotSupported
	}
	r := wire.NewReader(req.Input)
	r.Skip(8) // Timeout
	n := r.U32()
	r.Skip(2) // TimeoutSpecified, Padding
	name := r.UTF16(int(min(n, 1<<16)))
	if r.Err() != nil || a.conn.server.pipes[pipeName(name)] == nil {
		return nil, ntstatus.ObjectNameNotFound // malformed names too
	}
	return nil, nil
}
