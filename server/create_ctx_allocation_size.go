package server

import (
	"github.com/signet-smb/signet/internal/fsa"
	"github.com/signet-smb/signet/internal/smb2"
)

// applyAllocationSize handles SMB2_CREATE_ALLOCATION_SIZE: a new file that
// there is no space for is not created. [MS-SMB2] 3.3.5.9.3.
func applyAllocationSize(c smb2.CreateContext, req *fsa.OpenRequest) (err error) {
	req.AllocationSize, err = c.AllocationSize()
	return err
}
