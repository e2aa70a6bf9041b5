package ndr

import (
	"math/bits"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/wire"
)

// Reader is a sticky cursor over a stub: after the first failure everything
// reads as zero, and Err says what failed. Not safe for concurrent use.
//
// Bytes behind what is read are of no interest: a verification trailer may
// follow the parameters. [MS-RPCE] 2.2.2.13.
type Reader struct {
	r   *wire.Reader
	big bool // integers are big-endian
}

// NewReader returns a cursor at the start of stub. Slices that it returns
// alias stub.
func NewReader(stub []byte) *Reader { return &Reader{r: wire.NewReader(stub)} }

// NewBigEndianReader is [NewReader] for a stub whose integers are big-endian.
func NewBigEndianReader(stub []byte) *Reader { return &Reader{r: wire.NewReader(stub), big: true} }

// Err returns the first failure as a *wire.Error, or nil.
func (r *Reader) Err() error { return r.r.Err() }

// Fail records that field is malformed, unless something failed before.
func (r *Reader) Fail(field string) { r.r.Fail(field) }

// Len is the number of bytes not yet read; 0 after a failure.
func (r *Reader) Len() int { return r.r.Len() }

// U8 reads a small or a byte.
func (r *Reader) U8() uint8 { return r.r.U8() }

// U16 reads an aligned unsigned short; it is also an enum.
func (r *Reader) U16() uint16 {
	r.r.Align(2)
	v := r.r.U16()
	if r.big {
		return bits.ReverseBytes16(v)
	}
	return v
}

// U32 reads an aligned unsigned long.
func (r *Reader) U32() uint32 {
	r.r.Align(4)
	v := r.r.U32()
	if r.big {
		return bits.ReverseBytes32(v)
	}
	return v
}

// U64 reads an aligned unsigned hyper.
func (r *Reader) U64() uint64 {
	r.r.Align(8)
	v := r.r.U64()
	if r.big {
		return bits.ReverseBytes64(v)
	}
	return v
}

// GUID reads a UUID, which is aligned like its first field.
func (r *Reader) GUID() (id dtyp.GUID) {
	w := wire.NewWriter(id[:0])
	w.U32(r.U32())
	w.U16(r.U16())
	w.U16(r.U16())
	w.Bytes(r.r.Bytes(8))
	if r.r.Err() != nil {
		return dtyp.GUID{}
	}
	return id
}

// Pointer reads a unique or full pointer and reports whether it has a
// referent. A reference pointer at the top level is not on the wire at all.
// [C706] 14.3.10.
//
// Missing: aliases. The referent of a full pointer is read wherever its
// identifier stands; two pointers to one object do not become one.
func (r *Reader) Pointer() bool { return r.U32() != 0 }

// Switch reads the discriminant of a union that the parameters carry twice,
// once as a parameter of its own and once in front of the arm; the two must
// agree. [C706] 14.3.8.
func (r *Reader) Switch(want uint32) {
	got := r.U32()
	r.r.Check(got == want || r.r.Err() != nil, "union discriminant")
}

// Count reads the maximum count of a conformant array whose elements take at
// least size bytes each (1 or more). It fails if the count exceeds limit, or
// what can still follow. [C706] 14.3.3.1.
func (r *Reader) Count(limit, size int) int {
	n := r.U32()
	if r.r.Err() != nil {
		return 0
	}
	if uint64(n) > uint64(limit) || uint64(n)*uint64(size) > uint64(r.r.Len()) {
		r.r.Fail("maximum count")
		return 0
	}
	return int(n)
}

// Bytes reads a conformant array of bytes, at most limit. The slice aliases
// the stub.
func (r *Reader) Bytes(limit int) []byte { return r.r.Bytes(r.Count(limit, 1)) }

// String reads a [string] wchar_t* referent: a conformant and varying string
// that ends with a NUL, which is not returned. limit is the most characters
// (UTF-16 code units) without the NUL. What follows the first NUL is dropped,
// as every C program does. [C706] 14.3.4.2.
func (r *Reader) String(limit int) string {
	maximum, offset, actual := r.U32(), r.U32(), r.U32()
	if r.r.Err() != nil {
		return ""
	}
	// [MS-RPCE] 3.1.1.5.3.2: a string starts at 0, is no longer than its
	// maximum, and has a terminator.
	switch {
	case offset != 0:
		r.r.Fail("string offset")
	case actual == 0 || actual > maximum || uint64(actual) > uint64(limit)+1:
		r.r.Fail("string length")
	}
	b := r.characters(int(min(actual, 1<<30)))
	if r.r.Err() != nil {
		return ""
	}
	units := wire.NewReader(b)
	for n := 0; units.Len() > 0; n += 2 {
		if units.U16() == 0 {
			return wire.NewReader(b).UTF16(n)
		}
	}
	r.r.Fail("string terminator")
	return ""
}

// characters reads n UTF-16 code units, in little-endian order.
func (r *Reader) characters(n int) []byte {
	b := r.r.Bytes(2 * n)
	if !r.big {
		return b
	}
	units := wire.NewReader(b)
	w := wire.NewWriter(make([]byte, 0, len(b)))
	for units.Len() > 0 {
		w.U16(bits.ReverseBytes16(units.U16()))
	}
	return w.Finish()
}

// UniqueString reads a [string, unique] wchar_t* parameter: a pointer and,
// right behind it, its referent. ok is false for a null pointer.
func (r *Reader) UniqueString(limit int) (s string, ok bool) {
	if !r.Pointer() {
		return "", false
	}
	return r.String(limit), true
}

// UniqueU32 reads a [unique] DWORD* parameter; ok is false for a null pointer.
func (r *Reader) UniqueU32() (v uint32, ok bool) {
	if !r.Pointer() {
		return 0, false
	}
	return r.U32(), true
}

// Handle reads a context handle: attributes and a UUID.
func (r *Reader) Handle() (h [20]byte) {
	w := wire.NewWriter(h[:0])
	w.U32(r.U32())
	id := r.GUID()
	w.Bytes(id[:])
	if r.r.Err() != nil {
		return [20]byte{}
	}
	return h
}

// SID reads an RPC_SID referent: the count of the subauthorities once more in
// front of it, as of every conformant structure. [MS-DTYP] 2.4.2.3.
func (r *Reader) SID() dtyp.SID {
	n := r.U32()
	r.r.Align(4)
	count := int(min(n, dtyp.MaxSubAuthorities+1))
	b := r.r.Bytes(8)
	if r.big {
		// Only the subauthorities are integers of the order of the stub.
		w := wire.NewWriter(append(make([]byte, 0, 8+4*count), b...))
		for range count {
			w.U32(r.U32())
		}
		b = w.Finish()
	} else {
		b = append(b[:len(b):len(b)], r.r.Bytes(4*count)...)
	}
	if r.r.Err() != nil {
		return dtyp.SID{}
	}
	sub := r.r.Sub(b)
	sid := dtyp.ReadSID(sub)
	if sub.Err() != nil || sub.Len() != 0 {
		r.r.Fail("SID")
		return dtyp.SID{}
	}
	return sid
}

// Text is the fixed part of an RPC_UNICODE_STRING, whose referent comes later.
// [MS-DTYP] 2.3.10.
type Text struct {
	Length, Maximum int // bytes
	Present         bool
}

// Text reads the fixed part of an RPC_UNICODE_STRING.
func (r *Reader) Text() (t Text) {
	r.r.Align(4)
	t.Length, t.Maximum = int(r.U16()), int(r.U16())
	t.Present = r.Pointer()
	return t
}

// TextReferent reads the characters of t, at most limit of them; a NUL at the
// end, which the registry's strings have, is dropped.
func (r *Reader) TextReferent(t Text, limit int) string {
	if !t.Present {
		return ""
	}
	maximum, offset, actual := r.U32(), r.U32(), r.U32()
	switch {
	case r.r.Err() != nil:
		return ""
	case offset != 0 || actual > maximum || uint64(actual)*2 != uint64(t.Length) || int64(actual) > int64(limit)+1:
		r.r.Fail("string length")
		return ""
	}
	s := wire.DecodeUTF16(r.characters(int(actual)))
	if n := len(s); n > 0 && s[n-1] == 0 {
		s = s[:n-1]
	}
	return s
}

// TopText reads an RPC_UNICODE_STRING that is a parameter: its referent follows
// at once.
func (r *Reader) TopText(limit int) string { return r.TextReferent(r.Text(), limit) }

// Varying reads a conformant and varying array of bytes, at most limit. The
// slice aliases the stub. [C706] 14.3.3.4.
func (r *Reader) Varying(limit int) []byte {
	maximum, offset, actual := r.U32(), r.U32(), r.U32()
	if r.r.Err() != nil {
		return nil
	}
	if offset != 0 || actual > maximum || uint64(actual) > uint64(limit) {
		r.r.Fail("array length")
		return nil
	}
	return r.r.Bytes(int(actual))
}
