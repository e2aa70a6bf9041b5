package dtyp_test

import (
	"bytes"
	"testing"

	"github.com/signet-smb/signet/dtyp"
)

func TestGUIDHasTheFormsOfTheSpecification(t *testing.T) {
	// Text: [MS-DTYP] 2.3.4.3. Bytes: the same GUID after 2.3.4.2, whose
	// first three fields are little-endian.
	const text = "f81d4fae-7dec-11d0-a765-00a0c91e6bf6"
	want := unhex(t, "ae4f1df8 ec7d d011 a765 00a0c91e6bf6")
	for _, form := range []string{text, "{" + text + "}", "F81D4FAE-7DEC-11D0-A765-00A0C91E6BF6"} {
		g, err := dtyp.ParseGUID(form)
		if err != nil || !bytes.Equal(g[:], want) || g.String() != text {
			t.Errorf("ParseGUID(%q) = %x (%v), %v; want %x", form, g[:], g, err, want)
		}
	}
	var g dtyp.GUID
	if err := g.UnmarshalBinary(want); err != nil || g.String() != text {
		t.Errorf("UnmarshalBinary(%x) = %v, %v", want, g, err)
	}
	if got, err := g.AppendBinary([]byte("x")); err != nil || !bytes.Equal(got, append([]byte("x"), want...)) {
		t.Errorf("AppendBinary = %x, %v; want %x", got, err, want)
	}
}

func TestTextThatIsNoGUIDIsRefused(t *testing.T) {
	for _, text := range []string{
		"", "{}", "f81d4fae", "f81d4fae7dec11d0a76500a0c91e6bf6", "{f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
		"f81d4fae-7dec-11d0-a765-00a0c91e6bf6}", "f81d4fae-7dec-11d0-a765-00a0c91e6bf", "f81d4fae-7dec-11d0-a765-00a0c91e6bf60",
		"g81d4fae-7dec-11d0-a765-00a0c91e6bf6", "f81d4fae-7dec-11d0-a765+00a0c91e6bf6", "f81d4fae-7dec-11d0-a76-500a0c91e6bf6",
		"{{f81d4fae-7dec-11d0-a765-00a0c91e6bf6}}", "-81d4fae-7dec-11d0-a765-00a0c91e6bf6",
	} {
		if g, err := dtyp.ParseGUID(text); err == nil || !g.IsZero() {
			t.Errorf("ParseGUID(%q) = %v, %v; want an error", text, g, err)
		}
	}
}

func TestBytesThatAreNoGUIDAreRefused(t *testing.T) {
	for n := range 20 {
		g := dtyp.GUID{1}
		err := g.UnmarshalBinary(make([]byte, n))
		if (err == nil) != (n == 16) || err != nil && g != (dtyp.GUID{1}) {
			t.Errorf("%d bytes: %v, %v", n, g, err)
		}
	}
}

func TestNewGUIDIsRandomAndOfVersionFour(t *testing.T) {
	seen := make(map[dtyp.GUID]bool)
	for range 1000 {
		g := dtyp.NewGUID()
		text := g.String() // xxxxxxxx-xxxx-4xxx-[89ab]xxx-xxxxxxxxxxxx
		if text[14] != '4' || !bytes.ContainsAny([]byte{text[19]}, "89ab") || seen[g] || g.IsZero() {
			t.Fatalf("NewGUID() = %v, seen before: %v", g, seen[g])
		}
		seen[g] = true
	}
}
