package samr

import (
	"context"
	"slices"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/rpc"
	"github.com/signet-smb/signet/internal/rpc/directory"
	"github.com/signet-smb/signet/ntstatus"
)

// samrQueryInformationGroup tells of the group None. [MS-SAMR] 3.1.5.5.3.
//
//	[in] SAMPR_HANDLE GroupHandle,
//	[in] GROUP_INFORMATION_CLASS GroupInformationClass,
//	[out, switch_is(GroupInformationClass)] PSAMPR_GROUP_INFO_BUFFER* Buffer
func (m *methods) samrQueryInformationGroup(ctx context.Context, call *rpc.Call) error {
	o, class, v, err := m.readObject(ctx, call)
	if err != nil {
		return err
	}
	w := call.Out
	const general, name, attribute, comment = 1, 2, 3, 4
	ok := o.kind == group && class >= general && class <= comment
	w.Pointer(ok)
	if !ok {
		return finish(call, ntstatus.InvalidInfoClass)
	}
	w.U16(class)
	w.Align(4)
	switch class {
	case general:
		w.LaterText("None")
		w.U32(mandatory)
		w.U32(uint32(len(v.Accounts)))
		w.LaterText("")
	case name:
		w.LaterText("None")
	case attribute:
		w.U32(mandatory)
	case comment:
		w.LaterText("")
	}
	w.Flush()
	return finish(call, ntstatus.Success)
}

// readObject reads a handle and a class, and looks at the directory.
func (m *methods) readObject(ctx context.Context, call *rpc.Call) (o *object, class uint16, v *directory.View, err error) {
	if o, _, err = rpc.ReadHandle[*object](call); err != nil {
		return nil, 0, nil, err
	}
	class = call.In.U16()
	if err := call.In.Err(); err != nil {
		return nil, 0, nil, err
	}
	v, err = m.view(ctx)
	return o, class, v, err
}

// samrGetMembersInGroup lists who is in the group None: all accounts. [MS-SAMR]
// 3.1.5.8.3.
//
//	[in] SAMPR_HANDLE GroupHandle,
//	[out] PSAMPR_GET_MEMBERS_BUFFER* Members
func (m *methods) samrGetMembersInGroup(ctx context.Context, call *rpc.Call) error {
	o, _, err := rpc.ReadHandle[*object](call)
	if err != nil {
		return err
	}
	v, err := m.view(ctx)
	if err != nil {
		return err
	}
	w := call.Out
	w.Pointer(o.kind == group)
	if o.kind != group {
		return finish(call, ntstatus.ObjectTypeMismatch)
	}
	n := len(v.Accounts)
	w.U32(uint32(n))
	w.Pointer(n > 0)
	w.Pointer(n > 0)
	if n > 0 {
		w.Count(n)
		for _, a := range v.Accounts {
			w.U32(a.SID.RID())
		}
		w.Count(n)
		for range v.Accounts {
			w.U32(mandatory)
		}
	}
	return finish(call, ntstatus.Success)
}

// samrQueryInformationAlias tells of a built-in group. [MS-SAMR] 3.1.5.5.4.
//
//	[in] SAMPR_HANDLE AliasHandle,
//	[in] ALIAS_INFORMATION_CLASS AliasInformationClass,
//	[out, switch_is(AliasInformationClass)] PSAMPR_ALIAS_INFO_BUFFER* Buffer
func (m *methods) samrQueryInformationAlias(ctx context.Context, call *rpc.Call) error {
	o, class, v, err := m.readObject(ctx, call)
	if err != nil {
		return err
	}
	w := call.Out
	const general, name, comment = 1, 2, 3
	ok := o.kind == alias && class >= general && class <= comment
	w.Pointer(ok)
	if !ok {
		return finish(call, ntstatus.InvalidInfoClass)
	}
	p, _ := v.BySID(o.domain.Child(o.rid))
	w.U16(class)
	switch class {
	case general:
		w.LaterText(p.Name)
		w.U32(uint32(len(v.Members(o.rid))))
		w.LaterText("")
	case name:
		w.LaterText(p.Name)
	case comment:
		w.LaterText("")
	}
	w.Flush()
	return finish(call, ntstatus.Success)
}

// samrGetMembersInAlias lists who is in a built-in group. [MS-SAMR] 3.1.5.8.6.
//
//	[in] SAMPR_HANDLE AliasHandle,
//	[out] PSAMPR_PSID_ARRAY_OUT Members
func (m *methods) samrGetMembersInAlias(ctx context.Context, call *rpc.Call) error {
	o, _, err := rpc.ReadHandle[*object](call)
	if err != nil {
		return err
	}
	v, err := m.view(ctx)
	if err != nil {
		return err
	}
	w := call.Out
	if o.kind != alias {
		w.U32(0)
		w.Pointer(false)
		return finish(call, ntstatus.ObjectTypeMismatch)
	}
	members := v.Members(o.rid)
	w.U32(uint32(len(members)))
	w.Pointer(len(members) > 0)
	if len(members) > 0 {
		w.Count(len(members))
		for _, a := range members {
			w.Later(func() { w.SID(a.SID) })
		}
		w.Flush()
	}
	return finish(call, ntstatus.Success)
}

// samrGetAliasMembership lists in which built-in groups some SIDs are. [MS-SAMR]
// 3.1.5.9.2.
//
//	[in] SAMPR_HANDLE DomainHandle,
//	[in] PSAMPR_PSID_ARRAY SidArray,
//	[out] PSAMPR_ULONG_ARRAY Membership
func (m *methods) samrGetAliasMembership(ctx context.Context, call *rpc.Call) error {
	d, _, err := rpc.ReadHandle[*domain](call)
	if err != nil {
		return err
	}
	sids, err := readSIDs(call)
	if err != nil {
		return err
	}
	v, err := m.view(ctx)
	if err != nil {
		return err
	}
	var in []uint32
	for _, e := range d.entries(v, alias) {
		if slices.ContainsFunc(v.Members(e.rid), func(a directory.Account) bool { return slices.Contains(sids, a.SID) }) {
			in = append(in, e.rid)
		}
	}
	numbers(call.Out, in)
	return finish(call, ntstatus.Success)
}

// readSIDs reads a SAMPR_PSID_ARRAY. [MS-SAMR] 2.2.3.2.
func readSIDs(call *rpc.Call) ([]dtyp.SID, error) {
	const most = 1024
	r := call.In
	n := r.U32()
	if !r.Pointer() {
		if n != 0 {
			r.Fail("Count")
		}
		return nil, r.Err()
	}
	count := r.Count(most, 4)
	if uint32(count) != n {
		r.Fail("Count")
	}
	for range count {
		if !r.Pointer() {
			r.Fail("SidPointer")
		}
	}
	var sids []dtyp.SID
	for range count {
		if r.Err() != nil {
			break
		}
		sids = append(sids, r.SID())
	}
	return sids, r.Err()
}
