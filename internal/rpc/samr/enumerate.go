package samr

import (
	"context"

	"github.com/signet-smb/signet/internal/rpc"
	"github.com/signet-smb/signet/internal/wire"
	"github.com/signet-smb/signet/ntstatus"
)

// enumerate makes the methods that list the users, groups or aliases of a
// domain. [MS-SAMR] 3.1.5.2.2 to 3.1.5.2.4.
//
//	[in] SAMPR_HANDLE DomainHandle,
//	[in, out] unsigned long* EnumerationContext,
//	[in] unsigned long UserAccountControl, of users
//	[out] PSAMPR_ENUMERATION_BUFFER* Buffer,
//	[in] unsigned long PreferedMaximumLength,
//	[out] unsigned long* CountReturned
func (m *methods) enumerate(k kind) func(context.Context, *rpc.Call) error {
	return func(ctx context.Context, call *rpc.Call) error {
		d, _, err := rpc.ReadHandle[*domain](call)
		if err != nil {
			return err
		}
		resume := call.In.U32()
		const normal = 0x10
		wanted := uint32(normal)
		if k == user {
			if asked := call.In.U32(); asked != 0 {
				wanted = asked
			}
		}
		preferred := call.In.U32()
		if err := call.In.Err(); err != nil {
			return err
		}
		v, err := m.view(ctx)
		if err != nil {
			return err
		}
		list := d.entries(v, k)
		if wanted&normal == 0 { // machines or trusts: there are none
			list = nil
		}
		return listed(call, list, resume, preferred)
	}
}

// listed answers with a part of a list: from resume on, about as many bytes as
// are preferred.
func listed(call *rpc.Call, list []entry, resume, preferred uint32) error {
	w := call.Out
	left := list[min(uint64(resume), uint64(len(list))):]
	room := int(min(preferred, maxAnswer))
	fit := 0
	for fit < len(left) && (fit == 0 || room > 0) {
		room -= 16 + wire.UTF16Len(left[fit].name)
		fit++
	}
	s := ntstatus.Success
	next := uint32(0)
	if fit < len(left) {
		s, next = ntstatus.MoreEntries, resume+uint32(fit)
	}
	w.U32(next)
	w.Pointer(true)
	w.U32(uint32(fit))
	w.Pointer(fit > 0)
	if fit > 0 {
		w.Count(fit)
		for _, e := range left[:fit] {
			w.U32(e.rid)
			w.LaterText(e.name)
		}
		w.Flush()
	}
	w.U32(uint32(fit))
	return finish(call, s)
}
