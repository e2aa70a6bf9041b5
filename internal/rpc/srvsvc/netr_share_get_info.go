package srvsvc

import (
	"context"
	"slices"
	"strings"

	"github.com/signet-smb/signet/internal/rpc"
)

// netrShareGetInfo describes one share. [MS-SRVS] 3.1.4.10.
//
//	[in, string, unique] SRVSVC_HANDLE ServerName,
//	[in, string] WCHAR* NetName,
//	[in] DWORD Level,
//	[out, switch_is(Level)] LPSHARE_INFO InfoStruct
func (m *methods) netrShareGetInfo(_ context.Context, call *rpc.Call) error {
	r, w := call.In, call.Out
	serverName(call)
	name := r.String(maxShareName)
	level := r.U32()
	if err := r.Err(); err != nil {
		return err
	}
	w.U32(level)
	row, ok := shareLevels[level]
	if !ok {
		if slices.Contains(refusedShareLevels, level) {
			w.Pointer(false) // else it is the union's default arm, which is empty
		}
		w.U32(uint32(invalidLevel))
		return nil
	}
	share, result := m.share(name)
	if call.Caller.Anonymous && !row.anonymous {
		share, result = nil, accessDenied
	}
	w.Pointer(share != nil)
	if share != nil {
		row.appendFixed(w, share)
		row.appendReferents(w, share)
	}
	w.U32(uint32(result))
	return nil
}

// share finds a share by its name, without regard to case.
func (m *methods) share(name string) (*Share, status) {
	if name == "" {
		return nil, invalidParameter
	}
	for _, s := range m.server.Shares() {
		if strings.EqualFold(s.Name, name) {
			return &s, success
		}
	}
	return nil, netNameNotFound
}
