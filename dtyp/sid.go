package dtyp

// SID is a security identifier. [MS-DTYP] 2.4.2. Comparable; the zero SID is
// no SID.
type SID struct {
	authority [6]byte
	n         uint8
	sub       [15]uint32
}
