package spnego

import (
	"strconv"
	"strings"

	"golang.org/x/crypto/cryptobyte"
)

// OID is an object identifier as the content of its DER encoding, without tag
// and length. Comparable.
type OID string

// Mechanisms by their identifiers.
const (
	NTLMSSP    OID = "\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x0a" // 1.3.6.1.4.1.311.2.2.10
	NEGOEX     OID = "\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x1e" // 1.3.6.1.4.1.311.2.2.30
	Kerberos   OID = "\x2a\x86\x48\x86\xf7\x12\x01\x02\x02"     // 1.2.840.113554.1.2.2
	MSKerberos OID = "\x2a\x86\x48\x82\xf7\x12\x01\x02\x02"     // 1.2.840.48018.1.2.2: Windows 2000 cut a number to 16 bits

	mechSPNEGO OID = "\x2b\x06\x01\x05\x05\x02" // 1.3.6.1.5.5.2
)

// String gives the dotted form, or "invalid" for bytes that are none.
func (o OID) String() string {
	if o == "" {
		return "invalid"
	}
	var b strings.Builder
	var arc uint64
	first := true
	for _, c := range []byte(o) {
		if arc >= 1<<56 {
			return "invalid"
		}
		arc = arc<<7 | uint64(c&0x7F)
		if c&0x80 != 0 {
			continue
		}
		if first {
			top := min(arc/40, 2)
			b.WriteString(strconv.FormatUint(top, 10))
			arc -= 40 * top
			first = false
		}
		b.WriteByte('.')
		b.WriteString(strconv.FormatUint(arc, 10))
		arc = 0
	}
	if o[len(o)-1]&0x80 != 0 {
		return "invalid"
	}
	return b.String()
}

// addOID appends o with its tag.
func addOID(b *cryptobyte.Builder, o OID) {
	b.AddASN1(tagOID, func(b *cryptobyte.Builder) { b.AddBytes([]byte(o)) })
}
