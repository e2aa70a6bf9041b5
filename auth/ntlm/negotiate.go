package ntlm

import "github.com/signet-smb/signet/internal/wire"

// negotiate is the NEGOTIATE_MESSAGE. [MS-NLMP] 2.2.1.1.
//
// Its domain and workstation names are left out: they are optional, in an
// unknown character set, and repeated in AUTHENTICATE. Old clients end the
// message behind the flags.
type negotiate struct {
	Flags flags
}

func decodeNegotiate(msg []byte) (negotiate, error) {
	r := wire.NewReader(msg)
	readHeader(r, typeNegotiate)
	m := negotiate{Flags: flags(r.U32())}
	// 2.2.2.5: neither character set is an invalid token.
	r.Check(m.Flags&(flagUnicode|flagOEM) != 0, "NegotiateFlags: character set")
	return m, r.Err()
}

func (m negotiate) encode() []byte {
	w := wire.NewWriter(make([]byte, 0, 40))
	p := payload{base: 40}
	writeHeader(w, typeNegotiate)
	w.U32(uint32(m.Flags))
	p.field(w, nil) // DomainName
	p.field(w, nil) // Workstation
	writeVersion(w)
	return w.Finish()
}
