package srvsvc

import (
	"context"

	"github.com/signet-smb/signet/internal/rpc"
	"github.com/signet-smb/signet/internal/rpc/ndr"
)

// netrServerSetInfo changes what the server says of itself. [MS-SRVS] 3.1.4.18.
//
//	[in, string, unique] SRVSVC_HANDLE ServerName,
//	[in] DWORD Level,
//	[in, switch_is(Level)] LPSERVER_INFO ServerInfo,
//	[in, out, unique] DWORD* ParmErr
func (m *methods) netrServerSetInfo(ctx context.Context, call *rpc.Call) error {
	r := call.In
	serverName(call)
	level := r.U32()
	r.Switch(level)
	read, ok := settableServer[level]
	if !ok {
		appendParmErr(call.Out, false, 0, invalidLevel)
		return nil
	}
	if !r.Pointer() {
		r.Fail("ServerInfo")
	}
	c := read(r)
	wanted := parmErr(r)
	if err := r.Err(); err != nil {
		return err
	}
	result, err := statusOf(m.admin.SetServer(ctx, call.Caller, c), invalidParameter, invalidParameter)
	appendParmErr(call.Out, wanted, 0, result)
	return err
}

// settableServer reads the SERVER_INFO structures of which something can be
// set, by level. [MS-SRVS] 2.2.4.41 and others. Levels 101 and 102 set the
// comment only: the rest of them is what the server is.
var settableServer = map[uint32]func(*ndr.Reader) ServerChange{
	101:  func(r *ndr.Reader) ServerChange { return readServer(r, 0) },
	102:  func(r *ndr.Reader) ServerChange { return readServer(r, 6) },
	1005: readServerComment,
	1010: func(r *ndr.Reader) ServerChange {
		minutes := r.U32()
		return ServerChange{IdleMinutes: &minutes}
	},
	1016: func(r *ndr.Reader) ServerChange {
		hidden := r.U32() != 0
		return ServerChange{Hidden: &hidden}
	},
}

// readServer reads a SERVER_INFO_101, or with so many DWORDs and a path behind
// it a SERVER_INFO_102.
func readServer(r *ndr.Reader, more int) (c ServerChange) {
	r.U32()
	name := r.Pointer()
	r.U32()
	r.U32()
	r.U32()
	comment := r.Pointer()
	path := false
	if more > 0 {
		for range more {
			r.U32()
		}
		path = r.Pointer()
	}
	if name {
		r.String(maxServerName)
	}
	if comment {
		c.Comment = new(string)
		*c.Comment = r.String(maxText)
	}
	if path {
		r.String(maxPath)
	}
	return c
}

func readServerComment(r *ndr.Reader) (c ServerChange) {
	if text, ok := r.UniqueString(maxText); ok {
		c.Comment = &text
	}
	return c
}
