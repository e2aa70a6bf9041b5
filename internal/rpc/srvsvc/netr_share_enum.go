package srvsvc

import (
	"context"
	"slices"

	"github.com/signet-smb/signet/internal/rpc"
)

// netrShareEnum lists the shares. [MS-SRVS] 3.1.4.8.
//
//	[in, string, unique] SRVSVC_HANDLE ServerName,
//	and the parameters of enumStart
func (m *methods) netrShareEnum(ctx context.Context, call *rpc.Call) error {
	return m.enumShares(ctx, call, false)
}

// netrShareEnumSticky lists the shares that will be there again after a
// restart: all but IPC$, which every server has. The parameters are those of
// NetrShareEnum. [MS-SRVS] 3.1.4.9.
func (m *methods) netrShareEnumSticky(ctx context.Context, call *rpc.Call) error {
	return m.enumShares(ctx, call, true)
}

// enumShares lists all shares, or only the sticky ones.
func (m *methods) enumShares(ctx context.Context, call *rpc.Call, sticky bool) error {
	serverName(call)
	level := readEnumLevel(call.In)
	row, ok := shareLevels[level]
	if !ok || !row.enum || sticky && row.notSticky {
		return refuseLevel(call, level, ok && row.enum || slices.Contains(sambaShareLevels, level))
	}
	e, err := readEnum(call.In, level)
	if err != nil {
		return err
	}
	result := success
	var list []Share
	if !call.Allow(ctx, row.needs) {
		result = accessDenied
	} else {
		if list, err = m.shares(ctx, call); err != nil {
			return err
		}
		if sticky {
			list = keep(list, func(s *Share) bool { return s.Type&TypeSpecial == 0 })
		}
	}
	appendEnum(call.Out, e, row, list, result)
	return nil
}
