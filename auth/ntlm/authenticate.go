package ntlm

import "github.com/signet-smb/signet/internal/wire"

// authenticate is the AUTHENTICATE_MESSAGE. [MS-NLMP] 2.2.1.3.
type authenticate struct {
	LMResponse          []byte // aliases the decoded message, as the other slices do
	NTResponse          []byte
	Domain              string
	User                string
	Workstation         string
	EncryptedSessionKey []byte
	Flags               flags
	MIC                 []byte // 16 bytes; nil in a message too short for one
}

// Where the MIC stands in the message, in bytes.
const (
	micOffset = 72
	micSize   = 16
)

// decodeAuthenticate reads msg; unicode is the character set that the
// challenge chose.
//
// The fixed part ends behind the flags, for older clients put their payload
// where Version and MIC stand. Whether MIC is one is for the attribute avFlags
// of the response to say.
func decodeAuthenticate(msg []byte, unicode bool) (authenticate, error) {
	var m authenticate
	r := wire.NewReader(msg)
	readHeader(r, typeAuthenticate)
	lm := readField(r)
	nt := readField(r)
	domain := readField(r)
	user := readField(r)
	workstation := readField(r)
	key := readField(r)
	m.Flags = flags(r.U32())

	m.LMResponse = r.At(lm)
	m.NTResponse = r.At(nt)
	m.Domain = readName(r, domain, unicode)
	m.User = readName(r, user, unicode)
	m.Workstation = readName(r, workstation, unicode)
	if m.Flags.has(flagKeyExchange) {
		m.EncryptedSessionKey = r.At(key)
	}
	if err := r.Err(); err != nil {
		return authenticate{}, err
	}
	if _, mic, _, ok := splitMIC(msg); ok {
		m.MIC = mic
	}
	return m, nil
}

// splitMIC cuts an AUTHENTICATE_MESSAGE into what stands before its MIC, the
// MIC, and the rest; ok is false if it is too short to have one.
func splitMIC(msg []byte) (before, mic, after []byte, ok bool) {
	r := wire.NewReader(msg)
	before = r.Bytes(micOffset)
	mic = r.Bytes(micSize)
	after = r.Rest()
	return before, mic, after, r.Err() == nil
}

// encode writes m. A nil MIC is written as zeros.
func (m authenticate) encode() []byte {
	unicode := m.Flags.has(flagUnicode)
	w := wire.NewWriter(nil)
	p := payload{base: micOffset + micSize}
	names := payload{base: p.base} // the names come first in the payload: they want even offsets
	domain := encodeName(m.Domain, unicode)
	user := encodeName(m.User, unicode)
	workstation := encodeName(m.Workstation, unicode)
	p.base += len(domain) + len(user) + len(workstation)

	writeHeader(w, typeAuthenticate)
	p.field(w, m.LMResponse)
	p.field(w, m.NTResponse)
	names.field(w, domain)
	names.field(w, user)
	names.field(w, workstation)
	p.field(w, m.EncryptedSessionKey)
	w.U32(uint32(m.Flags))
	writeVersion(w)
	if m.MIC != nil {
		w.Bytes(m.MIC)
	} else {
		w.Zero(micSize)
	}
	w.Bytes(names.parts)
	w.Bytes(p.parts)
	return w.Finish()
}
