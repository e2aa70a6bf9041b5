package lsarpc

import (
	"context"

	"github.com/signet-smb/signet/internal/rpc"
	"github.com/signet-smb/signet/internal/rpc/directory"
	"github.com/signet-smb/signet/internal/rpc/ndr"
	"github.com/signet-smb/signet/ntstatus"
)

// namesForm is in what the LsarLookupNames methods differ.
type namesForm struct {
	policy bool // begins with a handle
	flags  bool // has options, and flags for each SID
	whole  bool // answers with SIDs, else with their last part
}

var (
	names1 = namesForm{policy: true}
	names2 = namesForm{policy: true, flags: true}
	names3 = namesForm{policy: true, flags: true, whole: true}
	names4 = namesForm{flags: true, whole: true}
)

// lookupNames makes the methods that find SIDs of names. [MS-LSAT] 3.1.4.5 to
// 3.1.4.8.
//
//	[in] LSAPR_HANDLE PolicyHandle, but for LsarLookupNames4
//	[in, range(0, 1000)] unsigned long Count,
//	[in, size_is(Count)] PRPC_UNICODE_STRING Names,
//	[out] PLSAPR_REFERENCED_DOMAIN_LIST* ReferencedDomains,
//	[in, out] PLSAPR_TRANSLATED_SIDS TranslatedSids, or ..._SIDS_EX, _SIDS_EX2
//	[in] LSAP_LOOKUP_LEVEL LookupLevel,
//	[in, out] unsigned long* MappedCount,
//	[in] unsigned long LookupOptions, ClientRevision, but for LsarLookupNames
//
// Deviation: Windows answers LsarLookupNames4 over a secure channel only.
func (m *methods) lookupNames(form namesForm) func(context.Context, *rpc.Call) error {
	return func(ctx context.Context, call *rpc.Call) error {
		allowed, err := policyOf(call, form.policy)
		if err != nil {
			return err
		}
		names, err := readNames(call.In)
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
		return answerNames(call, form, view, names)
	}
}

// readNames reads what follows the handle, as far as it means something.
func readNames(r *ndr.Reader) ([]string, error) {
	const fixed = 8
	n := r.U32()
	if count := r.Count(maxNames, fixed); uint32(count) != n {
		r.Fail("Count")
	}
	if err := r.Err(); err != nil {
		return nil, err
	}
	texts := make([]ndr.Text, n)
	for i := range texts {
		texts[i] = r.Text()
	}
	names := make([]string, n)
	for i, t := range texts {
		names[i] = r.TextReferent(t, maxNameLength)
	}
	skipTranslated(r)
	r.U16() // LookupLevel
	r.U32() // MappedCount
	return names, r.Err()
}

// answerNames writes the answer.
func answerNames(call *rpc.Call, form namesForm, view *directory.View, names []string) error {
	w := call.Out
	type translated struct {
		directory.Principal
		domain uint32
	}
	var refer domains
	var sids []translated
	found := 0
	for _, name := range names {
		if name == "" {
			name = "BUILTIN" // as Windows does
		}
		p, ok := view.ByName(name)
		if !ok {
			sids = append(sids, translated{directory.Principal{Use: directory.Unknown}, noDomain})
			continue
		}
		found++
		sids = append(sids, translated{p, refer.index(p)})
	}
	refer.append(w)
	w.U32(uint32(len(sids)))
	w.Pointer(len(sids) > 0)
	if len(sids) > 0 {
		w.Count(len(sids))
		for _, s := range sids {
			appendSID(w, form, s.Principal, s.domain)
		}
		w.Flush()
	}
	return finishLookup(call, found, len(names))
}

// appendSID writes an LSA_TRANSLATED_SID, or one of the longer forms.
// [MS-LSAT] 2.2.14, 2.2.21, 2.2.23.
func appendSID(w *ndr.Writer, form namesForm, p directory.Principal, domain uint32) {
	w.Align(4)
	w.U16(uint16(p.Use))
	switch {
	case form.whole && p.SID.IsZero():
		w.Pointer(false)
	case form.whole:
		w.Later(func() { w.SID(p.SID) })
	case p.Use == directory.Domain:
		w.U32(noDomain) // no account in a domain
	default:
		w.U32(p.SID.RID())
	}
	w.U32(domain)
	if form.flags {
		w.U32(0)
	}
}
