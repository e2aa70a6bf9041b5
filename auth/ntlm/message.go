package ntlm

import (
	"unicode/utf8"

	"github.com/signet-smb/signet/internal/wire"
)

// messageType tells the three messages apart. [MS-NLMP] 2.2.
type messageType uint32

const (
	typeNegotiate    messageType = 1
	typeChallenge    messageType = 2
	typeAuthenticate messageType = 3
)

// signature opens every message.
const signature = "NTLMSSP\x00"

// IsMessage reports whether token is an NTLM message that came without a
// SPNEGO wrapping.
func IsMessage(token []byte) bool {
	return string(wire.NewReader(token).Bytes(len(signature))) == signature
}

// readHeader reads what opens every message.
func readHeader(r *wire.Reader, want messageType) {
	r.Check(string(r.Bytes(len(signature))) == signature, "Signature")
	r.Check(messageType(r.U32()) == want, "MessageType")
}

func writeHeader(w *wire.Writer, t messageType) {
	w.Bytes([]byte(signature))
	w.U32(uint32(t))
}

// readField reads the 8 bytes that point to a variable part: length, allocated
// length (ignored), offset from the start of the message.
func readField(r *wire.Reader) wire.Ref {
	n := r.U16()
	r.Skip(2)
	return r.Ref(uint64(r.U32()), uint64(n))
}

// readName resolves a name, in UTF-16LE or in the OEM character set.
//
// Deviation: the OEM character set is agreed on out of band ([MS-NLMP] 2.2);
// its upper half is read as ISO 8859-1. Clients since Windows NT send UTF-16.
func readName(r *wire.Reader, f wire.Ref, unicode bool) string {
	r.Check(f.Len() <= maxName, "name too long")
	if unicode {
		return r.UTF16At(f)
	}
	var name []rune
	for _, b := range r.At(f) {
		name = append(name, rune(b))
	}
	return string(name)
}

// encodeName is the inverse of readName. Characters that ISO 8859-1 lacks
// become question marks.
func encodeName(name string, unicode bool) []byte {
	if unicode {
		return wire.AppendUTF16(nil, name)
	}
	b := make([]byte, 0, len(name))
	for _, c := range name {
		if c > 0xFF || c == utf8.RuneError {
			c = '?'
		}
		b = append(b, byte(c))
	}
	return b
}

// payload gathers the variable parts of a message while its fixed part is
// written.
type payload struct {
	base  int // where the parts begin: length of the fixed part in bytes
	parts []byte
}

// field writes the 8 bytes that point to part and keeps part for later. The
// caller has bounded part's length to 16 bits.
func (p *payload) field(w *wire.Writer, part []byte) {
	w.U16(uint16(len(part)))
	w.U16(uint16(len(part)))
	w.U32(uint32(p.base + len(p.parts)))
	p.parts = append(p.parts, part...)
}

// writeVersion writes the VERSION structure: 10.0 without a build number, and
// revision 15 of the protocol. Peers ignore it. [MS-NLMP] 2.2.2.10.
func writeVersion(w *wire.Writer) {
	w.U8(10)
	w.U8(0)
	w.U16(0)
	w.Zero(3)
	w.U8(15)
}
