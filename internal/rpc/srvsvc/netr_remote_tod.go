package srvsvc

import (
	"context"
	"time"

	"github.com/signet-smb/signet/internal/rpc"
)

// netrRemoteTOD tells the time. [MS-SRVS] 3.1.4.21, 2.2.4.105.
//
//	[in, string, unique] SRVSVC_HANDLE ServerName,
//	[out] LPTIME_OF_DAY_INFO* BufferPtr
func (m *methods) netrRemoteTOD(_ context.Context, call *rpc.Call) error {
	serverName(call)
	now := time.Now()
	_, east := now.Zone() // seconds east of Greenwich
	utc := now.UTC()      // the broken-down time is that of Greenwich
	w := call.Out
	w.Pointer(true)
	w.U32(uint32(utc.Unix()))
	w.U32(uint32(now.Sub(m.server.Started()).Milliseconds()))
	w.U32(uint32(utc.Hour()))
	w.U32(uint32(utc.Minute()))
	w.U32(uint32(utc.Second()))
	w.U32(uint32(utc.Nanosecond() / int(10*time.Millisecond)))
	w.U32(uint32(-east / 60)) // minutes west of Greenwich
	w.U32(310)                // tick, 0.1 ms: Windows' value
	w.U32(uint32(utc.Day()))
	w.U32(uint32(utc.Month()))
	w.U32(uint32(utc.Year()))
	w.U32(uint32(utc.Weekday()))
	w.U32(uint32(success))
	return nil
}
