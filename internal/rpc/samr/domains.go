package samr

import (
	"context"
	"strings"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/rpc"
	"github.com/signet-smb/signet/internal/rpc/directory"
	"github.com/signet-smb/signet/internal/rpc/ndr"
	"github.com/signet-smb/signet/ntstatus"
)

// builtinName is the name of the domain of the built-in aliases.
const builtinName = "Builtin"

// name is what d is called.
func (m *methods) name(d *domain) string {
	if d.builtin() {
		return builtinName
	}
	return m.directory.Name
}

// samrLookupDomain finds the SID of a domain. [MS-SAMR] 3.1.5.11.1.
//
//	[in] SAMPR_HANDLE ServerHandle,
//	[in] PRPC_UNICODE_STRING Name,
//	[out] PRPC_SID* DomainId
func (m *methods) samrLookupDomain(_ context.Context, call *rpc.Call) error {
	if _, _, err := rpc.ReadHandle[*server](call); err != nil {
		return err
	}
	name := call.In.TopText(maxName)
	if err := call.In.Err(); err != nil {
		return err
	}
	var sid dtyp.SID
	switch {
	case strings.EqualFold(name, m.directory.Name):
		sid = m.directory.Accounts.MachineSID()
	case strings.EqualFold(name, builtinName):
		sid = directory.BuiltinSID
	default:
		call.Out.Pointer(false)
		return finish(call, ntstatus.NoSuchDomain)
	}
	call.Out.Pointer(true)
	call.Out.SID(sid)
	return finish(call, ntstatus.Success)
}

// samrEnumerateDomains lists the two domains. [MS-SAMR] 3.1.5.2.1.
//
//	[in] SAMPR_HANDLE ServerHandle,
//	[in, out] unsigned long* EnumerationContext,
//	[out] PSAMPR_ENUMERATION_BUFFER* Buffer,
//	[in] unsigned long PreferedMaximumLength,
//	[out] unsigned long* CountReturned
func (m *methods) samrEnumerateDomains(_ context.Context, call *rpc.Call) error {
	if _, _, err := rpc.ReadHandle[*server](call); err != nil {
		return err
	}
	resume, preferred := call.In.U32(), call.In.U32()
	if err := call.In.Err(); err != nil {
		return err
	}
	return listed(call, []entry{{0, m.directory.Name}, {0, builtinName}}, resume, preferred)
}

// samrQueryInformationDomain tells of a domain. [MS-SAMR] 3.1.5.5.2, 3.1.5.5.1.
//
//	[in] SAMPR_HANDLE DomainHandle,
//	[in] DOMAIN_INFORMATION_CLASS DomainInformationClass,
//	[out, switch_is(DomainInformationClass)] PSAMPR_DOMAIN_INFO_BUFFER* Buffer
func (m *methods) samrQueryInformationDomain(ctx context.Context, call *rpc.Call) error {
	d, _, err := rpc.ReadHandle[*domain](call)
	if err != nil {
		return err
	}
	class := call.In.U16()
	if err := call.In.Err(); err != nil {
		return err
	}
	v, err := m.view(ctx)
	if err != nil {
		return err
	}
	tell, ok := domainClasses[class]
	call.Out.Pointer(ok)
	if !ok {
		return finish(call, ntstatus.InvalidInfoClass)
	}
	call.Out.U16(class)
	tell.append(call.Out, m, d, v)
	call.Out.Flush()
	return finish(call, ntstatus.Success)
}

// domainClass is an arm of SAMPR_DOMAIN_INFO_BUFFER.
type domainClass struct {
	section string // of [MS-SAMR]
	append  func(w *ndr.Writer, m *methods, d *domain, v *directory.View)
}

// domainClasses are the arms that are told, by DOMAIN_INFORMATION_CLASS.
var domainClasses = map[uint16]domainClass{
	1: {"2.2.3.5", func(w *ndr.Writer, _ *methods, _ *domain, _ *directory.View) {
		w.Align(4)
		w.U16(0)            // MinPasswordLength: Signet has no rule
		w.U16(0)            // PasswordHistoryLength
		w.U32(0)            // PasswordProperties
		time64(w, -never-1) // MaxPasswordAge: for ever
		time64(w, 0)
	}},
	2: {"2.2.3.10", appendGeneral},
	3: {"2.2.3.6", func(w *ndr.Writer, _ *methods, _ *domain, _ *directory.View) {
		w.Align(4)
		time64(w, -never-1)
	}},
	4: {"2.2.3.12", func(w *ndr.Writer, _ *methods, _ *domain, _ *directory.View) { w.LaterText("") }},
	5: {"2.2.3.13", func(w *ndr.Writer, m *methods, d *domain, _ *directory.View) { w.LaterText(m.name(d)) }},
	6: {"2.2.3.14", func(w *ndr.Writer, _ *methods, _ *domain, _ *directory.View) { w.LaterText("") }},
	7: {"2.2.3.7", func(w *ndr.Writer, _ *methods, _ *domain, _ *directory.View) { w.U32(serverRolePrimary) }},
	8: {"2.2.3.8", func(w *ndr.Writer, _ *methods, _ *domain, _ *directory.View) {
		w.Align(4)
		time64(w, 1)
		time64(w, 0)
	}},
	9: {"2.2.3.2", func(w *ndr.Writer, _ *methods, _ *domain, _ *directory.View) { w.U32(serverEnabled) }},
	11: {"2.2.3.11", func(w *ndr.Writer, m *methods, d *domain, v *directory.View) {
		w.Align(8)
		appendGeneral(w, m, d, v)
		appendLockout(w)
	}},
	12: {"2.2.3.15", func(w *ndr.Writer, _ *methods, _ *domain, _ *directory.View) { appendLockout(w) }},
	13: {"2.2.3.9", func(w *ndr.Writer, _ *methods, _ *domain, _ *directory.View) {
		w.Align(4)
		time64(w, 1)
		time64(w, 0)
		time64(w, 0) // ModifiedCountAtLastPromotion
	}},
}

// What a domain's server is. [MS-SAMR] 2.2.3.2, 2.2.3.4.
const (
	serverEnabled     = 1
	serverRolePrimary = 3
)

// appendLockout writes what there is to know of lockout: accounts never are,
// attempts are slowed down.
func appendLockout(w *ndr.Writer) {
	w.Align(8)
	w.U64(0) // LockoutDuration
	w.U64(0) // LockoutObservationWindow
	w.U16(0) // LockoutThreshold
}

// appendGeneral writes a SAMPR_DOMAIN_GENERAL_INFORMATION. [MS-SAMR] 2.2.3.10.
func appendGeneral(w *ndr.Writer, m *methods, d *domain, v *directory.View) {
	w.Align(4)
	time64(w, -never-1) // ForceLogoff: never
	w.LaterText("")
	w.LaterText(m.name(d))
	w.LaterText("")
	time64(w, 1) // DomainModifiedCount
	w.U32(serverEnabled)
	w.U32(serverRolePrimary)
	w.U8(1) // UasCompatibilityRequired
	for _, k := range []kind{user, group, alias} {
		w.U32(uint32(len(d.entries(v, k))))
	}
}

// samrRidToSid makes a SID of an identifier. [MS-SAMR] 3.1.5.13.5.
//
//	[in] SAMPR_HANDLE ObjectHandle,
//	[in] unsigned long Rid,
//	[out] PRPC_SID* Sid
func (m *methods) samrRidToSid(_ context.Context, call *rpc.Call) error {
	h, _, err := rpc.ReadHandle[any](call)
	if err != nil {
		return err
	}
	rid := call.In.U32()
	var of dtyp.SID
	switch h := h.(type) {
	case *domain:
		of = h.sid
	case *object:
		of = h.domain
	default:
		call.Out.Pointer(false)
		return finish(call, ntstatus.InvalidHandle)
	}
	call.Out.Pointer(true)
	call.Out.SID(of.Child(rid))
	return finish(call, ntstatus.Success)
}
