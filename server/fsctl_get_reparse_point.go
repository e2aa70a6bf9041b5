package server

import (
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/ntstatus"
)

// getReparsePoint handles FSCTL_GET_REPARSE_POINT: nothing that can be opened
// is one. [MS-FSA] 2.1.5.10.14.
func getReparsePoint(*authenticated, *smb2.IoctlRequest) ([]byte, error) {
	return nil, ntstatus.NotAReparsePoint
}
