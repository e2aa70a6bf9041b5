package wire

import (
	"encoding/binary"
	"fmt"
	"iter"
	"unicode/utf16"
	"unicode/utf8"
)

// Error says which field of a received message is malformed, and where.
type Error struct {
	Field  string // the failing field or operation, for logs
	Offset int    // bytes from the start of the message
}

func (e *Error) Error() string {
	return fmt.Sprintf("malformed %s at byte %d", e.Field, e.Offset)
}

// Ref is a variable-length part of a message that a fixed field points to. It
// has been read but not yet resolved; [Reader.At] resolves it.
type Ref struct {
	off, n uint64
}

// Len is the announced length in bytes, not yet checked against the message.
func (f Ref) Len() uint64 { return f.n }

// Reader is a sticky cursor over one received message. The zero value reads
// an empty message. Not safe for concurrent use.
//
// Slices that it returns alias the message and die with it.
type Reader struct {
	msg []byte // the whole message; references are relative to its start
	pos int
	err *Error
}

// NewReader returns a cursor at the start of msg. Offsets given to
// [Reader.Ref] count from the start of msg.
func NewReader(msg []byte) *Reader {
	return &Reader{msg: msg}
}

// Err returns the first failure as a *[Error], or nil.
func (r *Reader) Err() error {
	if r.err == nil {
		return nil
	}
	return r.err
}

// Fail records that field is malformed at the cursor, unless an earlier
// failure is already recorded.
func (r *Reader) Fail(field string) {
	if r.err == nil {
		r.err = &Error{Field: field, Offset: r.pos}
	}
}

// Check records a failure of field unless ok holds.
func (r *Reader) Check(ok bool, field string) {
	if !ok {
		r.Fail(field)
	}
}

// Offset is the cursor's distance from the start of the message in bytes.
func (r *Reader) Offset() int { return r.pos }

// Len is the number of bytes not yet read; 0 after a failure.
func (r *Reader) Len() int {
	if r.err != nil {
		return 0
	}
	return len(r.msg) - r.pos
}

// take returns the next n bytes, or nil after recording a failure.
func (r *Reader) take(n int, field string) []byte {
	if r.err != nil {
		return nil
	}
	if n < 0 || n > len(r.msg)-r.pos {
		r.Fail(field)
		return nil
	}
	b := r.msg[r.pos : r.pos+n : r.pos+n]
	r.pos += n
	return b
}

// U8 reads one byte.
func (r *Reader) U8() uint8 {
	if b := r.take(1, "uint8"); b != nil {
		return b[0]
	}
	return 0
}

// U16 reads two bytes.
func (r *Reader) U16() uint16 {
	if b := r.take(2, "uint16"); b != nil {
		return binary.LittleEndian.Uint16(b)
	}
	return 0
}

// U32 reads four bytes.
func (r *Reader) U32() uint32 {
	if b := r.take(4, "uint32"); b != nil {
		return binary.LittleEndian.Uint32(b)
	}
	return 0
}

// U64 reads eight bytes.
func (r *Reader) U64() uint64 {
	if b := r.take(8, "uint64"); b != nil {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}

// Bytes reads n bytes. The slice aliases the message.
func (r *Reader) Bytes(n int) []byte { return r.take(n, "bytes") }

// Copy fills dst from the message; dst is zeroed if it is too short.
func (r *Reader) Copy(dst []byte) {
	b := r.take(len(dst), "bytes")
	if b == nil {
		clear(dst)
		return
	}
	copy(dst, b)
}

// Skip passes over n bytes, reserved fields and padding.
func (r *Reader) Skip(n int) { r.take(n, "padding") }

// Rest reads all that remains. The slice aliases the message.
func (r *Reader) Rest() []byte { return r.take(r.Len(), "rest") }

// Align passes over padding up to the next multiple of n bytes from the start
// of the message. Padding cut off by the end of the message is allowed.
func (r *Reader) Align(n int) {
	pad := (n - r.pos%n) % n
	r.Skip(min(pad, r.Len()))
}

// Ref pairs an offset from the start of the message with a length, both as
// read from fixed fields. Nothing is checked until [Reader.At].
func (r *Reader) Ref(off, n uint64) Ref { return Ref{off: off, n: n} }

// At resolves f to the bytes it points to, without moving the cursor. An
// empty reference gives nil whatever its offset: peers leave garbage there. A
// non-empty one must lie behind the bytes read so far, inside the message.
func (r *Reader) At(f Ref) []byte {
	if r.err != nil || f.n == 0 {
		return nil
	}
	size := uint64(len(r.msg))
	if f.off < uint64(r.pos) || f.off > size || f.n > size-f.off {
		r.Fail("reference")
		return nil
	}
	return r.msg[f.off : f.off+f.n : f.off+f.n]
}

// Tail resolves an offset from the start of the message that comes without a
// length: all bytes from there to the end of the message. The rule of
// [Reader.At] holds for off.
func (r *Reader) Tail(off uint64) []byte {
	if r.err != nil {
		return nil
	}
	if off < uint64(r.pos) || off > uint64(len(r.msg)) {
		r.Fail("reference")
		return nil
	}
	return r.msg[off:len(r.msg):len(r.msg)]
}

// UTF16 reads n bytes of UTF-16LE and returns them as a Go string. An odd n
// is a failure. Unpaired surrogates become U+FFFD.
func (r *Reader) UTF16(n int) string {
	if n%2 != 0 {
		r.Fail("UTF-16 string of odd length")
	}
	return DecodeUTF16(r.take(n, "UTF-16 string"))
}

// UTF16At is [Reader.At] for a UTF-16LE string.
func (r *Reader) UTF16At(f Ref) string {
	b := r.At(f)
	if len(b)%2 != 0 {
		r.Fail("UTF-16 string of odd length")
		return ""
	}
	return DecodeUTF16(b)
}

// DecodeUTF16 converts UTF-16LE bytes to a Go string. Unpaired surrogates
// become U+FFFD; a trailing odd byte is ignored.
func DecodeUTF16(b []byte) string {
	ascii := true
	for i := 0; i+1 < len(b); i += 2 {
		if b[i+1] != 0 || b[i] >= utf8.RuneSelf {
			ascii = false
			break
		}
	}
	if ascii { // nearly all names; half the time of the general way
		s := make([]byte, len(b)/2)
		for i := range s {
			s[i] = b[2*i]
		}
		return string(s)
	}
	u := make([]uint16, len(b)/2)
	for i := range u {
		u[i] = binary.LittleEndian.Uint16(b[2*i:])
	}
	return string(utf16.Decode(u))
}

// Sub returns a cursor over b, an already resolved part of the message, in
// which references count from the start of b. Its failure is its own: ask its
// Err, or give it to [Reader.Merge].
func (r *Reader) Sub(b []byte) *Reader { return NewReader(b) }

// Merge makes the failure of sub r's own, unless r has failed already. sub
// is a cursor over the part of r's message that begins at byte off.
func (r *Reader) Merge(sub *Reader, off int) {
	if r.err == nil && sub.err != nil {
		r.err = &Error{Field: sub.err.Field, Offset: off + sub.err.Offset}
	}
}

// List walks a chain of entries that each begin with a 32-bit
// NextEntryOffset, as FILE_FULL_EA_INFORMATION and create contexts do. Each
// yielded cursor covers one entry, NextEntryOffset included, and stands
// behind that field. Offsets must be multiples of align, must progress, and
// at most limit entries are yielded; otherwise r fails. A failure left in an
// entry's cursor becomes r's. The last entry may also point to the end of the
// message, [MS-FSCC] <128>. Afterwards r stands behind the last entry yielded.
func (r *Reader) List(align, limit int) iter.Seq[*Reader] {
	return func(yield func(*Reader) bool) {
		for n := 0; r.Len() > 0; n++ {
			if n == limit {
				r.Fail("list: too many entries")
				return
			}
			start := r.pos
			next := uint64(r.U32())
			end := uint64(len(r.msg))
			if next != 0 {
				end = uint64(start) + next
			}
			if r.err != nil {
				return // cut off inside the field
			}
			if next != 0 && (next < 4 || next%uint64(align) != 0) || end > uint64(len(r.msg)) {
				r.pos = start
				r.Fail("NextEntryOffset")
				return
			}
			entry := &Reader{msg: r.msg[start:end:end], pos: 4}
			more := yield(entry)
			r.Merge(entry, start)
			r.pos = int(end)
			if !more || next == 0 || r.err != nil {
				return
			}
		}
	}
}
