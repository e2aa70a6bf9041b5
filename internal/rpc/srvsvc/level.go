package srvsvc

import (
	"slices"

	"github.com/signet-smb/signet/internal/rpc"
	"github.com/signet-smb/signet/internal/rpc/ndr"
	"github.com/signet-smb/signet/internal/wire"
)

// field is a member of the structures that tell of a T: a DWORD, or a pointer.
type field[T any] struct {
	number func(*T) uint32
	text   func(*T) string // a [string] wchar_t*
	blob   func(*T) []byte // bytes, whose count is a field before it; none: a null pointer
	null   bool            // a pointer that is always null
}

// level is a row of a table of structures that tell of a T.
type level[T any] struct {
	section   string // of [MS-SRVS]
	enum      bool   // the enumeration has it
	notSticky bool   // but not that of what survives a restart
	needs     rpc.Role
	fields    []field[T]
}

// appendFixed writes the structure, pointers and numbers.
func (l *level[T]) appendFixed(w *ndr.Writer, v *T) {
	for _, f := range l.fields {
		switch {
		case f.number != nil:
			w.U32(f.number(v))
		case f.blob != nil:
			w.Pointer(len(f.blob(v)) > 0)
		default:
			w.Pointer(!f.null)
		}
	}
}

// appendReferents writes what the structure's pointers point to.
func (l *level[T]) appendReferents(w *ndr.Writer, v *T) {
	for _, f := range l.fields {
		switch {
		case f.text != nil:
			w.String(f.text(v))
		case f.blob != nil:
			if b := f.blob(v); len(b) > 0 {
				w.Bytes(b)
			}
		}
	}
}

// size is about as many bytes as the structure and its referents take, never
// less.
func (l *level[T]) size(v *T) int {
	n := 4 * len(l.fields)
	for _, f := range l.fields {
		switch {
		case f.text != nil:
			n += 12 + wire.UTF16Len(f.text(v)) + 2 + 2 // counts, text, NUL, padding
		case f.blob != nil:
			n += 4 + len(f.blob(v)) + 3
		}
	}
	return n
}

// maxEnum is the most bytes of entries that one call returns, whatever the
// client prefers: the rest is for the next call.
const maxEnum = 256 << 10

// enumStart is how the parameters of every enumeration end.
//
//	[in, out] LP..._ENUM_STRUCT InfoStruct,
//	[in] DWORD PreferedMaximumLength,
//	[out] DWORD* TotalEntries,
//	[in, out, unique] DWORD* ResumeHandle
type enumStart struct {
	level     uint32
	preferred uint32
	resume    uint32
	hasResume bool
}

// readEnum reads them, but for what the level does not have: what an unknown
// arm of the union holds cannot be read, nor what follows it.
func readEnum(r *ndr.Reader, level uint32) (e enumStart, err error) {
	e.level = level
	if r.Pointer() { // the container, empty on the way in
		r.U32()
		if r.Pointer() {
			r.Count(0, 4)
		}
	}
	e.preferred = r.U32()
	e.resume, e.hasResume = r.UniqueU32()
	return e, r.Err()
}

// readEnumLevel reads the level of an enumeration, from in front of it and from
// the union.
func readEnumLevel(r *ndr.Reader) uint32 {
	level := r.U32()
	r.Switch(level)
	return level
}

// refuseLevel answers an enumeration at a level that there is not. arm is
// whether the union has an arm for it all the same.
func refuseLevel(call *rpc.Call, level uint32, arm bool) error {
	w := call.Out
	w.U32(level)
	w.U32(level)
	if arm {
		w.Pointer(false)
	}
	w.U32(0)
	w.Pointer(false)
	w.U32(uint32(invalidLevel))
	return nil
}

// append answers an enumeration: with as much of list, from where the client
// resumes it, as there is room for; or with the status result and nothing.
func appendEnum[T any](w *ndr.Writer, e enumStart, row level[T], list []T, result status) {
	var left, fit []T
	if result == success {
		left = list[min(uint64(e.resume), uint64(len(list))):]
		fit, result = row.fitting(left, int(min(e.preferred, maxEnum)))
	}
	w.U32(e.level)
	w.U32(e.level)
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
	w.Pointer(e.hasResume)
	if e.hasResume {
		next := uint32(0)
		if result == moreData {
			next = e.resume + uint32(len(fit)) // how many are told already
		}
		w.U32(next)
	}
	w.U32(uint32(result))
}

// fitting returns the first of list that take up no more than size bytes.
func (l *level[T]) fitting(list []T, size int) ([]T, status) {
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

// keep returns those of list that a filter lets through.
func keep[T any](list []T, ok func(*T) bool) []T {
	return slices.DeleteFunc(list, func(v T) bool { return !ok(&v) })
}
