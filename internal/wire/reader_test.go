package wire_test

import (
	"bytes"
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/signet-smb/signet/internal/wire"
)

// message holds one of everything that a Reader reads, laid out by hand:
//
//	 0  01                       U8
//	 1  02 03                    U16, little-endian 0x0302
//	 3  04 05 06 07              U32
//	 7  08 09 0a 0b 0c 0d 0e 0f  U64
//	15  ff                       padding to 16
//	16  61 00 e4 00              UTF-16 "aä"
//	20  70 71 72                 Bytes
//	23  aa bb                    Copy
//	25  ff ff ff                 Skip
//	28  1c 00 00 00              U32
var message = []byte{
	0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f, 0xff,
	'a', 0, 0xe4, 0, 'p', 'q', 'r', 0xaa, 0xbb, 0xff, 0xff, 0xff, 0x1c, 0, 0, 0,
}

// values is what readMessage found.
type values struct {
	u8   uint8
	u16  uint16
	u32  uint32
	u64  uint64
	text string
	b    string
	copy [2]byte
	last uint32
}

func readMessage(r *wire.Reader) values {
	var v values
	v.u8 = r.U8()
	v.u16 = r.U16()
	v.u32 = r.U32()
	v.u64 = r.U64()
	r.Align(16)
	v.text = r.UTF16(4)
	v.b = string(r.Bytes(3))
	r.Copy(v.copy[:])
	r.Skip(3)
	v.last = r.U32()
	return v
}

func TestReaderReadsLittleEndianFieldsInOrder(t *testing.T) {
	r := wire.NewReader(message)
	got := readMessage(r)
	want := values{0x01, 0x0302, 0x07060504, 0x0f0e0d0c0b0a0908, "aä", "pqr", [2]byte{0xaa, 0xbb}, 0x1c}
	if got != want || r.Err() != nil || r.Len() != 0 || r.Offset() != len(message) {
		t.Errorf("read %x: got %+v, err %v, %d left; want %+v", message, got, r.Err(), r.Len(), want)
	}
}

func TestEveryStrictPrefixFailsInsideThePrefix(t *testing.T) {
	for n := range message {
		r := wire.NewReader(message[:n])
		readMessage(r)
		werr, ok := errors.AsType[*wire.Error](r.Err())
		if !ok {
			t.Fatalf("prefix of %d bytes: err = %v, want a *wire.Error", n, r.Err())
		}
		if werr.Offset > n || werr.Field == "" {
			t.Errorf("prefix of %d bytes: %+v, want a field and an offset inside the prefix", n, werr)
		}
		if r.Len() != 0 {
			t.Errorf("prefix of %d bytes: Len = %d after a failure, want 0", n, r.Len())
		}
	}
}

func TestNilMessageReadsAsEmpty(t *testing.T) {
	var r wire.Reader
	if r.Len() != 0 || r.Err() != nil || len(r.Rest()) != 0 || r.Err() != nil {
		t.Errorf("zero Reader: Len %d, err %v", r.Len(), r.Err())
	}
	if r.U8(); r.Err() == nil {
		t.Error("reading from the zero Reader did not fail")
	}
}

func TestFirstFailureStaysAndLaterReadsGiveZeroValues(t *testing.T) {
	r := wire.NewReader(message)
	r.Skip(2)
	r.Fail("first")
	r.Fail("second")
	r.Check(false, "third")
	dst := []byte{1, 2, 3}
	r.Copy(dst)
	got := []any{
		r.U8(), r.U16(), r.U32(), r.U64(), r.Bytes(1) == nil, r.Rest() == nil, r.UTF16(2),
		r.At(r.Ref(8, 1)) == nil, r.Tail(8) == nil, r.UTF16At(r.Ref(8, 2)), string(dst),
	}
	want := []any{uint8(0), uint16(0), uint32(0), uint64(0), true, true, "", true, true, "", "\x00\x00\x00"}
	if !slices.Equal(got, want) {
		t.Errorf("after a failure: got %v, want %v", got, want)
	}
	for range r.List(1, 10) {
		t.Error("List yields after a failure")
	}
	if werr, _ := errors.AsType[*wire.Error](r.Err()); *werr != (wire.Error{Field: "first", Offset: 2}) {
		t.Errorf("err = %+v, want first at 2", werr)
	}
	if got, want := r.Err().Error(), "malformed first at byte 2"; got != want {
		t.Errorf("Error() = %q, want %q", got, want)
	}
}

func TestCheckThatHoldsChangesNothing(t *testing.T) {
	r := wire.NewReader(message)
	r.Check(true, "x")
	if r.Err() != nil || r.U8() != 1 {
		t.Errorf("err = %v", r.Err())
	}
}

func TestLengthsThatDoNotFitFail(t *testing.T) {
	for _, n := range []int{-1, math.MinInt, 33, math.MaxInt, math.MaxInt32} {
		for name, read := range map[string]func(*wire.Reader){
			"Bytes": func(r *wire.Reader) { r.Bytes(n) },
			"Skip":  func(r *wire.Reader) { r.Skip(n) },
			"UTF16": func(r *wire.Reader) { r.UTF16(n) },
		} {
			r := wire.NewReader(message)
			read(r)
			if r.Err() == nil {
				t.Errorf("%s(%d) of %d bytes did not fail", name, n, len(message))
			}
		}
	}
}

func TestReferencesAreResolvedInsideTheMessageOnly(t *testing.T) {
	const read = 8 // bytes read before the reference is resolved
	for _, c := range []struct {
		name   string
		off, n uint64
		want   string
		fails  bool
	}{
		{"right behind the fixed part", 8, 2, "89", false},
		{"up to the end", 14, 2, "ef", false},
		{"whole rest", 8, 8, "89abcdef", false},
		{"empty at the end", 16, 0, "", false},
		{"empty with garbage offset", 0xFFFFFFFF, 0, "", false},
		{"empty inside the fixed part", 0, 0, "", false},
		{"inside the fixed part", 7, 2, "", true},
		{"offset zero", 0, 4, "", true},
		{"one byte past the end", 15, 2, "", true},
		{"begins at the end", 16, 1, "", true},
		{"begins past the end", 17, 1, "", true},
		{"32-bit sum wraps", 0xFFFFFFF8, 16, "", true},
		{"64-bit sum wraps to inside", math.MaxUint64 - 3, 12, "", true},
		{"length wraps", 8, math.MaxUint64, "", true},
		{"length negative as int", 8, 1 << 63, "", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := wire.NewReader([]byte("0123456789abcdef"))
			r.Skip(read)
			f := r.Ref(c.off, c.n)
			if f.Len() != c.n {
				t.Errorf("Len() = %d, want %d", f.Len(), c.n)
			}
			got := r.At(f)
			if string(got) != c.want || (r.Err() != nil) != c.fails {
				t.Errorf("At(%d, %d) = %q, err %v; want %q, failure %v", c.off, c.n, got, r.Err(), c.want, c.fails)
			}
			if r.Offset() != read {
				t.Errorf("At moved the cursor to %d", r.Offset())
			}
		})
	}
}

func TestTailReachesToTheEndOfTheMessage(t *testing.T) {
	for _, c := range []struct {
		off   uint64
		want  string
		fails bool
	}{
		{4, "4567", false},
		{7, "7", false},
		{8, "", false},
		{3, "", true},
		{0, "", true},
		{9, "", true},
		{math.MaxUint64, "", true},
		{1 << 63, "", true},
	} {
		r := wire.NewReader([]byte("01234567"))
		r.Skip(4)
		if got := r.Tail(c.off); string(got) != c.want || (r.Err() != nil) != c.fails {
			t.Errorf("Tail(%d) = %q, err %v; want %q, failure %v", c.off, got, r.Err(), c.want, c.fails)
		}
	}
}

func TestReturnedSlicesCannotGrowIntoTheMessage(t *testing.T) {
	msg := []byte("0123456789")
	r := wire.NewReader(msg)
	for name, b := range map[string][]byte{"Bytes": r.Bytes(2), "At": r.At(r.Ref(4, 2)), "Tail": r.Tail(8)} {
		if len(b) != 2 || cap(b) != 2 {
			t.Errorf("%s: len %d, cap %d, want 2, 2", name, len(b), cap(b))
		}
	}
}

func TestUTF16IsDecodedAsPeersSendIt(t *testing.T) {
	for _, c := range []struct {
		name, in, want string
	}{
		{"empty", "", ""},
		{"ASCII", "a\x00b\x00", "ab"},
		{"NUL is a character", "\x00\x00", "\x00"},
		{"two bytes in UTF-8", "\xe4\x00", "ä"},
		{"three bytes in UTF-8", "\xac\x20", "€"},
		{"surrogate pair", "\x3d\xd8\x00\xde", "😀"},
		{"pair after text", "a\x00\x3d\xd8\x00\xdeb\x00", "a😀b"},
		{"high half alone", "\x3d\xd8", "\uFFFD"},
		{"high half before text", "\x3d\xd8a\x00", "\uFFFDa"},
		{"low half alone", "\x00\xdea\x00", "\uFFFDa"},
		{"halves swapped", "\x00\xde\x3d\xd8", "\uFFFD\uFFFD"},
		{"two high halves, one low", "\x3d\xd8\x3d\xd8\x00\xde", "\uFFFD😀"},
		{"U+FFFD itself", "\xfd\xff", "\uFFFD"},
		{"noncharacter", "\xff\xff", "\uFFFF"},
	} {
		r := wire.NewReader([]byte(c.in))
		if got := r.UTF16(len(c.in)); got != c.want || r.Err() != nil {
			t.Errorf("%s: UTF16(%x) = %q, err %v; want %q", c.name, c.in, got, r.Err(), c.want)
		}
		r = wire.NewReader([]byte(c.in))
		if got := r.UTF16At(r.Ref(0, uint64(len(c.in)))); got != c.want || r.Err() != nil {
			t.Errorf("%s: UTF16At(%x) = %q, err %v; want %q", c.name, c.in, got, r.Err(), c.want)
		}
		if got := wire.DecodeUTF16([]byte(c.in + "x")); got != c.want {
			t.Errorf("%s: DecodeUTF16 with an odd byte behind = %q, want %q", c.name, got, c.want)
		}
	}
}

func TestUTF16OfOddLengthFails(t *testing.T) {
	r := wire.NewReader([]byte("a\x00b\x00"))
	if got := r.UTF16(3); got != "" || r.Err() == nil {
		t.Errorf("UTF16(3) = %q, err %v; want a failure", got, r.Err())
	}
	r = wire.NewReader([]byte("a\x00b\x00"))
	if got := r.UTF16At(r.Ref(0, 3)); got != "" || r.Err() == nil {
		t.Errorf("UTF16At of 3 bytes = %q, err %v; want a failure", got, r.Err())
	}
}

func TestAlignToleratesPaddingCutOffAtTheEnd(t *testing.T) {
	for _, c := range []struct{ length, read, align, want int }{
		{16, 0, 8, 0}, {16, 1, 8, 8}, {16, 8, 8, 8}, {16, 9, 8, 16}, {12, 9, 8, 12}, {9, 9, 8, 9}, {16, 5, 4, 8}, {16, 5, 1, 5},
	} {
		r := wire.NewReader(make([]byte, c.length))
		r.Skip(c.read)
		r.Align(c.align)
		if r.Offset() != c.want || r.Err() != nil {
			t.Errorf("Align(%d) at %d of %d: offset %d, err %v; want %d", c.align, c.read, c.length, r.Offset(), r.Err(), c.want)
		}
	}
}

func TestSubKeepsItsFailureUntilMerged(t *testing.T) {
	r := wire.NewReader([]byte("0123456789"))
	r.Skip(2)
	sub := r.Sub(r.Tail(6))
	sub.Skip(1)
	sub.U64()
	if r.Err() != nil {
		t.Fatalf("the failure of Sub reached its parent by itself: %v", r.Err())
	}
	r.Merge(sub, 6)
	if werr, _ := errors.AsType[*wire.Error](r.Err()); werr == nil || *werr != (wire.Error{Field: "uint64", Offset: 7}) {
		t.Errorf("merged failure = %+v, want uint64 at 7", werr)
	}
	good := wire.NewReader(nil)
	good.Merge(r.Sub(nil), 3)
	if good.Err() != nil {
		t.Errorf("merging a cursor without failure gave %v", good.Err())
	}
}

func TestListYieldsEveryEntryAsItsOwnMessage(t *testing.T) {
	list := []byte("\x08\x00\x00\x00abcd\x10\x00\x00\x00efghijklmnop\x00\x00\x00\x00qrs")
	r := wire.NewReader(list)
	var got []string
	for e := range r.List(8, 3) {
		if e.Offset() != 4 {
			t.Errorf("entry begins at %d, want 4", e.Offset())
		}
		got = append(got, string(e.Rest()))
	}
	if want := []string{"abcd", "efghijklmnop", "qrs"}; !slices.Equal(got, want) || r.Err() != nil {
		t.Errorf("List = %q, err %v; want %q", got, r.Err(), want)
	}
	if r.Len() != 0 {
		t.Errorf("%d bytes left behind the list", r.Len())
	}
}

func TestListsThatDoNotProgressOrStayInsideFail(t *testing.T) {
	for _, c := range []struct {
		name    string
		list    string
		align   int
		limit   int
		entries int
		fails   bool
	}{
		{"empty", "", 8, 10, 0, false},
		{"single", "\x00\x00\x00\x00", 8, 10, 1, false},
		{"last one points to the end", "\x08\x00\x00\x00abcd", 8, 10, 1, false},
		{"header cut off", "\x00\x00\x00", 8, 10, 0, true},
		{"second header cut off", "\x08\x00\x00\x00abcd\x00\x00", 8, 10, 1, true},
		{"past the end", "\x10\x00\x00\x00abcd", 8, 10, 0, true},
		{"far past the end", "\xf8\xff\xff\xffabcd", 8, 10, 0, true},
		{"misaligned", "\x09\x00\x00\x00abcd\x00\x00\x00\x00e", 8, 10, 0, true},
		{"misaligned for eight, good for four", "\x04\x00\x00\x00\x00\x00\x00\x00", 8, 10, 0, true},
		{"aligned to four", "\x04\x00\x00\x00\x00\x00\x00\x00", 4, 10, 2, false},
		{"points into itself", "\x02\x00\x00\x00\x00\x00\x00\x00", 1, 10, 0, true},
		{"as many as allowed", "\x04\x00\x00\x00\x04\x00\x00\x00\x00\x00\x00\x00", 4, 3, 3, false},
		{"one too many", "\x04\x00\x00\x00\x04\x00\x00\x00\x00\x00\x00\x00", 4, 2, 2, true},
		{"none allowed", "\x00\x00\x00\x00", 4, 0, 0, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := wire.NewReader([]byte(c.list))
			n := 0
			for range r.List(c.align, c.limit) {
				n++
			}
			if n != c.entries || (r.Err() != nil) != c.fails {
				t.Errorf("List(%d, %d) of %x: %d entries, err %v; want %d, failure %v", c.align, c.limit, c.list, n, r.Err(), c.entries, c.fails)
			}
		})
	}
}

func TestFailureOfAnEntryEndsTheListAtItsPlace(t *testing.T) {
	list := []byte("\x08\x00\x00\x00abcd\x08\x00\x00\x00efgh\x00\x00\x00\x00")
	for name, stop := range map[string]bool{"consumer goes on": false, "consumer stops": true} {
		t.Run(name, func(t *testing.T) {
			r := wire.NewReader(list)
			n := 0
			for e := range r.List(8, 10) {
				if n++; n < 2 {
					continue
				}
				e.Skip(2)
				e.U32()
				if stop {
					break
				}
			}
			werr, _ := errors.AsType[*wire.Error](r.Err())
			if n != 2 || werr == nil || *werr != (wire.Error{Field: "uint32", Offset: 14}) {
				t.Errorf("%d entries, err %+v; want 2, uint32 at 14", n, werr)
			}
		})
	}
}

func TestConsumerMayStopAList(t *testing.T) {
	r := wire.NewReader([]byte("\x08\x00\x00\x00abcd\x00\x00\x00\x00efgh"))
	for range r.List(8, 10) {
		break
	}
	if r.Err() != nil || r.Offset() != 8 {
		t.Errorf("after a break: offset %d, err %v; want 8", r.Offset(), r.Err())
	}
}

// FuzzReader drives a Reader by a program in the first bytes and checks what
// holds whatever is read: no panic, the cursor inside the message, failures
// that stay.
func FuzzReader(f *testing.F) {
	f.Add([]byte{0, 1, 2, 3, 4, 5, 6, 7}, message)
	f.Add([]byte{8, 8, 8}, []byte("\x08\x00\x00\x00abcd\x10\x00\x00\x00efghijklmnop\x00\x00\x00\x00qrs"))
	f.Add([]byte{3, 9, 3, 10, 11, 5, 12, 200, 13}, message)
	f.Fuzz(func(t *testing.T, program, msg []byte) {
		orig := bytes.Clone(msg)
		r := wire.NewReader(msg)
		var failed error
		for _, op := range program {
			arg := int(op) / 14
			switch op % 14 {
			case 0:
				r.U8()
			case 1:
				r.U16()
			case 2:
				r.U32()
			case 3:
				r.U64()
			case 4:
				r.Bytes(arg)
			case 5:
				r.Bytes(int(r.U32()))
			case 6:
				_ = r.UTF16(int(r.U16()))
			case 7:
				r.Align(1 + arg)
			case 8:
				entries := 0
				for e := range r.List(1+arg, 8) {
					entries++
					_ = e.UTF16(int(e.U8()))
				}
				if entries > 8 {
					t.Errorf("List yielded %d entries, limit 8", entries)
				}
			case 9:
				ref := r.Ref(r.U64(), r.U64())
				if b := r.At(ref); b != nil && uint64(len(b)) != ref.Len() {
					t.Errorf("At: %d bytes, announced %d", len(b), ref.Len())
				}
			case 10:
				_ = r.UTF16At(r.Ref(uint64(r.U16()), uint64(r.U16())))
			case 11:
				sub := r.Sub(r.Tail(uint64(r.U16())))
				sub.U64()
				r.Merge(sub, arg)
			case 12:
				var dst [7]byte
				r.Copy(dst[:min(arg, 7)])
			case 13:
				r.Skip(arg)
			}
			if r.Offset() < 0 || r.Offset() > len(msg) || r.Len() < 0 {
				t.Fatalf("op %d: offset %d, %d left of %d", op, r.Offset(), r.Len(), len(msg))
			}
			if failed != nil && r.Err() != failed {
				t.Fatalf("op %d: failure %v became %v", op, failed, r.Err())
			}
			failed = r.Err()
		}
		if !bytes.Equal(orig, msg) {
			t.Fatal("the message was changed")
		}
	})
}

func BenchmarkDecodeUTF16(b *testing.B) {
	for name, s := range map[string]string{"ascii": "Documents and settings.txt", "other": "Übergrößenträger €.txt"} {
		in := wire.AppendUTF16(nil, s)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				wire.DecodeUTF16(in)
			}
		})
	}
}
