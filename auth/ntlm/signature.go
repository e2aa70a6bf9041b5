package ntlm

import (
	"crypto/hmac"
	"crypto/md5"
	"encoding/binary"
	"errors"
)

// session is what both sides have once the exchange is done.
type session struct {
	flags     flags // negotiated: set in CHALLENGE and in AUTHENTICATE
	key       [16]byte
	anonymous bool // whoever reads the messages has the key, too

	signed map[direction]bool // SPNEGO had its list of mechanisms signed
}

// errNoSigning tells that the peers have not agreed on signatures.
//
// Missing: the CRC-32 signature of [MS-NLMP] 3.4.4.1. Every NTLMv2 client asks
// for extended session security.
var errNoSigning = errors.New("ntlm: message signatures were not negotiated")

// errBadMIC tells that a signature is not that of the message.
var errBadMIC = errors.New("ntlm: wrong message signature")

// canSign reports whether the peers have agreed on signatures that prove
// something. Without SIGN or SEAL they are constant: [MS-NLMP] 3.4.4.3.
func (s *session) canSign() bool {
	return s.flags.has(flagExtendedSession) && s.flags&(flagSign|flagSeal) != 0
}

// signature is the NTLMSSP_MESSAGE_SIGNATURE of the first message that goes in
// direction d. [MS-NLMP] 3.4.4.2.
//
// SPNEGO signs its list of mechanisms with it and puts the key state back
// afterwards ([MS-SPNG] 3.2.5.1). Messages that go in sequence are those of a
// [protection]; SMB signs its own with keys of its own.
func (s *session) signature(d direction, message []byte) []byte {
	const seqNum = 0
	key := signKey(s.key, d)
	h := hmac.New(md5.New, key[:])
	h.Write(binary.LittleEndian.AppendUint32(nil, seqNum))
	h.Write(message)
	checksum := h.Sum(nil)[:8]
	if s.flags.has(flagKeyExchange) {
		rc4For(sealKey(s.flags, s.key, d)).XORKeyStream(checksum, checksum)
	}
	out := binary.LittleEndian.AppendUint32(make([]byte, 0, 16), 1) // Version
	out = append(out, checksum...)
	return binary.LittleEndian.AppendUint32(out, seqNum)
}

// noteSigned counts the one signature of a direction: the key state is put back
// after it, the sequence number is not.
func (s *session) noteSigned(d direction) {
	if s.signed == nil {
		s.signed = make(map[direction]bool, 2)
	}
	s.signed[d] = true
}

// sign is GSS_GetMIC.
func (s *session) sign(d direction, message []byte) ([]byte, error) {
	if !s.canSign() {
		return nil, errNoSigning
	}
	s.noteSigned(d)
	return s.signature(d, message), nil
}

// verify is GSS_VerifyMIC.
func (s *session) verify(d direction, message, mic []byte) error {
	if !s.canSign() {
		return errNoSigning
	}
	if !hmac.Equal(s.signature(d, message), mic) {
		return errBadMIC
	}
	s.noteSigned(d)
	return nil
}
