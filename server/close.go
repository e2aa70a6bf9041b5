package server

import (
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/ntstatus"
)

// closeOpen handles CLOSE. [MS-SMB2] 3.3.5.10.
func closeOpen(a *authenticated) (smb2.Message, error) {
	var req smb2.CloseRequest
	if err := a.decode(&req); err != nil {
		return nil, err
	}
	o := a.open
	res := &smb2.CloseResponse{}
	if req.Flags&smb2.ClosePostQueryAttrib != 0 && o.handle != nil {
		if attr, err := o.handle.Attr(a.ctx); err == nil {
			*res = smb2.CloseResponse{
				Flags:          smb2.ClosePostQueryAttrib,
				CreationTime:   dtyp.FileTimeOf(attr.CreationTime),
				LastAccessTime: dtyp.FileTimeOf(attr.LastAccessTime),
				LastWriteTime:  dtyp.FileTimeOf(attr.LastWriteTime),
				ChangeTime:     dtyp.FileTimeOf(attr.ChangeTime),
				AllocationSize: attr.AllocationSize,
				EndOfFile:      attr.EndOfFile,
				FileAttributes: attributesOf(&attr),
			}
		}
	}
	if err := a.awaitEarlier(a.ctx); err != nil {
		return nil, err
	}
	if !a.session.removeOpen(o) {
		return nil, ntstatus.FileClosed // another CLOSE was faster
	}
	a.releaseOpen()
	if err := o.close(); err != nil {
		return nil, err
	}
	return res, nil
}
