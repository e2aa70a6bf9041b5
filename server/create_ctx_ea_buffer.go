package server

import (
	"github.com/signet-smb/signet/internal/fsa"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/ntstatus"
)

// applyExtendedAttributes has extended attributes set on the file if it is
// created. [MS-SMB2] 3.3.5.9.1.
func applyExtendedAttributes(c smb2.CreateContext, req *fsa.OpenRequest) error {
	if len(c.Data) == 0 {
		return nil
	}
	eas, err := c.EABuffer()
	if err != nil {
		return ntstatus.EAListInconsistent
	}
	req.EAs = eas.EAs
	return nil
}
