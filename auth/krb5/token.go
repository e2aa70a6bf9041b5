package krb5

import (
	"errors"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// tokenID says what a token of the mechanism holds. RFC 4121 4.1.
type tokenID uint16

// What tokens hold.
const (
	tokenAPReq tokenID = 0x0100
	tokenAPRep tokenID = 0x0200
	tokenError tokenID = 0x0300
)

// Object identifiers of the mechanism as DER without tag and length: the real
// one, and the one that Windows 2000 cut to 16 bits. [MS-KILE] 3.1.1.6.
const (
	oidKerberos   = "\x2a\x86\x48\x86\xf7\x12\x01\x02\x02"
	oidMSKerberos = "\x2a\x86\x48\x82\xf7\x12\x01\x02\x02"
)

// tagToken frames a token of GSS-API. RFC 2743 3.1.
var tagToken = asn1.Tag(0).Constructed() | 0x40

// tagAPRep begins an AP-REP: [APPLICATION 15]. RFC 4120 5.5.2.
var tagAPRep = asn1.Tag(15).Constructed() | 0x40

// framed reports whether message is one value with that tag, and nothing else.
func framed(message []byte, tag asn1.Tag) bool {
	s := cryptobyte.String(message)
	var body cryptobyte.String
	return s.ReadASN1(&body, tag) && s.Empty()
}

// errToken says that a token is not one of this mechanism.
var errToken = errors.New("the token is not one of Kerberos")

// encodeToken frames a message of Kerberos.
func encodeToken(id tokenID, message []byte) ([]byte, error) {
	b := cryptobyte.NewBuilder(nil)
	b.AddASN1(tagToken, func(b *cryptobyte.Builder) {
		b.AddASN1(asn1.OBJECT_IDENTIFIER, func(b *cryptobyte.Builder) { b.AddBytes([]byte(oidKerberos)) })
		b.AddUint16(uint16(id))
		b.AddBytes(message)
	})
	return b.Bytes()
}

// decodeToken takes a token apart. message aliases it.
func decodeToken(token []byte) (id tokenID, message []byte, err error) {
	s := cryptobyte.String(token)
	var body, oid cryptobyte.String
	var n uint16
	if !s.ReadASN1(&body, tagToken) || !s.Empty() || !body.ReadASN1(&oid, asn1.OBJECT_IDENTIFIER) || !body.ReadUint16(&n) {
		return 0, nil, errToken
	}
	if string(oid) != oidKerberos && string(oid) != oidMSKerberos {
		return 0, nil, errToken
	}
	return tokenID(n), body, nil
}
