package samr

import (
	"context"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/rpc"
	"github.com/signet-smb/signet/internal/rpc/directory"
	"github.com/signet-smb/signet/ntstatus"
)

// server is what a handle of the server object stands for.
type server struct{}

// domain is what a handle of a domain stands for.
type domain struct{ sid dtyp.SID }

// kind tells users, groups and aliases apart.
type kind uint8

const (
	user kind = iota
	group
	alias
)

// object is what a handle of a user, group or alias stands for.
type object struct {
	kind   kind
	domain dtyp.SID
	rid    uint32
}

// builtin reports whether d is BUILTIN; else it is the machine.
func (d *domain) builtin() bool { return d.sid == directory.BuiltinSID }

// opened answers with a handle for v, or with why there is none.
func opened(call *rpc.Call, v any, s ntstatus.Status) error {
	var handle rpc.Handle
	if s == ntstatus.Success {
		var ok bool
		if handle, ok = call.Handles.Add(v); !ok {
			s = ntstatus.InsufficientResources
		}
	}
	call.Out.Handle(handle)
	return finish(call, s)
}

// granted is the status for the rights that are desired of an object. All may
// be read by who gets here, and nothing can be changed; a right that changes
// something is given, as far as there is one to give, to administrators.
func granted(ctx context.Context, call *rpc.Call, desired uint32) ntstatus.Status {
	// The rights that look only, of all kinds of objects together, are told by
	// the generic mapping of [MS-SAMR] 2.2.1: whoever asks for one that the
	// mapping does not name is told no by the method, which is not there.
	const changes = dtyp.Delete | dtyp.WriteDAC | dtyp.WriteOwner | dtyp.GenericAll | dtyp.GenericWrite | dtyp.AccessSystemSecurity
	if dtyp.AccessMask(desired)&changes != 0 && !call.Allow(ctx, rpc.Administrator) {
		return ntstatus.AccessDenied
	}
	return ntstatus.Success
}

// samrConnect opens the server object. [MS-SAMR] 3.1.5.1.4.
//
//	[in, unique] PSAMPR_SERVER_NAME ServerName,
//	[out] SAMPR_HANDLE* ServerHandle,
//	[in] unsigned long DesiredAccess
func samrConnect(ctx context.Context, call *rpc.Call) error {
	if call.In.Pointer() {
		call.In.U16() // one character: it is no string here
	}
	return connect(ctx, call)
}

// samrConnect2 is the same with a whole name. [MS-SAMR] 3.1.5.1.3.
func samrConnect2(ctx context.Context, call *rpc.Call) error {
	call.In.UniqueString(maxServerName)
	return connect(ctx, call)
}

// samrConnect4 is the same with the client's revision. [MS-SAMR] 3.1.5.1.2.
func samrConnect4(ctx context.Context, call *rpc.Call) error {
	call.In.UniqueString(maxServerName)
	call.In.U32()
	return connect(ctx, call)
}

func connect(ctx context.Context, call *rpc.Call) error {
	desired := call.In.U32()
	if err := call.In.Err(); err != nil {
		return err
	}
	return opened(call, &server{}, granted(ctx, call, desired))
}

// samrConnect5 is the same with revisions of both sides. [MS-SAMR] 3.1.5.1.1.
//
//	[in, unique, string] PSAMPR_SERVER_NAME ServerName,
//	[in] unsigned long DesiredAccess,
//	[in] unsigned long InVersion,
//	[in, switch_is(InVersion)] SAMPR_REVISION_INFO* InRevisionInfo,
//	[out] unsigned long* OutVersion,
//	[out, switch_is(*OutVersion)] SAMPR_REVISION_INFO* OutRevisionInfo,
//	[out] SAMPR_HANDLE* ServerHandle
func samrConnect5(ctx context.Context, call *rpc.Call) error {
	r, w := call.In, call.Out
	r.UniqueString(maxServerName)
	desired := r.U32()
	inVersion := r.U32()
	r.Switch(inVersion)
	if inVersion == 1 {
		r.U32()
		r.U32()
	}
	if err := r.Err(); err != nil {
		return err
	}
	s := ntstatus.NotSupported
	if inVersion == 1 {
		s = granted(ctx, call, desired)
	}
	w.U32(1) // OutVersion
	w.U32(1) // the union's discriminant
	w.U32(3) // Revision
	w.U32(0) // SupportedFeatures
	return opened(call, &server{}, s)
}

// samrCloseHandle closes a handle of any kind. [MS-SAMR] 3.1.5.13.1.
//
//	[in, out] SAMPR_HANDLE* SamHandle
func samrCloseHandle(_ context.Context, call *rpc.Call) error { return rpc.CloseHandle[any](call) }

// samrOpenDomain opens a domain. [MS-SAMR] 3.1.5.1.5.
//
//	[in] SAMPR_HANDLE ServerHandle,
//	[in] unsigned long DesiredAccess,
//	[in] PRPC_SID DomainId,
//	[out] SAMPR_HANDLE* DomainHandle
func (m *methods) samrOpenDomain(ctx context.Context, call *rpc.Call) error {
	if _, _, err := rpc.ReadHandle[*server](call); err != nil {
		return err
	}
	desired := call.In.U32()
	sid := call.In.SID()
	if err := call.In.Err(); err != nil {
		return err
	}
	s := ntstatus.NoSuchDomain
	if sid == directory.BuiltinSID || sid == m.directory.Accounts.MachineSID() {
		s = granted(ctx, call, desired)
	}
	return opened(call, &domain{sid}, s)
}

// open makes the methods that open a user, a group or an alias by its
// identifier. [MS-SAMR] 3.1.5.1.7 to 3.1.5.1.9.
//
//	[in] SAMPR_HANDLE DomainHandle,
//	[in] unsigned long DesiredAccess,
//	[in] unsigned long UserId,
//	[out] SAMPR_HANDLE* UserHandle
func (m *methods) open(k kind) func(context.Context, *rpc.Call) error {
	return func(ctx context.Context, call *rpc.Call) error {
		d, _, err := rpc.ReadHandle[*domain](call)
		if err != nil {
			return err
		}
		desired, rid := call.In.U32(), call.In.U32()
		if err := call.In.Err(); err != nil {
			return err
		}
		v, err := m.view(ctx)
		if err != nil {
			return err
		}
		s := [...]ntstatus.Status{user: ntstatus.NoSuchUser, group: ntstatus.NoSuchGroup, alias: ntstatus.NoSuchAlias}[k]
		for _, e := range d.entries(v, k) {
			if e.rid == rid {
				s = granted(ctx, call, desired)
			}
		}
		return opened(call, &object{k, d.sid, rid}, s)
	}
}

// entry is a user, group or alias in a list.
type entry struct {
	rid  uint32
	name string
}

// entries lists what a domain has of a kind.
func (d *domain) entries(v *directory.View, k kind) []entry {
	var list []entry
	switch {
	case k == alias && d.builtin():
		for _, p := range directory.Aliases() {
			list = append(list, entry{p.SID.RID(), p.Name})
		}
	case k == group && !d.builtin():
		list = append(list, entry{directory.GroupNone, "None"})
	case k == user && !d.builtin():
		for _, a := range v.Accounts {
			list = append(list, entry{a.SID.RID(), a.Name})
		}
	}
	return list
}
