package wire_test

import (
	"bytes"
	"testing"
	"unicode/utf8"

	"github.com/signet-smb/signet/internal/wire"
)

func TestWriterMirrorsReader(t *testing.T) {
	w := wire.NewWriter(nil)
	w.U8(0x01)
	w.U16(0x0302)
	w.U32(0x07060504)
	w.U64(0x0f0e0d0c0b0a0908)
	w.Align(16)
	w.UTF16("aä")
	w.Bytes([]byte("pqr\xaa\xbb"))
	w.Zero(3)
	w.U32(0x1c)
	want := bytes.Clone(message)
	want[15], want[25], want[26], want[27] = 0, 0, 0, 0 // padding is written as zeros
	if got := w.Finish(); !bytes.Equal(got, want) {
		t.Errorf("got  %x\nwant %x", got, want)
	}
}

func TestOffsetsCountFromTheMessageNotFromTheSlice(t *testing.T) {
	w := wire.NewWriter([]byte("abc")) // something else comes before, unaligned
	w.U8(1)
	w.Align(8)
	if w.Offset() != 8 {
		t.Errorf("Offset = %d after Align(8), want 8", w.Offset())
	}
	w.Align(8)
	w.Align(4)
	if got, want := w.Finish(), "abc\x01\x00\x00\x00\x00\x00\x00\x00"; string(got) != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestContinuedWriterCountsWhatIsThereAlready(t *testing.T) {
	w := wire.ContinueWriter([]byte("xxHEADER"), 6)
	if w.Offset() != 6 {
		t.Errorf("Offset = %d, want 6", w.Offset())
	}
	w.Align(8)
	w.U8(9)
	if got, want := w.Finish(), "xxHEADER\x00\x00\x09"; string(got) != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestHolesAreFilledInAnyOrderAndSize(t *testing.T) {
	w := wire.NewWriter([]byte("ab"))
	h1, h2, h4, h8 := w.Hole(1), w.Hole(2), w.Hole(4), w.Hole(8)
	empty := w.Hole(2)
	w.Bytes(bytes.Repeat([]byte{'z'}, 1000)) // makes the slice move
	w.Fill(h8, 0x01020304)
	w.Fill(h1, 0x11)
	w.Fill(h4, 0x41424344)
	w.Fill(h2, 0x2122)
	_ = empty
	got := w.Finish()[:19]
	if want := "ab\x11\x22\x21\x44\x43\x42\x41\x04\x03\x02\x01\x00\x00\x00\x00\x00\x00"; string(got) != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestUTF16LenIsWhatIsAppended(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"", ""},
		{"ab", "a\x00b\x00"},
		{"ä€", "\xe4\x00\xac\x20"},
		{"😀", "\x3d\xd8\x00\xde"},
		// Invalid UTF-8, and a surrogate in UTF-8.
		{"a\xffb", "a\x00\xfd\xffb\x00"},
		{"\xed\xa0\xbd", "\xfd\xff\xfd\xff\xfd\xff"},
		{"\uFFFD\U0010FFFF\x00", "\xfd\xff\xff\xdb\xff\xdf\x00\x00"}, // edges
	} {
		got := wire.AppendUTF16([]byte("x"), c.in)
		if string(got) != "x"+c.want || wire.UTF16Len(c.in) != len(c.want) {
			t.Errorf("AppendUTF16(%q) = %x, UTF16Len = %d; want %x", c.in, got[1:], wire.UTF16Len(c.in), c.want)
		}
	}
}

func FuzzUTF16(f *testing.F) {
	f.Add("Übergrößenträger €😀", []byte("\x3d\xd8\x00\xdea\x00"))
	f.Add("a\xff\xed\xa0\xbd", []byte("\x3d\xd8a"))
	f.Fuzz(func(t *testing.T, text string, encoded []byte) {
		b := wire.AppendUTF16(nil, text)
		if len(b) != wire.UTF16Len(text) {
			t.Errorf("UTF16Len(%q) = %d, appended %d", text, wire.UTF16Len(text), len(b))
		}
		if got := wire.DecodeUTF16(b); utf8.ValidString(text) && got != text {
			t.Errorf("decode(encode(%q)) = %q", text, got)
		}
		s := wire.DecodeUTF16(encoded)
		if !utf8.ValidString(s) {
			t.Errorf("DecodeUTF16(%x) = %q is not UTF-8", encoded, s)
		}
		if again := wire.DecodeUTF16(wire.AppendUTF16(nil, s)); again != s {
			t.Errorf("decode(encode(%q)) = %q", s, again)
		}
	})
}
