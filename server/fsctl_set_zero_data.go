package server

import (
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/smb2"
)

// setZeroData handles FSCTL_SET_ZERO_DATA. [MS-FSA] 2.1.5.10.39.
func setZeroData(a *authenticated, req *smb2.IoctlRequest) ([]byte, error) {
	var in fscc.ZeroData
	if err := fscc.DecodeInformation(req.Input, &in); err != nil {
		return nil, err
	}
	return nil, a.open.handle.Zero(a.ctx, in.FileOffset, in.BeyondFinalZero)
}
