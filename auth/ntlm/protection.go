package ntlm

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/rc4"
	"encoding/binary"
	"errors"

	"github.com/signet-smb/signet/auth"
)

// signatureSize is the length of NTLMSSP_MESSAGE_SIGNATURE. [MS-NLMP] 2.2.2.9.
const signatureSize = 16

// errNoProtection tells that the peers have not agreed on keys that protect
// messages.
var errNoProtection = errors.New("ntlm: no session security with 128 bits was negotiated")

// errBadMessage tells that a message is not the peer's next one.
var errBadMessage = errors.New("ntlm: wrong signature, or a message out of its order")

// protection is the session security of a connection: [MS-NLMP] 3.4 with
// extended session security. It implements [auth.Protection].
//
// It begins with fresh cipher states, whether or not SPNEGO had its list of
// mechanisms signed before, and counts on from that signature: [MS-SPNG]
// 3.2.5.1, 3.3.5.1.
type protection struct {
	out, in stream
}

// stream is one direction of a protection.
type stream struct {
	sign     [16]byte
	cipher   *rc4.Cipher
	exchange bool   // the checksum is encrypted, too
	next     uint32 // SeqNum of the next message
}

// protect begins the session security of one side; out is what it sends.
//
// Nobody but a user has one: the keys of anonymous users are known to all.
// Less than 128 bits are not worth the name.
func (s *session) protect(out, in direction, sealing bool) (auth.Protection, error) {
	want := flagExtendedSession | flagSign | flag128
	if sealing {
		want |= flagSeal
	}
	if s == nil || s.anonymous || !s.flags.has(want) {
		return nil, errNoProtection
	}
	return &protection{s.stream(out), s.stream(in)}, nil
}

func (s *session) stream(d direction) stream {
	st := stream{sign: signKey(s.key, d), cipher: rc4For(sealKey(s.flags, s.key, d)), exchange: s.flags.has(flagKeyExchange)}
	if s.signed[d] {
		st.next = 1
	}
	return st
}

// mac is MAC() of [MS-NLMP] 3.4.4.2, of the next message. It moves the cipher
// on; counting is the caller's.
func (s *stream) mac(message []byte) []byte {
	h := hmac.New(md5.New, s.sign[:])
	h.Write(binary.LittleEndian.AppendUint32(nil, s.next))
	h.Write(message)
	checksum := h.Sum(nil)[:8]
	if s.exchange {
		s.cipher.XORKeyStream(checksum, checksum)
	}
	out := binary.LittleEndian.AppendUint32(make([]byte, 0, signatureSize), 1) // Version
	out = append(out, checksum...)
	return binary.LittleEndian.AppendUint32(out, s.next)
}

// verify compares a signature with the one that message should have.
func (s *stream) verify(message, signature []byte) error {
	if !hmac.Equal(s.mac(message), signature) {
		return errBadMessage
	}
	s.next++
	return nil
}

// SignatureSize implements [auth.Protection].
func (*protection) SignatureSize() int { return signatureSize }

// Sign implements [auth.Protection].
func (p *protection) Sign(message []byte) []byte {
	signature := p.out.mac(message)
	p.out.next++
	return signature
}

// Verify implements [auth.Protection].
func (p *protection) Verify(message, signature []byte) error { return p.in.verify(message, signature) }

// Seal implements [auth.Protection]. The body's bytes of the key stream come
// before those of the checksum: [MS-NLMP] 3.4.3.
func (p *protection) Seal(message, sealed []byte) []byte {
	plain := append([]byte(nil), message...)
	p.out.cipher.XORKeyStream(sealed, sealed)
	return p.Sign(plain)
}

// Unseal implements [auth.Protection].
func (p *protection) Unseal(message, sealed, signature []byte) error {
	p.in.cipher.XORKeyStream(sealed, sealed)
	return p.in.verify(message, signature)
}

// Protection implements [auth.Protector].
func (a *acceptor) Protection(sealing bool) (auth.Protection, error) {
	return a.session.protect(serverToClient, clientToServer, sealing)
}

// Protection implements [auth.Protector].
func (i *initiator) Protection(sealing bool) (auth.Protection, error) {
	return i.session.protect(clientToServer, serverToClient, sealing)
}
