package wire

import (
	"encoding/binary"
	"unicode/utf16"
	"unicode/utf8"
)

// Writer appends one message to a byte slice. Offsets that it writes count
// from the message's start, which need not be the start of the slice: a
// compound reply is several messages in one. Not safe for concurrent use.
type Writer struct {
	buf   []byte
	start int // where the message begins in buf
}

// NewWriter returns a Writer whose message begins at the end of buf.
func NewWriter(buf []byte) *Writer {
	return &Writer{buf: buf, start: len(buf)}
}

// Finish returns the slice with all that was appended. The Writer must not be
// used afterwards.
func (w *Writer) Finish() []byte { return w.buf }

// Offset is the number of bytes written to this message so far.
func (w *Writer) Offset() int { return len(w.buf) - w.start }

// U8 appends one byte.
func (w *Writer) U8(v uint8) { w.buf = append(w.buf, v) }

// U16 appends two bytes.
func (w *Writer) U16(v uint16) { w.buf = binary.LittleEndian.AppendUint16(w.buf, v) }

// U32 appends four bytes.
func (w *Writer) U32(v uint32) { w.buf = binary.LittleEndian.AppendUint32(w.buf, v) }

// U64 appends eight bytes.
func (w *Writer) U64(v uint64) { w.buf = binary.LittleEndian.AppendUint64(w.buf, v) }

// Bytes appends b.
func (w *Writer) Bytes(b []byte) { w.buf = append(w.buf, b...) }

// Zero appends n zero bytes.
func (w *Writer) Zero(n int) { w.buf = append(w.buf, make([]byte, n)...) }

// Align appends zero bytes up to the next multiple of n from the message's
// start.
func (w *Writer) Align(n int) { w.Zero((n - w.Offset()%n) % n) }

// UTF16 appends s as UTF-16LE without terminator. Invalid UTF-8 becomes
// U+FFFD.
func (w *Writer) UTF16(s string) { w.buf = AppendUTF16(w.buf, s) }

// AppendUTF16 appends s as UTF-16LE without terminator. Invalid UTF-8 becomes
// U+FFFD.
func AppendUTF16(b []byte, s string) []byte {
	for _, c := range s {
		if c < utf8.RuneSelf {
			b = append(b, byte(c), 0)
			continue
		}
		if hi, lo := utf16.EncodeRune(c); hi != utf8.RuneError {
			b = binary.LittleEndian.AppendUint16(b, uint16(hi))
			b = binary.LittleEndian.AppendUint16(b, uint16(lo))
			continue
		}
		b = binary.LittleEndian.AppendUint16(b, uint16(c))
	}
	return b
}

// UTF16Len is the number of bytes that [AppendUTF16] would append for s.
func UTF16Len(s string) int {
	n := 0
	for _, c := range s {
		n += 2 * utf16.RuneLen(c)
	}
	return n
}

// Hole is room left for a field whose value is known only later.
type Hole struct {
	at, size int
}

// Hole leaves size bytes (1, 2, 4 or 8) to be filled by [Writer.Fill]. Until
// then they are zero.
func (w *Writer) Hole(size int) Hole {
	h := Hole{at: len(w.buf), size: size}
	w.Zero(size)
	return h
}

// Fill stores v in h. Values that do not fit are a programming error: callers
// bound lengths before they encode.
func (w *Writer) Fill(h Hole, v int) {
	b := w.buf[h.at:]
	switch h.size {
	case 1:
		b[0] = uint8(v)
	case 2:
		binary.LittleEndian.PutUint16(b, uint16(v))
	case 4:
		binary.LittleEndian.PutUint32(b, uint32(v))
	default:
		binary.LittleEndian.PutUint64(b, uint64(v))
	}
}

// ContinueWriter returns a Writer whose message began n bytes before the end
// of buf.
func ContinueWriter(buf []byte, n int) *Writer {
	return &Writer{buf: buf, start: len(buf) - n}
}
