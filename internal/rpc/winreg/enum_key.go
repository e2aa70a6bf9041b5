package winreg

import (
	"context"

	"github.com/signet-smb/signet/internal/rpc"
	"github.com/signet-smb/signet/internal/rpc/ndr"
	"github.com/signet-smb/signet/internal/wire"
)

// baseRegEnumKey names one key below another. [MS-RRP] 3.1.5.10.
//
//	[in] RPC_HKEY hKey,
//	[in] DWORD dwIndex,
//	[in] PRRP_UNICODE_STRING lpNameIn,
//	[out] PRRP_UNICODE_STRING lpNameOut,
//	[in, unique] PRRP_UNICODE_STRING lpClassIn,
//	[out] PRPC_UNICODE_STRING *lplpClassOut,
//	[in, out, unique] PFILETIME lpftLastWriteTime
func (m *methods) baseRegEnumKey(ctx context.Context, call *rpc.Call) error {
	k, err := readKey(call)
	if err != nil {
		return err
	}
	r, w := call.In, call.Out
	index := r.U32()
	room := r.Text()
	r.TextReferent(room, maxName)
	if r.Pointer() { // lpClassIn
		r.TopText(maxName)
	}
	timed := r.Pointer()
	if timed {
		r.U32()
		r.U32()
	}
	if err := r.Err(); err != nil {
		return err
	}
	name, result := "", success
	names, err := m.children(ctx, call, k)
	switch {
	case err != nil:
		return err
	case k.granted&enumerateSubKeys == 0:
		result = accessDenied
	case uint64(index) >= uint64(len(names)):
		result = noMoreItems
	case wire.UTF16Len(names[index])+2 > room.Maximum:
		result = moreData
	default:
		name = names[index]
	}
	appendText(w, name, result == success)
	w.Pointer(false) // lplpClassOut
	appendTime(w, timed)
	return finish(call, result)
}

// appendTime writes a FILETIME of no time: nobody keeps when keys change.
func appendTime(w *ndr.Writer, present bool) {
	w.Pointer(present)
	if present {
		w.U32(0)
		w.U32(0)
	}
}

// baseRegQueryInfoKey says how much there is in a key. Lengths are in bytes,
// NULs included, so that who takes them for sizes of buffers has room.
// [MS-RRP] 3.1.5.16.
//
//	[in] RPC_HKEY hKey,
//	[in] PRRP_UNICODE_STRING lpClassIn,
//	[out] PRPC_UNICODE_STRING lpClassOut,
//	[out] LPDWORD lpcSubKeys, lpcbMaxSubKeyLen, lpcbMaxClassLen, lpcValues,
//	    lpcbMaxValueNameLen, lpcbMaxValueLen, lpcbSecurityDescriptor,
//	[out] PFILETIME lpftLastWriteTime
func (m *methods) baseRegQueryInfoKey(ctx context.Context, call *rpc.Call) error {
	k, err := readKey(call)
	if err != nil {
		return err
	}
	r, w := call.In, call.Out
	r.TopText(maxName)
	if err := r.Err(); err != nil {
		return err
	}
	var longest, longestName, longestData int
	names, err := m.children(ctx, call, k)
	if err != nil {
		return err
	}
	values, err := m.values(ctx, call, k)
	if err != nil {
		return err
	}
	result := success
	if k.granted&queryValue == 0 {
		names, values, result = nil, nil, accessDenied
	}
	for _, name := range names {
		longest = max(longest, wire.UTF16Len(name)+2)
	}
	for _, v := range values {
		longestName, longestData = max(longestName, wire.UTF16Len(v.Name)+2), max(longestData, len(v.Data))
	}
	appendText(w, "", true) // no class
	for _, n := range []int{len(names), longest, 0, len(values), longestName, longestData, len(keySecurity)} {
		w.U32(uint32(n))
	}
	w.U32(0) // lpftLastWriteTime
	w.U32(0)
	return finish(call, result)
}
