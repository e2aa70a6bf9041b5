package server

import (
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/ntstatus"
)

// changeNotify handles CHANGE_NOTIFY. [MS-SMB2] 3.3.5.19.
//
// Missing: change notification. 3.3.5.19 has NOT_SUPPORTED for an object store
// without it, and clients fall back to listing.
func changeNotify(a *authenticated) (smb2.Message, error) {
	var req smb2.ChangeNotifyRequest
	if err := a.decode(&req); err != nil {
		return nil, err
	}
	if !a.open.handle.IsDir() {
		return nil, ntstatus.InvalidParameter
	}
	return nil, ntstatus.NotSupported
}
