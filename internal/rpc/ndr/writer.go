package ndr

import (
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/wire"
)

// Writer builds a stub. Not safe for concurrent use.
type Writer struct {
	w        *wire.Writer
	referent uint32 // identifier of the last pointer that was not null
	later    []func()
}

// firstReferent is the identifier of a stub's first referent, each further
// one 4 more: any values but 0 would do, these are Windows'.
const firstReferent = 0x0002_0000

// NewWriter returns a Writer of an empty stub.
func NewWriter() *Writer { return &Writer{w: wire.NewWriter(nil), referent: firstReferent - 4} }

// Finish returns the stub. The Writer must not be used afterwards.
func (w *Writer) Finish() []byte { return w.w.Finish() }

// Len is the number of bytes written so far.
func (w *Writer) Len() int { return w.w.Offset() }

// U8 appends a small or a byte.
func (w *Writer) U8(v uint8) { w.w.U8(v) }

// U16 appends an aligned unsigned short.
func (w *Writer) U16(v uint16) {
	w.w.Align(2)
	w.w.U16(v)
}

// U32 appends an aligned unsigned long.
func (w *Writer) U32(v uint32) {
	w.w.Align(4)
	w.w.U32(v)
}

// U64 appends an aligned unsigned hyper.
func (w *Writer) U64(v uint64) {
	w.w.Align(8)
	w.w.U64(v)
}

// GUID appends a UUID.
func (w *Writer) GUID(id dtyp.GUID) {
	w.w.Align(4)
	w.w.Bytes(id[:])
}

// Pointer appends a unique or full pointer: null, or with an identifier of its
// own. The referent is the caller's to append, where it belongs.
// [C706] 14.3.10.
func (w *Writer) Pointer(present bool) {
	if !present {
		w.U32(0)
		return
	}
	w.referent += 4
	w.U32(w.referent)
}

// Count appends the maximum count of a conformant array. [C706] 14.3.3.1.
func (w *Writer) Count(n int) { w.U32(uint32(n)) }

// Bytes appends a conformant array of bytes.
func (w *Writer) Bytes(b []byte) {
	w.Count(len(b))
	w.w.Bytes(b)
}

// String appends a [string] wchar_t* referent with its NUL.
// [C706] 14.3.4.2.
func (w *Writer) String(s string) {
	n := wire.UTF16Len(s)/2 + 1
	w.Count(n)
	w.U32(0)
	w.Count(n)
	w.w.UTF16(s)
	w.w.U16(0)
}

// UniqueString appends a [string, unique] wchar_t* parameter: a pointer and,
// right behind it, its referent.
func (w *Writer) UniqueString(s string) {
	w.Pointer(true)
	w.String(s)
}

// Handle appends a context handle.
func (w *Writer) Handle(h [20]byte) {
	w.w.Align(4)
	w.w.Bytes(h[:])
}

// SID appends an RPC_SID referent. [MS-DTYP] 2.4.2.3.
func (w *Writer) SID(s dtyp.SID) {
	w.Count(len(s.SubAuthorities()))
	s.Append(w.w)
}

// Text appends the fixed part of an RPC_UNICODE_STRING without a terminator.
// [MS-DTYP] 2.3.10.
func (w *Writer) Text(s string) {
	n := wire.UTF16Len(s)
	w.w.Align(4)
	w.U16(uint16(n))
	w.U16(uint16(n))
	w.Pointer(true)
}

// TextReferent appends the characters of s.
func (w *Writer) TextReferent(s string) {
	n := wire.UTF16Len(s) / 2
	w.Count(n)
	w.U32(0)
	w.Count(n)
	w.w.UTF16(s)
}

// Varying appends a conformant and varying array of bytes.
func (w *Writer) Varying(b []byte) {
	w.Count(len(b))
	w.U32(0)
	w.Count(len(b))
	w.w.Bytes(b)
}

// Raw appends bytes as they are.
func (w *Writer) Raw(b []byte) { w.w.Bytes(b) }

// Later appends a pointer whose referent f appends at the next [Writer.Flush]:
// for structures whose pointers lie deep. f may use Later itself.
func (w *Writer) Later(f func()) {
	w.Pointer(true)
	w.later = append(w.later, f)
}

// LaterText appends the fixed part of an RPC_UNICODE_STRING, and its characters
// at the next [Writer.Flush].
func (w *Writer) LaterText(s string) {
	w.Text(s)
	w.later = append(w.later, func() { w.TextReferent(s) })
}

// Flush appends the referents that [Writer.Later] has put off, each with those
// of its own pointers right behind it. [C706] 14.3.12.3.
func (w *Writer) Flush() {
	list := w.later
	w.later = nil
	for _, f := range list {
		f()
		w.Flush()
	}
}

// Align appends padding up to a multiple of n bytes, as in front of a structure
// whose first field is smaller than its largest.
func (w *Writer) Align(n int) { w.w.Align(n) }

// UTF16 appends characters as they are.
func (w *Writer) UTF16(s string) { w.w.UTF16(s) }
