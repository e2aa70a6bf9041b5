package wkssvc

import (
	"context"

	"github.com/signet-smb/signet/internal/rpc"
)

// What the machine says that it is, as srvsvc does. [MS-WKST] 2.2.5.1.
const (
	platformNT   = 500
	versionMajor = 10
	versionMinor = 0
)

// netrWkstaGetInfo describes the machine. [MS-WKST] 3.2.4.1.
//
//	[in, string, unique] WKSSVC_IDENTIFY_HANDLE ServerName,
//	[in] unsigned long Level,
//	[out, switch_is(Level)] LPWKSTA_INFO WkstaInfo
func (m *methods) netrWkstaGetInfo(ctx context.Context, call *rpc.Call) error {
	r, w := call.In, call.Out
	r.UniqueString(maxServerName)
	level := r.U32()
	if err := r.Err(); err != nil {
		return err
	}
	needs, ok := map[uint32]rpc.Role{100: rpc.User, 101: rpc.User, 102: rpc.Viewer, 502: rpc.Viewer}[level]
	w.U32(level)
	if !ok {
		w.U32(invalidLevel)
		return nil
	}
	if !call.Allow(ctx, needs) {
		w.Pointer(false)
		w.U32(accessDenied)
		return nil
	}
	w.Pointer(true)
	if level == 502 {
		for _, n := range tuning {
			w.U32(n)
		}
		w.U32(success)
		return nil
	}
	w.U32(platformNT)
	w.Later(func() { w.String(m.workstation.Name()) })
	w.Later(func() { w.String(workgroup) })
	w.U32(versionMajor)
	w.U32(versionMinor)
	if level >= 101 {
		w.Later(func() { w.String("") }) // lanroot
	}
	if level == 102 {
		w.U32(0) // logged_on_users
	}
	w.Flush()
	w.U32(success)
	return nil
}

// tuning is a WKSTA_INFO_502: the parameters of Windows' client, none of which
// means anything here. Windows' defaults. [MS-WKST] 2.2.5.4.
var tuning = [35]uint32{
	0, 0, 0, 600, 50, 60, 0, 17, 0, 0, 0, 0, 0, 40, 0, 0, 0, 0, 5, 60,
	0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0,
}
