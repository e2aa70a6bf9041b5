package dtyp

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/signet-smb/signet/internal/wire"
)

// MaxSubAuthorities is the most subauthorities that a SID has.
// [MS-DTYP] 2.4.2.2.
const MaxSubAuthorities = 15

// SID is a security identifier. [MS-DTYP] 2.4.2. Comparable; the zero SID is
// no SID.
type SID struct {
	authority [6]byte
	n         uint8
	sub       [MaxSubAuthorities]uint32
}

// NewSID makes the SID of an authority, less than 1<<48, and 1 to 15
// subauthorities. It panics on any other number of them: only constants and
// counted values are given to it.
func NewSID(authority uint64, sub ...uint32) SID {
	if authority >= 1<<48 || len(sub) == 0 || len(sub) > MaxSubAuthorities {
		panic("dtyp: NewSID: no such SID")
	}
	s := SID{n: uint8(len(sub))}
	copy(s.sub[:], sub)
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], authority)
	copy(s.authority[:], b[2:])
	return s
}

// Authority is the identifier authority: 5 for the SIDs of Windows NT.
func (s SID) Authority() uint64 {
	var b [8]byte
	copy(b[2:], s.authority[:])
	return binary.BigEndian.Uint64(b[:])
}

// SubAuthorities are the numbers behind the authority, in a slice of their
// own.
func (s SID) SubAuthorities() []uint32 { return append([]uint32(nil), s.sub[:s.n]...) }

// IsZero reports whether s is no SID.
func (s SID) IsZero() bool { return s == SID{} }

// RID is the last subauthority, the relative identifier; 0 for no SID.
func (s SID) RID() uint32 {
	if s.n == 0 {
		return 0
	}
	return s.sub[s.n-1]
}

// Child is s with rid as a further subauthority: an account of the domain s.
// It panics if s has 15 already.
func (s SID) Child(rid uint32) SID {
	s.sub[s.n] = rid
	s.n++
	return s
}

// Parent is s without its last subauthority: the domain of an account. That of
// a SID with one subauthority has none; that of no SID is no SID.
func (s SID) Parent() SID {
	if s.n > 0 {
		s.n--
		s.sub[s.n] = 0
	}
	return s
}

// String gives the form S-1-5-32-544; "" for no SID. [MS-DTYP] 2.4.2.1.
func (s SID) String() string {
	if s.IsZero() {
		return ""
	}
	var b []byte
	if a := s.Authority(); a <= math.MaxUint32 {
		b = strconv.AppendUint([]byte("S-1-"), a, 10)
	} else {
		b = fmt.Appendf(b, "S-1-0x%012X", a)
	}
	for _, sub := range s.sub[:s.n] {
		b = strconv.AppendUint(append(b, '-'), uint64(sub), 10)
	}
	return string(b)
}

// ParseSID reads the form that [SID.String] gives, with the S and the
// hexadecimal digits of the authority in either case. [MS-DTYP] 2.4.2.1.
func ParseSID(text string) (SID, error) {
	parts := strings.Split(text, "-")
	if len(parts) < 4 || len(parts) > 3+MaxSubAuthorities ||
		!strings.EqualFold(parts[0], "S") || parts[1] != "1" {
		return SID{}, fmt.Errorf("dtyp: %q is no SID", text)
	}
	authority, ok := parseAuthority(parts[2])
	if !ok {
		return SID{}, fmt.Errorf("dtyp: authority of SID %q", text)
	}
	var sub [MaxSubAuthorities]uint32
	for i, part := range parts[3:] {
		n, ok := parseDecimal(part)
		if !ok {
			return SID{}, fmt.Errorf("dtyp: subauthority %d of SID %q", i+1, text)
		}
		sub[i] = n
	}
	return NewSID(authority, sub[:len(parts)-3]...), nil
}

// parseAuthority reads a decimal number of 32 bits or 0x and 12 digits.
func parseAuthority(text string) (uint64, bool) {
	if hex, ok := strings.CutPrefix(text, "0x"); ok && len(hex) == 12 {
		n, err := strconv.ParseUint(hex, 16, 48)
		return n, err == nil
	}
	n, ok := parseDecimal(text)
	return uint64(n), ok
}

// parseDecimal reads a number of 32 bits without sign or leading zeros.
func parseDecimal(text string) (uint32, bool) {
	n, err := strconv.ParseUint(text, 10, 32)
	return uint32(n), err == nil && strconv.FormatUint(n, 10) == text
}

// Size is the length of the encoded SID in bytes.
func (s SID) Size() int { return 8 + 4*int(s.n) }

// Append writes s, which must not be the zero SID. [MS-DTYP] 2.4.2.2.
func (s SID) Append(w *wire.Writer) {
	w.U8(1) // Revision
	w.U8(s.n)
	w.Bytes(s.authority[:])
	for _, sub := range s.sub[:s.n] {
		w.U32(sub)
	}
}

// ReadSID reads a SID. After a failure, which stays in r, it is the zero SID.
// [MS-DTYP] 2.4.2.2.
func ReadSID(r *wire.Reader) SID {
	var s SID
	r.Check(r.U8() == 1, "SID revision")
	s.n = r.U8()
	r.Check(s.n >= 1 && s.n <= MaxSubAuthorities, "SubAuthorityCount")
	r.Copy(s.authority[:])
	if r.Err() != nil {
		return SID{}
	}
	for i := range s.n {
		s.sub[i] = r.U32()
	}
	if r.Err() != nil {
		return SID{}
	}
	return s
}

// AppendBinary implements [encoding.BinaryAppender]. The zero SID is an error.
func (s SID) AppendBinary(b []byte) ([]byte, error) {
	if s.IsZero() {
		return b, errors.New("dtyp: no SID to encode")
	}
	w := wire.NewWriter(b)
	s.Append(w)
	return w.Finish(), nil
}

// UnmarshalBinary implements [encoding.BinaryUnmarshaler]. All of b must be
// the SID.
func (s *SID) UnmarshalBinary(b []byte) error {
	r := wire.NewReader(b)
	sid := ReadSID(r)
	r.Check(r.Len() == 0, "SID length")
	if err := r.Err(); err != nil {
		return err
	}
	*s = sid
	return nil
}
