package server

import (
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/smb2"
)

// setSparse handles FSCTL_SET_SPARSE. [MS-FSA] 2.1.5.10.38.
func setSparse(a *authenticated, req *smb2.IoctlRequest) ([]byte, error) {
	var in fscc.SetSparse
	if err := fscc.DecodeInformation(req.Input, &in); err != nil {
		return nil, err
	}
	return nil, a.open.handle.SetSparse(a.ctx, in.SetSparse)
}
