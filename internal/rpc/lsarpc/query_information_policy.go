package lsarpc

import (
	"context"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/rpc"
	"github.com/signet-smb/signet/internal/rpc/directory"
	"github.com/signet-smb/signet/internal/rpc/ndr"
	"github.com/signet-smb/signet/ntstatus"
)

// workgroup is what a machine that is in no domain says that it is in.
const workgroup = "WORKGROUP"

// informationClasses are the arms of LSAPR_POLICY_INFORMATION that are told,
// by POLICY_INFORMATION_CLASS. [MS-LSAD] 2.2.4.1, 2.2.4.2.
var informationClasses = map[uint16]func(w *ndr.Writer, machine directory.Principal){
	3: func(w *ndr.Writer, _ directory.Principal) { // PolicyPrimaryDomainInformation
		w.LaterText(workgroup)
		w.Pointer(false)
	},
	5: func(w *ndr.Writer, machine directory.Principal) { // PolicyAccountDomainInformation
		w.LaterText(machine.Domain)
		w.Later(func() { w.SID(machine.SID) })
	},
	6: func(w *ndr.Writer, _ directory.Principal) { w.U16(3) }, // PolicyLsaServerRolePrimary
	12: func(w *ndr.Writer, _ directory.Principal) { // PolicyDnsDomainInformation
		w.LaterText(workgroup)
		w.LaterText("")
		w.LaterText("")
		w.GUID(dtyp.GUID{})
		w.Pointer(false)
	},
}

// lsarQueryInformationPolicy tells which machine this is. [MS-LSAD] 3.1.4.4.4,
// 3.1.4.4.3.
//
//	[in] LSAPR_HANDLE PolicyHandle,
//	[in] POLICY_INFORMATION_CLASS InformationClass,
//	[out, switch_is(InformationClass)] PLSAPR_POLICY_INFORMATION* PolicyInformation
func (m *methods) lsarQueryInformationPolicy(_ context.Context, call *rpc.Call) error {
	h, _, err := rpc.ReadHandle[*policyHandle](call)
	if err != nil {
		return err
	}
	class := call.In.U16()
	if err := call.In.Err(); err != nil {
		return err
	}
	tell, ok := informationClasses[class]
	if !ok || h.granted&viewLocalInformation == 0 {
		call.Out.Pointer(false)
		if !ok {
			return finish(call, ntstatus.InvalidParameter)
		}
		return finish(call, ntstatus.AccessDenied)
	}
	w := call.Out
	w.Pointer(true)
	w.U16(class)
	if class != 6 { // the arm has pointers, so it is aligned to 4
		w.Align(4)
	}
	tell(w, directory.Principal{SID: m.directory.Accounts.MachineSID(), Domain: m.directory.Name})
	w.Flush()
	return finish(call, ntstatus.Success)
}

// lsarGetUserName tells the caller who it is. [MS-LSAT] 3.1.4.4.
//
//	[in, unique, string] wchar_t* SystemName,
//	[in, out] PRPC_UNICODE_STRING* UserName,
//	[in, out, unique] PRPC_UNICODE_STRING* DomainName
func (m *methods) lsarGetUserName(_ context.Context, call *rpc.Call) error {
	r, w := call.In, call.Out
	r.UniqueString(maxSystemName)
	name := r.Pointer()
	if name {
		r.TopText(maxNameLength)
	}
	domain := r.Pointer()
	filled := domain && r.Pointer()
	if filled {
		r.TopText(maxNameLength)
	}
	if err := r.Err(); err != nil {
		return err
	}
	if name || filled { // both must be null: the server makes them
		w.Pointer(false)
		w.Pointer(false)
		return finish(call, ntstatus.InvalidParameter)
	}
	w.Pointer(true)
	w.Text(call.Caller.Account)
	w.TextReferent(call.Caller.Account)
	w.Pointer(domain)
	if domain {
		w.Pointer(true)
		w.Text(m.directory.Name)
		w.TextReferent(m.directory.Name)
	}
	return finish(call, ntstatus.Success)
}
