package srvsvc

import (
	"context"

	"github.com/signet-smb/signet/internal/rpc"
)

// netrServerDiskEnum lists the server's drives: the one that host paths are told
// on. [MS-SRVS] 3.1.4.19.
//
//	[in, string, unique] SRVSVC_HANDLE ServerName,
//	[in] DWORD Level,
//	[in, out] DISK_ENUM_CONTAINER* DiskInfoStruct,
//	[in] DWORD PreferedMaximumLength,
//	[out] DWORD* TotalEntries,
//	[in, out, unique] DWORD* ResumeHandle
func (m *methods) netrServerDiskEnum(_ context.Context, call *rpc.Call) error {
	r, w := call.In, call.Out
	serverName(call)
	level := r.U32()
	r.U32()
	if r.Pointer() { // the array, empty on the way in
		r.Varying(0)
	}
	r.U32()
	_, hasResume := r.UniqueU32()
	if err := r.Err(); err != nil {
		return err
	}
	result := success
	names := []string{drive, ""} // an empty one ends the list
	if level != 0 {
		names, result = nil, invalidLevel
	}
	w.U32(uint32(len(names)))
	w.Pointer(len(names) > 0)
	if len(names) > 0 {
		w.Count(len(names))
		w.U32(0)
		w.Count(len(names))
		for _, name := range names { // [string] WCHAR Disk[3]: varying only
			w.U32(0)
			w.Count(len(name) + 1)
			w.UTF16(name + "\x00")
		}
	}
	w.U32(uint32(len(names)))
	w.Pointer(hasResume)
	if hasResume {
		w.U32(0)
	}
	w.U32(uint32(result))
	return nil
}
