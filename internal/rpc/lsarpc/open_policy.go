package lsarpc

import (
	"context"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/rpc"
	"github.com/signet-smb/signet/internal/rpc/ndr"
	"github.com/signet-smb/signet/ntstatus"
)

// policyHandle is what a handle of the policy object stands for.
type policyHandle struct{ granted dtyp.AccessMask }

// Rights of the policy object. [MS-LSAD] 2.2.1.1.2.
const (
	viewLocalInformation dtyp.AccessMask = 0x0001
	lookupNames          dtyp.AccessMask = 0x0800
	policyAll            dtyp.AccessMask = 0x000F_1FFF

	// policyUser is what everybody who has signed in gets.
	policyUser = viewLocalInformation | lookupNames | dtyp.ReadControl
)

// objectAttributes reads an LSAPR_OBJECT_ATTRIBUTES, of which only
// RootDirectory means something, by its presence. A name or a security
// descriptor in it, which no client sends, is not understood.
// [MS-LSAD] 2.2.2.4.
func objectAttributes(r *ndr.Reader) (hasRoot bool) {
	r.U32()
	hasRoot = r.Pointer()
	name := r.Pointer()
	r.U32()
	descriptor := r.Pointer()
	quality := r.Pointer()
	if name || descriptor {
		r.Fail("ObjectAttributes")
	}
	if hasRoot {
		r.U8()
	}
	if quality { // SECURITY_QUALITY_OF_SERVICE
		r.U32()
		r.U16()
		r.U8()
		r.U8()
	}
	return hasRoot
}

// open grants a handle. What goes beyond looking at names is for
// administrators, and there is nothing that it could be used for.
func open(ctx context.Context, call *rpc.Call, hasRoot bool, desired dtyp.AccessMask) (handle rpc.Handle, s ntstatus.Status) {
	all := policyUser
	if call.Caller.Has(ctx, rpc.Administrator) {
		all = policyAll
	}
	if desired&(dtyp.MaximumAllowed|dtyp.GenericAll) != 0 {
		desired = desired&^(dtyp.MaximumAllowed|dtyp.GenericAll) | all
	}
	if desired&(dtyp.GenericRead|dtyp.GenericExecute) != 0 {
		desired = desired&^(dtyp.GenericRead|dtyp.GenericExecute) | policyUser
	}
	switch {
	case hasRoot:
		return handle, ntstatus.InvalidParameter
	case desired&^all != 0:
		return handle, ntstatus.AccessDenied
	}
	handle, ok := call.Handles.Add(&policyHandle{desired})
	if !ok {
		return handle, ntstatus.InsufficientResources
	}
	return handle, ntstatus.Success
}

// lsarOpenPolicy opens the policy object. [MS-LSAD] 3.1.4.4.2.
//
//	[in, unique] wchar_t* SystemName,
//	[in] PLSAPR_OBJECT_ATTRIBUTES ObjectAttributes,
//	[in] ACCESS_MASK DesiredAccess,
//	[out] LSAPR_HANDLE* PolicyHandle
func lsarOpenPolicy(ctx context.Context, call *rpc.Call) error {
	if call.In.Pointer() {
		call.In.U16() // one character: it is no string here
	}
	return openPolicy(ctx, call)
}

// lsarOpenPolicy2 is the same with a whole name. [MS-LSAD] 3.1.4.4.1.
func lsarOpenPolicy2(ctx context.Context, call *rpc.Call) error {
	call.In.UniqueString(maxSystemName)
	return openPolicy(ctx, call)
}

// openPolicy reads what follows the name, and answers.
func openPolicy(ctx context.Context, call *rpc.Call) error {
	hasRoot := objectAttributes(call.In)
	desired := dtyp.AccessMask(call.In.U32())
	if err := call.In.Err(); err != nil {
		return err
	}
	handle, s := open(ctx, call, hasRoot, desired)
	call.Out.Handle(handle)
	return finish(call, s)
}

// lsarOpenPolicy3 is the same, and tells what else the server can: nothing of
// what there are bits for. It is what Windows 11 24H2 asks first.
// [MS-LSAD] 3.1.4.4.9.
//
//	[in, unique, string] PLSAPR_SERVER_NAME SystemName,
//	[in] PLSAPR_OBJECT_ATTRIBUTES ObjectAttributes,
//	[in] ACCESS_MASK DesiredAccess,
//	[in] ULONG InVersion,
//	[in, switch_is(InVersion)] LSAPR_REVISION_INFO* InRevisionInfo,
//	[out] ULONG* OutVersion,
//	[out, switch_is(*OutVersion)] LSAPR_REVISION_INFO* OutRevisionInfo,
//	[out] LSAPR_HANDLE* PolicyHandle
func lsarOpenPolicy3(ctx context.Context, call *rpc.Call) error {
	r, w := call.In, call.Out
	r.UniqueString(maxSystemName)
	hasRoot := objectAttributes(r)
	desired := dtyp.AccessMask(r.U32())
	inVersion := r.U32()
	r.Switch(inVersion)
	if inVersion == 1 {
		r.U32()
		r.U32()
	}
	if err := r.Err(); err != nil {
		return err
	}
	handle, s := rpc.Handle{}, ntstatus.NotSupported
	if inVersion == 1 {
		handle, s = open(ctx, call, hasRoot, desired)
	}
	w.U32(1) // OutVersion
	w.U32(1) // the union's discriminant
	w.U32(1) // Revision
	w.U32(0) // SupportedFeatures
	w.Handle(handle)
	return finish(call, s)
}

// lsarClose closes a handle. [MS-LSAD] 3.1.4.9.4.
//
//	[in, out] LSAPR_HANDLE* ObjectHandle
func lsarClose(_ context.Context, call *rpc.Call) error { return rpc.CloseHandle[*policyHandle](call) }
