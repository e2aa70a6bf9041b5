package spnego

import (
	"errors"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// Limits on what a peer may send.
const (
	// maxToken bounds one token in bytes: what a Kerberos ticket of a user in
	// a thousand groups needs.
	maxToken = 64 << 10
	// maxMechTypes bounds the client's list. Windows sends four.
	maxMechTypes = 32
	// maxLegs bounds the tokens of one exchange that a peer may send.
	maxLegs = 10
)

// Tags of the two tokens. RFC 4178 4.2.
const (
	tagOID         = asn1.OBJECT_IDENTIFIER
	tagApplication = asn1.Tag(0x60) // the framing of RFC 2743 3.1
	tagInit        = asn1.Tag(0xA0)
	tagResp        = asn1.Tag(0xA1)
)

// field is the tag of the n-th field of a token.
func field(n uint8) asn1.Tag { return asn1.Tag(n).ContextSpecific().Constructed() }

// errMalformed tells that a token is not what RFC 4178 describes.
var errMalformed = errors.New("spnego: malformed token")

// negTokenInit is what a client opens with, and what a server shows of itself
// beforehand. RFC 4178 4.2.1, [MS-SPNG] 2.2.1.
type negTokenInit struct {
	MechTypes []OID
	// MechList is the DER encoding of MechTypes as it was received: what
	// mechListMIC signs. Aliases the token.
	MechList    []byte
	MechToken   []byte // nil if there is none; aliases the token
	MechListMIC []byte // nil if there is none; aliases the token
	HintName    string // for encoding only: a server's hint
}

func decodeInit(token []byte) (negTokenInit, error) {
	var m negTokenInit
	var frame, oid, neg, seq cryptobyte.String
	in := cryptobyte.String(token)
	if !in.ReadASN1(&frame, tagApplication) ||
		!frame.ReadASN1(&oid, tagOID) || OID(oid) != mechSPNEGO ||
		!frame.ReadASN1(&neg, tagInit) ||
		!neg.ReadASN1(&seq, asn1.SEQUENCE) {
		return m, errMalformed
	}
	var list, value cryptobyte.String
	var present bool
	if !seq.ReadASN1(&list, field(0)) || !m.readMechTypes(list) {
		return negTokenInit{}, errMalformed
	}
	// reqFlags is ignored: it is not protected. [MS-SPNG] 3.1.5.3.
	if !seq.SkipOptionalASN1(field(1)) ||
		!readOctets(&seq, field(2), &m.MechToken) ||
		!seq.ReadOptionalASN1(&value, &present, field(3)) {
		return negTokenInit{}, errMalformed
	}
	// Field 3 is mechListMIC, or in NegTokenInit2 negHints, which are ignored,
	// and then mechListMIC is field 4.
	switch {
	case !present:
	case value.PeekASN1Tag(asn1.OCTET_STRING):
		var mic cryptobyte.String
		if !value.ReadASN1(&mic, asn1.OCTET_STRING) {
			return negTokenInit{}, errMalformed
		}
		m.MechListMIC = mic
	default:
		if !readOctets(&seq, field(4), &m.MechListMIC) {
			return negTokenInit{}, errMalformed
		}
	}
	return m, nil
}

// readMechTypes reads the list that a field 0 holds.
func (m *negTokenInit) readMechTypes(in cryptobyte.String) bool {
	var list, oid cryptobyte.String
	if !in.ReadASN1Element(&list, asn1.SEQUENCE) {
		return false
	}
	m.MechList = list
	if !list.ReadASN1(&list, asn1.SEQUENCE) || list.Empty() {
		return false
	}
	for !list.Empty() {
		if len(m.MechTypes) == maxMechTypes || !list.ReadASN1(&oid, tagOID) || oid.Empty() {
			return false
		}
		m.MechTypes = append(m.MechTypes, OID(oid))
	}
	return true
}

// encode writes m; MechList is made of MechTypes.
func (m negTokenInit) encode() ([]byte, error) {
	b := cryptobyte.NewBuilder(nil)
	b.AddASN1(tagApplication, func(b *cryptobyte.Builder) {
		addOID(b, mechSPNEGO)
		b.AddASN1(tagInit, func(b *cryptobyte.Builder) {
			b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
				b.AddASN1(field(0), func(b *cryptobyte.Builder) { addMechTypes(b, m.MechTypes) })
				addOctets(b, field(2), m.MechToken)
				if m.HintName != "" {
					b.AddASN1(field(3), func(b *cryptobyte.Builder) {
						b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
							b.AddASN1(field(0), func(b *cryptobyte.Builder) {
								b.AddASN1(asn1.GeneralString, func(b *cryptobyte.Builder) { b.AddBytes([]byte(m.HintName)) })
							})
						})
					})
				}
			})
		})
	})
	return b.Bytes()
}

func addMechTypes(b *cryptobyte.Builder, list []OID) {
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		for _, o := range list {
			addOID(b, o)
		}
	})
}

// negState is how far the negotiation has come. RFC 4178 4.2.2.
type negState uint8

const (
	acceptCompleted  negState = 0
	acceptIncomplete negState = 1
	rejected         negState = 2
	requestMIC       negState = 3

	stateAbsent negState = 0xFF // the field is optional but for the first reply
)

// negTokenResp is every token but the first. RFC 4178 4.2.2.
type negTokenResp struct {
	State         negState
	SupportedMech OID    // "" if absent
	ResponseToken []byte // nil if absent; aliases the token
	MechListMIC   []byte // nil if absent; aliases the token
}

func decodeResp(token []byte) (negTokenResp, error) {
	m := negTokenResp{State: stateAbsent}
	var neg, seq, value, oid cryptobyte.String
	var present bool
	in := cryptobyte.String(token)
	if !in.ReadASN1(&neg, tagResp) || !neg.ReadASN1(&seq, asn1.SEQUENCE) ||
		!seq.ReadOptionalASN1(&value, &present, field(0)) {
		return m, errMalformed
	}
	if present {
		var state int
		if !value.ReadASN1Enum(&state) || state < 0 || state > int(requestMIC) {
			return m, errMalformed
		}
		m.State = negState(state)
	}
	if !seq.ReadOptionalASN1(&value, &present, field(1)) || present && !value.ReadASN1(&oid, tagOID) {
		return m, errMalformed
	}
	m.SupportedMech = OID(oid)
	if !readOctets(&seq, field(2), &m.ResponseToken) || !readOctets(&seq, field(3), &m.MechListMIC) {
		return m, errMalformed
	}
	return m, nil
}

func (m negTokenResp) encode() ([]byte, error) {
	b := cryptobyte.NewBuilder(nil)
	b.AddASN1(tagResp, func(b *cryptobyte.Builder) {
		b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
			if m.State != stateAbsent {
				b.AddASN1(field(0), func(b *cryptobyte.Builder) { b.AddASN1Enum(int64(m.State)) })
			}
			if m.SupportedMech != "" {
				b.AddASN1(field(1), func(b *cryptobyte.Builder) { addOID(b, m.SupportedMech) })
			}
			addOctets(b, field(2), m.ResponseToken)
			addOctets(b, field(3), m.MechListMIC)
		})
	})
	return b.Bytes()
}

// readOctets reads an optional field that holds an OCTET STRING. Present but
// empty gives an empty slice that is not nil.
func readOctets(in *cryptobyte.String, tag asn1.Tag, out *[]byte) bool {
	var value, octets cryptobyte.String
	var present bool
	if !in.ReadOptionalASN1(&value, &present, tag) {
		return false
	}
	if !present {
		return true
	}
	if !value.ReadASN1(&octets, asn1.OCTET_STRING) {
		return false
	}
	*out = octets
	if *out == nil {
		*out = []byte{}
	}
	return true
}

// addOctets writes an optional field that holds an OCTET STRING.
func addOctets(b *cryptobyte.Builder, tag asn1.Tag, v []byte) {
	if v == nil {
		return
	}
	b.AddASN1(tag, func(b *cryptobyte.Builder) { b.AddASN1OctetString(v) })
}
