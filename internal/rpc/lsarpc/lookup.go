package lsarpc

import (
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/rpc"
	"github.com/signet-smb/signet/internal/rpc/directory"
	"github.com/signet-smb/signet/internal/rpc/ndr"
	"github.com/signet-smb/signet/ntstatus"
)

// noDomain is the DomainIndex of what is in none of those that are listed.
const noDomain = 0xFFFF_FFFF

// domains is an LSAPR_REFERENCED_DOMAIN_LIST in the making.
// [MS-LSAT] 2.2.12.
type domains struct {
	list []directory.Principal
	at   map[dtyp.SID]uint32
}

// index returns where p's domain is in the list, and adds it if need be.
func (d *domains) index(p directory.Principal) uint32 {
	sid := p.DomainSID()
	if sid.IsZero() {
		sid = p.SID
	}
	i, ok := d.at[sid]
	if !ok {
		if d.at == nil {
			d.at = make(map[dtyp.SID]uint32)
		}
		i = uint32(len(d.list))
		d.at[sid] = i
		d.list = append(d.list, directory.Principal{SID: sid, Domain: p.Domain})
	}
	return i
}

// append writes the list.
func (d *domains) append(w *ndr.Writer) {
	w.Pointer(true)
	w.U32(uint32(len(d.list)))
	w.Pointer(len(d.list) > 0)
	w.U32(32) // MaxEntries: ignored
	if len(d.list) == 0 {
		return
	}
	w.Count(len(d.list))
	for _, p := range d.list {
		w.LaterText(p.Domain)
		w.Later(func() { w.SID(p.SID) })
	}
	w.Flush()
}

// finishLookup writes how many were found, and what that means.
func finishLookup(call *rpc.Call, found, all int) error {
	call.Out.U32(uint32(found))
	switch {
	case found == all:
		return finish(call, ntstatus.Success)
	case found == 0:
		return finish(call, ntstatus.NoneMapped)
	}
	return finish(call, ntstatus.SomeNotMapped)
}

// finishRefused answers a lookup that is not made.
func finishRefused(call *rpc.Call, s ntstatus.Status) error {
	w := call.Out
	w.Pointer(false) // ReferencedDomains
	w.U32(0)         // the translated ones
	w.Pointer(false)
	w.U32(0) // MappedCount
	return finish(call, s)
}

// skipTranslated reads the in half of the translated ones, which is empty.
func skipTranslated(r *ndr.Reader) {
	r.U32()
	if r.Pointer() {
		r.Count(0, 4)
	}
}

// policyOf reads the handle of the policy, of methods that have one, and
// reports whether names may be looked up.
func policyOf(call *rpc.Call, has bool) (allowed bool, err error) {
	if !has {
		return true, nil
	}
	h, _, err := rpc.ReadHandle[*policyHandle](call)
	return err == nil && h.granted&lookupNames != 0, err
}
