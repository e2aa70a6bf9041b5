package samr

import (
	"context"
	"slices"

	"github.com/signet-smb/signet/auth"
	"github.com/signet-smb/signet/internal/rpc"
	"github.com/signet-smb/signet/internal/rpc/directory"
	"github.com/signet-smb/signet/internal/rpc/ndr"
	"github.com/signet-smb/signet/ntstatus"
)

// uses are the SID_NAME_USEs of the kinds.
var uses = map[kind]directory.Use{user: directory.User, group: directory.Group, alias: directory.Alias}

// all lists what a domain has of all kinds, with their uses.
func (d *domain) all(v *directory.View) (list []entry, use []directory.Use) {
	for _, k := range []kind{user, group, alias} {
		for _, e := range d.entries(v, k) {
			list, use = append(list, e), append(use, uses[k])
		}
	}
	return list, use
}

// conformantVarying reads the counts of an array of which the first n of 1,000
// are sent.
func conformantVarying(r *ndr.Reader, n uint32, size int) int {
	r.U32()
	offset := r.U32()
	actual := r.Count(maxAsked, size)
	if offset != 0 || uint32(actual) != n {
		r.Fail("Count")
	}
	return actual
}

// samrLookupNames finds identifiers of names. [MS-SAMR] 3.1.5.11.2.
//
//	[in] SAMPR_HANDLE DomainHandle,
//	[in, range(0, 1000)] unsigned long Count,
//	[in, size_is(1000), length_is(Count)] RPC_UNICODE_STRING Names[*],
//	[out] PSAMPR_ULONG_ARRAY RelativeIds,
//	[out] PSAMPR_ULONG_ARRAY Use
func (m *methods) samrLookupNames(ctx context.Context, call *rpc.Call) error {
	d, _, err := rpc.ReadHandle[*domain](call)
	if err != nil {
		return err
	}
	r := call.In
	n := conformantVarying(r, r.U32(), 8)
	if err := r.Err(); err != nil {
		return err
	}
	texts := make([]ndr.Text, n)
	for i := range texts {
		texts[i] = r.Text()
	}
	names := make([]string, n)
	for i, t := range texts {
		names[i] = r.TextReferent(t, maxName)
	}
	if err := r.Err(); err != nil {
		return err
	}
	v, err := m.view(ctx)
	if err != nil {
		return err
	}
	list, use := d.all(v)
	rids, kinds := make([]uint32, n), make([]uint32, n)
	found := 0
	for i, name := range names {
		kinds[i] = uint32(directory.Unknown)
		if j := slices.IndexFunc(list, func(e entry) bool { return auth.Upcase(e.name) == auth.Upcase(name) }); j >= 0 {
			rids[i], kinds[i] = list[j].rid, uint32(use[j])
			found++
		}
	}
	s := mapped(found, n)
	if s == ntstatus.NoneMapped {
		rids, kinds = nil, nil
	}
	numbers(call.Out, rids)
	numbers(call.Out, kinds)
	return finish(call, s)
}

// mapped is the status for having found some of all.
func mapped(found, all int) ntstatus.Status {
	switch found {
	case all:
		return ntstatus.Success
	case 0:
		return ntstatus.NoneMapped
	}
	return ntstatus.SomeNotMapped
}

// samrLookupIDs finds names of identifiers. [MS-SAMR] 3.1.5.11.3.
//
//	[in] SAMPR_HANDLE DomainHandle,
//	[in, range(0, 1000)] unsigned long Count,
//	[in, size_is(1000), length_is(Count)] unsigned long* RelativeIds,
//	[out] PSAMPR_RETURNED_USTRING_ARRAY Names,
//	[out] PSAMPR_ULONG_ARRAY Use
func (m *methods) samrLookupIDs(ctx context.Context, call *rpc.Call) error {
	d, _, err := rpc.ReadHandle[*domain](call)
	if err != nil {
		return err
	}
	r, w := call.In, call.Out
	n := conformantVarying(r, r.U32(), 4)
	rids := make([]uint32, n)
	for i := range rids {
		rids[i] = r.U32()
	}
	if err := r.Err(); err != nil {
		return err
	}
	v, err := m.view(ctx)
	if err != nil {
		return err
	}
	list, use := d.all(v)
	names, kinds := make([]string, n), make([]uint32, n)
	found := 0
	for i, rid := range rids {
		kinds[i] = uint32(directory.Unknown)
		if j := slices.IndexFunc(list, func(e entry) bool { return e.rid == rid }); j >= 0 {
			names[i], kinds[i] = list[j].name, uint32(use[j])
			found++
		}
	}
	s := mapped(found, n)
	if s == ntstatus.NoneMapped {
		names, kinds = nil, nil
	}
	w.U32(uint32(len(names)))
	w.Pointer(len(names) > 0)
	if len(names) > 0 {
		w.Count(len(names))
		for _, name := range names {
			w.LaterText(name)
		}
		w.Flush()
	}
	numbers(w, kinds)
	return finish(call, s)
}
