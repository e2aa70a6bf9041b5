package dtyp

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/signet-smb/signet/internal/wire"
)

// GUID is a globally unique identifier in wire order. [MS-DTYP] 2.3.4.2.
type GUID [16]byte

// textOrder is where each byte of the text form lies on the wire: the first
// three fields are little-endian numbers.
var textOrder = [16]int{3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15}

// NewGUID makes a random GUID, version 4 of RFC 9562. Safe for concurrent use.
func NewGUID() GUID {
	var g GUID
	rand.Read(g[:]) // never fails
	g[7] = g[7]&0x0F | 0x40
	g[8] = g[8]&0x3F | 0x80
	return g
}

// String gives the curly-braced form without braces, in the customary mixed
// byte order. [MS-DTYP] 2.3.4.3.
func (g GUID) String() string {
	return fmt.Sprintf("%08x-%04x-%04x-%x-%x",
		uint32(g[3])<<24|uint32(g[2])<<16|uint32(g[1])<<8|uint32(g[0]),
		uint16(g[5])<<8|uint16(g[4]), uint16(g[7])<<8|uint16(g[6]), g[8:10], g[10:])
}

// ParseGUID reads the form that [GUID.String] gives, digits in either case,
// with or without braces.
func ParseGUID(text string) (GUID, error) {
	s := text
	if inner, ok := strings.CutPrefix(s, "{"); ok {
		if s, ok = strings.CutSuffix(inner, "}"); !ok {
			return GUID{}, fmt.Errorf("dtyp: %q is no GUID", text)
		}
	}
	var g GUID
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return GUID{}, fmt.Errorf("dtyp: %q is no GUID", text)
	}
	b, err := hex.DecodeString(s[:8] + s[9:13] + s[14:18] + s[19:23] + s[24:])
	if err != nil {
		return GUID{}, fmt.Errorf("dtyp: %q is no GUID", text)
	}
	for i, at := range textOrder {
		g[at] = b[i]
	}
	return g, nil
}

// IsZero reports whether g is all zeros.
func (g GUID) IsZero() bool { return g == GUID{} }

// AppendBinary implements [encoding.BinaryAppender]: the 16 bytes as on the
// wire. The error is nil.
func (g GUID) AppendBinary(b []byte) ([]byte, error) { return append(b, g[:]...), nil }

// UnmarshalBinary implements [encoding.BinaryUnmarshaler]. b must be 16 bytes.
func (g *GUID) UnmarshalBinary(b []byte) error {
	r := wire.NewReader(b)
	var v GUID
	r.Copy(v[:])
	r.Check(r.Len() == 0, "GUID length")
	if err := r.Err(); err != nil {
		return err
	}
	*g = v
	return nil
}
