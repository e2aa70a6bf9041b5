package transform

import "encoding/binary"

// fieldElement is an element of GF(2^128) as GHASH counts: hi is the first
// eight bytes, the most significant bit the coefficient of x^0.
// NIST SP 800-38D, section 6.3. All operations run in constant time.
type fieldElement struct {
	hi, lo uint64
}

// fieldOne is the neutral element of multiplication.
var fieldOne = fieldElement{hi: 1 << 63}

func newFieldElement(b [16]byte) fieldElement {
	return fieldElement{binary.BigEndian.Uint64(b[:]), binary.BigEndian.Uint64(b[8:])}
}

func (a fieldElement) bytes() (b [16]byte) {
	binary.BigEndian.PutUint64(b[:], a.hi)
	binary.BigEndian.PutUint64(b[8:], a.lo)
	return b
}

func (a fieldElement) plus(b fieldElement) fieldElement {
	return fieldElement{a.hi ^ b.hi, a.lo ^ b.lo}
}

// times multiplies a, bit by bit, by b.
func (a fieldElement) times(b fieldElement) fieldElement {
	var hi, lo uint64
	bhi, blo := b.hi, b.lo
	for _, word := range [2]uint64{a.hi, a.lo} {
		for range 64 {
			take := uint64(int64(word) >> 63) // all ones or zeros: no branch on secrets
			hi ^= bhi & take
			lo ^= blo & take
			word <<= 1
			reduce := -(blo & 1) & 0xE1 << 56
			blo = blo>>1 | bhi<<63
			bhi = bhi>>1 ^ reduce
		}
	}
	return fieldElement{hi, lo}
}
