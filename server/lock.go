package server

import (
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/ntstatus"
)

// lock handles LOCK. [MS-SMB2] 3.3.5.14.
//
// Missing: byte-range locks. A lock that protects nothing would be worse than
// none, so it is refused.
func lock(a *authenticated) (smb2.Message, error) {
	var req smb2.LockRequest
	if err := a.decode(&req); err != nil {
		return nil, err
	}
	return nil, ntstatus.NotSupported
}
