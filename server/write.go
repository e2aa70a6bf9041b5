package server

import (
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/policy"
)

// write handles WRITE. [MS-SMB2] 3.3.5.13.
func write(a *authenticated) (smb2.Message, error) {
	var req smb2.WriteRequest
	if err := a.decode(&req); err != nil {
		return nil, err
	}
	if err := a.open.require(dtyp.FileWriteData | dtyp.FileAppendData); err != nil {
		return nil, err
	}
	if req.Channel != smb2.ChannelNone {
		return nil, ntstatus.InvalidParameter
	}
	if err := a.checkCharge(uint32(len(req.Data))); err != nil {
		return nil, err
	}
	if a.open.pipe != nil {
		return writePipe(a, &req)
	}
	if a.open.handle.IsDir() {
		return nil, ntstatus.InvalidDeviceRequest
	}
	through := req.Flags&smb2.WriteThrough != 0 && !policy.Get(a.tree.policy, policy.TreatHostAsStableStorage)
	n, err := a.open.handle.WriteAt(a.ctx, req.Data, req.Offset, through)
	if err != nil {
		return nil, err
	}
	return &smb2.WriteResponse{Count: uint32(n)}, nil
}
