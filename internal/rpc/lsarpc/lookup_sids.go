package lsarpc

import (
	"context"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/rpc"
	"github.com/signet-smb/signet/internal/rpc/directory"
	"github.com/signet-smb/signet/internal/rpc/ndr"
	"github.com/signet-smb/signet/ntstatus"
)

// sidsForm is in what the LsarLookupSids methods differ.
type sidsForm struct {
	policy bool // begins with a handle
	flags  bool // has options, and flags for each name
}

var (
	sids1 = sidsForm{policy: true}
	sids2 = sidsForm{policy: true, flags: true}
	sids3 = sidsForm{flags: true}
)

// lookupSids makes the methods that find names of SIDs. [MS-LSAT] 3.1.4.9 to
// 3.1.4.11.
//
//	[in] LSAPR_HANDLE PolicyHandle, but for LsarLookupSids3
//	[in] PLSAPR_SID_ENUM_BUFFER SidEnumBuffer,
//	[out] PLSAPR_REFERENCED_DOMAIN_LIST* ReferencedDomains,
//	[in, out] PLSAPR_TRANSLATED_NAMES TranslatedNames, or ..._NAMES_EX
//	[in] LSAP_LOOKUP_LEVEL LookupLevel,
//	[in, out] unsigned long* MappedCount,
//	[in] unsigned long LookupOptions, ClientRevision, but for LsarLookupSids
//
// Deviation: Windows answers LsarLookupSids3 over a secure channel only.
func (m *methods) lookupSids(form sidsForm) func(context.Context, *rpc.Call) error {
	return func(ctx context.Context, call *rpc.Call) error {
		allowed, err := policyOf(call, form.policy)
		if err != nil {
			return err
		}
		sids, err := readSIDs(call.In)
		if err != nil {
			return err
		}
		if !allowed {
			return finishRefused(call, ntstatus.AccessDenied)
		}
		view, err := m.directory.View(ctx)
		if err != nil {
			return err
		}
		return answerSIDs(call, form, view, sids)
	}
}

// readSIDs reads what follows the handle, as far as it means something.
func readSIDs(r *ndr.Reader) ([]dtyp.SID, error) {
	n := r.U32()
	var sids []dtyp.SID
	if r.Pointer() {
		count := r.Count(maxSIDs, 4)
		if uint32(count) != n {
			r.Fail("Entries")
		}
		if err := r.Err(); err != nil {
			return nil, err
		}
		for range count {
			if !r.Pointer() {
				r.Fail("Sid") // never null
			}
		}
		for range count {
			sid := r.SID()
			if err := r.Err(); err != nil {
				return nil, err
			}
			sids = append(sids, sid)
		}
	} else if n != 0 {
		r.Fail("Entries")
	}
	skipTranslated(r)
	r.U16() // LookupLevel: there is one place to look
	r.U32() // MappedCount
	return sids, r.Err()
}

// answerSIDs writes the answer. A SID that nobody has is shown as it is.
func answerSIDs(call *rpc.Call, form sidsForm, view *directory.View, sids []dtyp.SID) error {
	w := call.Out
	type translated struct {
		use    directory.Use
		name   string
		domain uint32
	}
	var refer domains
	var names []translated
	found := 0
	for _, sid := range sids {
		p, ok := view.BySID(sid)
		if !ok {
			names = append(names, translated{directory.Unknown, sid.String(), noDomain})
			continue
		}
		found++
		names = append(names, translated{p.Use, p.Name, refer.index(p)})
	}
	refer.append(w)
	w.U32(uint32(len(names)))
	w.Pointer(len(names) > 0)
	if len(names) > 0 {
		w.Count(len(names))
		for _, n := range names {
			w.Align(4)
			w.U16(uint16(n.use))
			w.LaterText(n.name)
			w.U32(n.domain)
			if form.flags {
				w.U32(0)
			}
		}
		w.Flush()
	}
	return finishLookup(call, found, len(sids))
}
