package srvsvc

import (
	"context"
	"strings"

	"github.com/signet-smb/signet/internal/rpc"
)

// netrShareGetInfo describes one share. [MS-SRVS] 3.1.4.10.
//
//	[in, string, unique] SRVSVC_HANDLE ServerName,
//	[in, string] WCHAR* NetName,
//	[in] DWORD Level,
//	[out, switch_is(Level)] LPSHARE_INFO InfoStruct
func (m *methods) netrShareGetInfo(ctx context.Context, call *rpc.Call) error {
	r, w := call.In, call.Out
	serverName(call)
	name := r.String(maxShareName)
	level := r.U32()
	if err := r.Err(); err != nil {
		return err
	}
	w.U32(level)
	row, ok := shareLevels[level]
	if !ok { // the union's default arm is empty
		w.U32(uint32(invalidLevel))
		return nil
	}
	var share *Share
	result := accessDenied
	if call.Allow(ctx, row.needs) {
		var err error
		if share, result, err = m.share(ctx, call, name); err != nil {
			return err
		}
	}
	w.Pointer(share != nil)
	if share != nil {
		row.appendFixed(w, share)
		row.appendReferents(w, share)
	}
	w.U32(uint32(result))
	return nil
}

// shares lists the shares, with what is not for everybody if the caller may be
// told it.
func (m *methods) shares(ctx context.Context, call *rpc.Call) ([]Share, error) {
	list := m.server.Shares()
	if !call.Caller.Has(ctx, rpc.Viewer) {
		return list, nil
	}
	details, err := m.admin.ShareDetails(ctx, call.Caller)
	for i := range list {
		if d, ok := details[strings.ToUpper(list[i].Name)]; ok {
			list[i].details = &d
		}
	}
	return list, err
}

// share finds a share by its name, without regard to case.
func (m *methods) share(ctx context.Context, call *rpc.Call, name string) (*Share, status, error) {
	if name == "" {
		return nil, invalidParameter, nil
	}
	list, err := m.shares(ctx, call)
	for _, s := range list {
		if strings.EqualFold(s.Name, name) {
			return &s, success, err
		}
	}
	return nil, netNameNotFound, err
}
