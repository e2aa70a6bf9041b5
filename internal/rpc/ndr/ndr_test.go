package ndr_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/rpc/ndr"
	"github.com/signet-smb/signet/internal/wire"
)

// everything is a stub with one of each, laid out by hand from [C706] 14.2
// (scalars, alignment), 14.3.3 (arrays), 14.3.4 (strings), 14.3.10 (pointers).
const everything = `
	01 00 0302                             ; small, padding to 2, short
	04 000000 08070605                     ; small, padding to 4, long
	09 000000 1817161514131211             ; small, padding to 8, hyper
	0a 000000 c84f324b7016d30112785a47bf6ee188   ; small, padding to 4, UUID
	00000200                               ; pointer with the first identifier
	03000000 00000000 03000000 6100e4000000      ; string "aä": maximum, offset, actual, text, NUL
	0000                                   ; padding to 4
	00000000                               ; null pointer
	04000200                               ; pointer with the second identifier
	78563412                               ; its referent
	03000000 0b0c0d                        ; conformant array of three bytes`

// unhex reads hexadecimal; what stands behind a semicolon is a remark.
func unhex(t testing.TB, text string) []byte {
	t.Helper()
	var out []byte
	for line := range strings.Lines(text) {
		digits, _, _ := strings.Cut(line, ";")
		b, err := hex.DecodeString(strings.Join(strings.Fields(digits), ""))
		if err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		out = append(out, b...)
	}
	return out
}

// values is what everything holds.
type values struct {
	small  [4]uint8
	short  uint16
	long   uint32
	hyper  uint64
	id     dtyp.GUID
	text   string
	hasA   bool
	hasB   bool
	unique uint32
	hasC   bool
	array  string
}

func read(r *ndr.Reader) (v values) {
	v.small[0] = r.U8()
	v.short = r.U16()
	v.small[1] = r.U8()
	v.long = r.U32()
	v.small[2] = r.U8()
	v.hyper = r.U64()
	v.small[3] = r.U8()
	v.id = r.GUID()
	v.text, v.hasA = r.UniqueString(10)
	_, v.hasB = r.UniqueString(10)
	v.unique, v.hasC = r.UniqueU32()
	v.array = string(r.Bytes(3))
	return v
}

func want(t testing.TB) values {
	t.Helper()
	id, err := dtyp.ParseGUID("4b324fc8-1670-01d3-1278-5a47bf6ee188")
	if err != nil {
		t.Fatal(err)
	}
	return values{
		small: [4]uint8{1, 4, 9, 10}, short: 0x0203, long: 0x05060708, hyper: 0x1112131415161718,
		id: id, text: "aä", hasA: true, unique: 0x12345678, hasC: true, array: "\x0b\x0c\x0d",
	}
}

func TestReaderReadsTheHandLaidStub(t *testing.T) {
	stub := unhex(t, everything)
	r := ndr.NewReader(stub)
	got := read(r)
	if want := want(t); got != want || r.Err() != nil || r.Len() != 0 {
		t.Errorf("read %x:\n got %+v, err %v, %d bytes left\nwant %+v", stub, got, r.Err(), r.Len(), want)
	}
}

func TestWriterWritesTheHandLaidStub(t *testing.T) {
	v := want(t)
	w := ndr.NewWriter()
	w.U8(v.small[0])
	w.U16(v.short)
	w.U8(v.small[1])
	w.U32(v.long)
	w.U8(v.small[2])
	w.U64(v.hyper)
	w.U8(v.small[3])
	w.GUID(v.id)
	w.UniqueString(v.text)
	w.Pointer(false)
	w.Pointer(true)
	w.U32(v.unique)
	w.Bytes([]byte(v.array))
	if n := w.Len(); n != len(unhex(t, everything)) {
		t.Errorf("Len = %d, want %d", n, len(unhex(t, everything)))
	}
	if got, want := w.Finish(), unhex(t, everything); !bytes.Equal(got, want) {
		t.Errorf("wrote\n     %x\nwant %x", got, want)
	}
}

func TestEveryStrictPrefixOfAStubFails(t *testing.T) {
	stub := unhex(t, everything)
	for n := range stub {
		r := ndr.NewReader(stub[:n])
		read(r)
		if _, ok := errors.AsType[*wire.Error](r.Err()); !ok {
			t.Errorf("the first %d of %d bytes: err = %v, want a *wire.Error", n, len(stub), r.Err())
		}
	}
}

func TestStringsAreCheckedBeforeTheyAreTaken(t *testing.T) {
	for _, c := range []struct {
		name, stub string
		limit      int
		want       string
		fails      bool
	}{
		{"empty", "01000000 00000000 01000000 0000", 5, "", false},
		{"room for more", "09000000 00000000 02000000 61000000", 5, "a", false},
		{"as long as allowed", "03000000 00000000 03000000 610062000000", 2, "ab", false},
		{"one longer than allowed", "03000000 00000000 03000000 610062000000", 1, "", true},
		{"text behind the NUL is dropped", "04000000 00000000 04000000 6100000062000000", 5, "a", false},
		{"no terminator", "02000000 00000000 02000000 61006200", 5, "", true},
		{"nothing at all, not even a NUL", "00000000 00000000 00000000", 5, "", true},
		{"does not start at zero", "02000000 01000000 01000000 61000000", 5, "", true},
		{"longer than its maximum", "01000000 00000000 02000000 61000000", 5, "", true},
		{"says four gigabytes", "ffffffff 00000000 ffffffff 61000000", 1 << 40, "", true},
		{"longer than the stub", "03000000 00000000 03000000 61000000", 5, "", true},
	} {
		r := ndr.NewReader(unhex(t, c.stub))
		if got := r.String(c.limit); got != c.want || (r.Err() != nil) != c.fails {
			t.Errorf("%s: String of %s = %q, err %v; want %q, failure %v", c.name, c.stub, got, r.Err(), c.want, c.fails)
		}
	}
}

func TestCountsAreCheckedBeforeTheyAreTaken(t *testing.T) {
	for _, c := range []struct {
		name, stub  string
		limit, size int
		want        int
		fails       bool
	}{
		{"none", "00000000", 0, 4, 0, false},
		{"two of four bytes", "02000000 0102030405060708", 2, 4, 2, false},
		{"more than the caller allows", "02000000 0102030405060708", 1, 4, 0, true},
		{"more than can follow", "03000000 0102030405060708", 9, 4, 0, true},
		{"the product wraps in 32 bits", "00000040 01020304", 1 << 40, 4, 0, true},
		{"four gigabytes", "ffffffff 01", 1 << 40, 1, 0, true},
	} {
		r := ndr.NewReader(unhex(t, c.stub))
		if got := r.Count(c.limit, c.size); got != c.want || (r.Err() != nil) != c.fails {
			t.Errorf("%s: Count of %s = %d, err %v; want %d, failure %v", c.name, c.stub, got, r.Err(), c.want, c.fails)
		}
	}
}

func TestAUnionMustAgreeWithItsDiscriminant(t *testing.T) {
	r := ndr.NewReader(unhex(t, "02000000"))
	if r.Switch(2); r.Err() != nil {
		t.Errorf("the right arm: %v", r.Err())
	}
	r = ndr.NewReader(unhex(t, "02000000"))
	if r.Switch(1); r.Err() == nil {
		t.Error("discriminant 2 was taken for 1")
	}
}

func TestTheCallersOwnFailureStays(t *testing.T) {
	r := ndr.NewReader(unhex(t, everything))
	r.U8()
	r.Fail("mine")
	read(r)
	if e, ok := errors.AsType[*wire.Error](r.Err()); !ok || e.Field != "mine" {
		t.Errorf("err = %v, want the failure of mine", r.Err())
	}
}

// FuzzNDR drives a Reader by a program and checks what holds whatever is read:
// no panic, results within their limits, failures that stay; and that what was
// read as a string is written as one that reads the same.
func FuzzNDR(f *testing.F) {
	f.Add([]byte{0, 1, 0, 2, 0, 3, 0, 4, 6, 6, 7, 8}, unhex(f, everything))
	f.Add([]byte{5, 5, 9, 10}, unhex(f, "03000000 00000000 03000000 610062000000"))
	f.Fuzz(func(t *testing.T, program, stub []byte) {
		const limit = 64
		orig := bytes.Clone(stub)
		r := ndr.NewReader(stub)
		for _, op := range program {
			failed := r.Err() != nil
			var s string
			switch op % 11 {
			case 0:
				r.U8()
			case 1:
				r.U16()
			case 2:
				r.U32()
			case 3:
				r.U64()
			case 4:
				r.GUID()
			case 5:
				s = r.String(limit)
			case 6:
				s, _ = r.UniqueString(limit)
			case 7:
				r.UniqueU32()
			case 8:
				if b := r.Bytes(limit); len(b) > limit {
					t.Fatalf("Bytes(%d) gave %d", limit, len(b))
				}
			case 9:
				if n := r.Count(limit, 3); n > limit || 3*n > len(stub) {
					t.Fatalf("Count(%d, 3) of %d bytes gave %d", limit, len(stub), n)
				}
			case 10:
				r.Switch(uint32(op))
			}
			if n := wire.UTF16Len(s) / 2; n > limit || failed && s != "" {
				t.Fatalf("a string of %d characters, after a failure: %v", n, failed)
			}
			if s != "" {
				w := ndr.NewWriter()
				w.String(s)
				if got := ndr.NewReader(w.Finish()).String(limit); got != s {
					t.Fatalf("%q was written and reads as %q", s, got)
				}
			}
			if failed && r.Err() == nil {
				t.Fatal("a failure went away")
			}
		}
		if !bytes.Equal(stub, orig) {
			t.Fatal("reading changed the stub")
		}
	})
}
