package srvsvc

import (
	"context"

	"github.com/signet-smb/signet/internal/rpc"
)

// netrShareCheck says whether some share is of a device, by its path on the
// server. Paths are not told, hence there is none. [MS-SRVS] 3.1.4.16.
//
//	[in, string, unique] SRVSVC_HANDLE ServerName,
//	[in, string] WCHAR* Device,
//	[out] DWORD* Type
func netrShareCheck(_ context.Context, call *rpc.Call) error {
	serverName(call)
	call.In.String(maxServerName)
	call.Out.U32(uint32(TypeDiskTree))
	call.Out.U32(uint32(deviceNotShared))
	return nil
}
