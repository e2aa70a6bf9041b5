package samr

import (
	"context"
	"fmt"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/rpc"
	"github.com/signet-smb/signet/ntstatus"
)

// The rights to everything that there is of an object. [MS-SAMR] 2.2.1.3 to
// 2.2.1.7.
const (
	serverAllAccess dtyp.AccessMask = 0x000F_003F
	domainAllAccess dtyp.AccessMask = 0x000F_07FF
	groupAllAccess  dtyp.AccessMask = 0x000F_001F // of aliases, too
	userAllAccess   dtyp.AccessMask = 0x000F_07FF
)

// samrQuerySecurityObject tells the security descriptor of an object: what the
// role admin means. Who has a smaller role may look besides, and is no SID.
// [MS-SAMR] 3.1.5.12.2.
//
//	[in] SAMPR_HANDLE ObjectHandle,
//	[in] SECURITY_INFORMATION SecurityInformation,
//	[out] PSAMPR_SR_SECURITY_DESCRIPTOR* SecurityDescriptor
func samrQuerySecurityObject(_ context.Context, call *rpc.Call) error {
	h, _, err := rpc.ReadHandle[any](call)
	if err != nil {
		return err
	}
	parts := dtyp.SecurityInformation(call.In.U32())
	if err := call.In.Err(); err != nil {
		return err
	}
	all := serverAllAccess
	switch h := h.(type) {
	case *server:
	case *domain:
		all = domainAllAccess
	case *object:
		if all = groupAllAccess; h.kind == user {
			all = userAllAccess
		}
	default:
		call.Out.Pointer(false)
		return finish(call, ntstatus.InvalidHandle)
	}
	sd, err := dtyp.ParseSDDL(fmt.Sprintf("O:BAG:BAD:(A;;%#x;;;BA)", uint32(all)))
	if err != nil {
		return err
	}
	b, err := sd.Only(parts).AppendBinary(nil)
	if err != nil {
		return err
	}
	w := call.Out
	w.Pointer(true)
	w.U32(uint32(len(b)))
	w.Pointer(true)
	w.Bytes(b)
	return finish(call, ntstatus.Success)
}
