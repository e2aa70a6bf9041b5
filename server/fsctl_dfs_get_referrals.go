package server

import (
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/ntstatus"
)

// getDFSReferrals handles FSCTL_DFS_GET_REFERRALS and its extended form. This
// server is no DFS server. [MS-SMB2] 3.3.5.15.2.
func getDFSReferrals(*authenticated, *smb2.IoctlRequest) ([]byte, error) {
	return nil, ntstatus.FSDriverRequired
}
