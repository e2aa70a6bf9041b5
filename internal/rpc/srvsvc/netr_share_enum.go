package srvsvc

import (
	"context"
	"slices"

	"github.com/signet-smb/signet/internal/rpc"
)

// maxEnum is the most bytes of entries that one call returns, whatever the
// client prefers: the rest is for the next call.
const maxEnum = 256 << 10

// netrShareEnum lists the shares. [MS-SRVS] 3.1.4.8.
//
//	[in, string, unique] SRVSVC_HANDLE ServerName,
//	[in, out] LPSHARE_ENUM_STRUCT InfoStruct,
//	[in] DWORD PreferedMaximumLength,
//	[out] DWORD* TotalEntries,
//	[in, out, unique] DWORD* ResumeHandle
func (m *methods) netrShareEnum(_ context.Context, call *rpc.Call) error {
	return m.enumerate(call, false)
}

// netrShareEnumSticky lists the shares that will be there again after a
// restart: all but IPC$, which every server has. The parameters are those of
// NetrShareEnum. [MS-SRVS] 3.1.4.9.
func (m *methods) netrShareEnumSticky(_ context.Context, call *rpc.Call) error {
	return m.enumerate(call, true)
}

// enumerate lists all shares, or only the sticky ones.
func (m *methods) enumerate(call *rpc.Call, sticky bool) error {
	r, w := call.In, call.Out
	serverName(call)
	level := r.U32()
	r.Switch(level)
	row, ok := shareLevels[level]
	if !ok || !row.enum || sticky && row.notSticky {
		// What an unknown arm of the union holds cannot be read, nor what
		// follows it.
		w.U32(level)
		w.U32(level)
		if ok && row.enum {
			w.Pointer(false)
		}
		w.U32(0)
		w.Pointer(false)
		w.U32(uint32(invalidLevel))
		return nil
	}
	if r.Pointer() { // SHARE_INFO_n_CONTAINER, empty on the way in
		r.U32()
		if r.Pointer() {
			r.Count(0, 4)
		}
	}
	preferred := r.U32()
	resume, hasResume := r.UniqueU32()
	if err := r.Err(); err != nil {
		return err
	}

	var result status
	var left, fit []Share
	if call.Caller.Anonymous && !row.anonymous {
		result = accessDenied
	} else {
		left = m.server.Shares()
		if sticky {
			left = slices.DeleteFunc(left, func(s Share) bool { return s.Type&TypeSpecial != 0 })
		}
		left = left[min(uint64(resume), uint64(len(left))):]
		fit, result = row.fitting(left, int(min(preferred, maxEnum)))
	}

	w.U32(level)
	w.U32(level)
	w.Pointer(true) // the container
	w.U32(uint32(len(fit)))
	w.Pointer(len(fit) > 0) // its Buffer
	if len(fit) > 0 {
		w.Count(len(fit))
		for i := range fit {
			row.appendFixed(w, &fit[i])
		}
		for i := range fit {
			row.appendReferents(w, &fit[i])
		}
	}
	w.U32(uint32(len(left)))
	w.Pointer(hasResume)
	if hasResume {
		next := uint32(0)
		if result == moreData {
			next = resume + uint32(len(fit)) // how many are told already
		}
		w.U32(next)
	}
	w.U32(uint32(result))
	return nil
}

// fitting returns the first shares of list that take up no more than size
// bytes.
func (l *shareLevel) fitting(list []Share, size int) ([]Share, status) {
	for i := range list {
		size -= l.size(&list[i])
		switch {
		case size >= 0:
		case i == 0:
			return nil, bufTooSmall
		default:
			return list[:i], moreData
		}
	}
	return list, success
}
