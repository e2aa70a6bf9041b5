package transform

import (
	"encoding/hex"
	"testing"
)

func element(t *testing.T, s string) fieldElement {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != 16 {
		t.Fatalf("bad element %q", s)
	}
	return newFieldElement([16]byte(b))
}

// Source: McGrew and Viega, "The Galois/Counter Mode of Operation", test
// case 2: H, X1 = C·H, and GHASH = (X1 + lengths)·H.
func TestFieldMultiplicationIsThatOfGCM(t *testing.T) {
	h := element(t, "66e94bd4ef8a2c3b884cfa59ca342b2e")
	c := element(t, "0388dace60b6a392f328c2b971b2fe78")
	x1 := element(t, "5e2ec746917062882c85b0685353deb7")
	lengths := element(t, "00000000000000000000000000000080")
	ghash := element(t, "f38cbb1ad69223dcc3457ae5b6b0f885")
	if got := c.times(h); got != x1 {
		t.Errorf("C·H: got %x, want %x", got.bytes(), x1.bytes())
	}
	if got := h.times(c); got != x1 {
		t.Errorf("H·C: got %x, want %x", got.bytes(), x1.bytes())
	}
	if got := x1.plus(lengths).times(h); got != ghash {
		t.Errorf("GHASH: got %x, want %x", got.bytes(), ghash.bytes())
	}
	if got := h.times(fieldOne); got != h {
		t.Errorf("H·1: got %x, want %x", got.bytes(), h.bytes())
	}
}
