package server

import (
	"github.com/signet-smb/signet/internal/fsa"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/ntstatus"
)

// applySecurityDescriptor handles SMB2_CREATE_SD_BUFFER: a new file gets that
// security descriptor. [MS-SMB2] 3.3.5.9.2.
func applySecurityDescriptor(c smb2.CreateContext, req *fsa.OpenRequest) error {
	if len(c.Data) == 0 {
		return nil
	}
	sd, err := c.SDBuffer()
	if err != nil {
		return ntstatus.InvalidSecurityDescr
	}
	req.Descriptor = &sd
	return nil
}
