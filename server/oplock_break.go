package server

import (
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/ntstatus"
)

// oplockBreak handles OPLOCK_BREAK acknowledgments. No oplock is ever granted,
// so none can be being broken. [MS-SMB2] 3.3.5.22.1.
func oplockBreak(*authenticated) (smb2.Message, error) {
	return nil, ntstatus.InvalidDeviceState
}
