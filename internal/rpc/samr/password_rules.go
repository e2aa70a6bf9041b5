package samr

import (
	"context"

	"github.com/signet-smb/signet/internal/rpc"
	"github.com/signet-smb/signet/ntstatus"
)

// samrGetUserDomainPasswordInformation tells the rules for the passwords of a
// user's domain. [MS-SAMR] 3.1.5.13.3.
//
//	[in] SAMPR_HANDLE UserHandle,
//	[out] PUSER_DOMAIN_PASSWORD_INFORMATION PasswordInformation
func samrGetUserDomainPasswordInformation(_ context.Context, call *rpc.Call) error {
	o, _, err := rpc.ReadHandle[*object](call)
	if err != nil {
		return err
	}
	s := ntstatus.Success
	if o.kind != user {
		s = ntstatus.ObjectTypeMismatch
	}
	return passwordRules(call, s)
}

// samrGetDomainPasswordInformation is the same without a handle: clients ask
// before they offer to change a password. [MS-SAMR] 3.1.5.13.4.
//
//	[in, unique] PRPC_UNICODE_STRING Unused,
//	[out] PUSER_DOMAIN_PASSWORD_INFORMATION PasswordInformation
func samrGetDomainPasswordInformation(_ context.Context, call *rpc.Call) error {
	if call.In.Pointer() {
		call.In.TopText(maxServerName)
	}
	return passwordRules(call, ntstatus.Success)
}

// passwordRules answers with a USER_DOMAIN_PASSWORD_INFORMATION: Signet has no
// rule that it could say.
func passwordRules(call *rpc.Call, s ntstatus.Status) error {
	call.Out.Align(4)
	call.Out.U16(0) // MinPasswordLength
	call.Out.U32(0) // PasswordProperties
	return finish(call, s)
}
