package transform

import (
	"crypto/subtle"
	"encoding/binary"
	"fmt"

	"github.com/signet-smb/signet/internal/invariants"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/wire"
)

// SignatureSize is the length of the Signature field in bytes.
const SignatureSize = 16

// signingKeySize is the length of every signing key in bytes.
const signingKeySize = 16

// SigningAlgorithm is a row of [SigningAlgorithms].
type SigningAlgorithm struct {
	ID         smb2.SigningAlgorithm
	Name       string       // as shown to users
	MinDialect smb2.Dialect // the first dialect in which it can be chosen
	newMAC     func(key []byte) (mac, error)
}

// SigningAlgorithms lists what a message can be signed with, fastest first.
// Dialects below 3.0 use HMAC-SHA256; 3.0 and 3.0.2, and 3.1.1 without an
// agreement, AES-CMAC. [MS-SMB2] 3.1.4.1. Read-only.
var SigningAlgorithms = [...]SigningAlgorithm{
	{smb2.SigningAESGMAC, "AES-128-GMAC", smb2.Dialect311, newAESGMAC},
	{smb2.SigningAESCMAC, "AES-128-CMAC", smb2.Dialect300, newAESCMAC},
	{smb2.SigningHMACSHA256, "HMAC-SHA256", smb2.Dialect202, newHMACSHA256},
}

// mac is a message authentication code under one key. Safe for concurrent
// use.
type mac interface {
	// sum is the code of msg as if its Signature field held zeros, whatever
	// it holds. It does not write to msg, which is at least a header long.
	sum(msg []byte, nonce [12]byte) [SignatureSize]byte
}

// Signer signs and verifies messages with one key. It is immutable and safe
// for concurrent use.
type Signer struct {
	mac mac
	key keyID // zero where the algorithm has no nonce
}

// Unwatched returns a Signer with the same key that may sign different
// messages under one MessageId, for scripted attackers: builds with invariants
// panic when any other does.
func (s *Signer) Unwatched() *Signer { return &Signer{mac: s.mac} }

// NewSigner returns the Signer for alg under key, which is 16 bytes long and
// is copied. It fails if the length is wrong, alg is unknown, or the
// cryptographic library refuses alg: AES-GMAC under GODEBUG=fips140=only.
func NewSigner(alg smb2.SigningAlgorithm, key []byte) (*Signer, error) {
	if len(key) != signingKeySize {
		return nil, fmt.Errorf("signing key of %d bytes", len(key))
	}
	for i := range SigningAlgorithms {
		if row := &SigningAlgorithms[i]; row.ID == alg {
			m, err := row.newMAC(key)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", row.Name, err)
			}
			signer := &Signer{mac: m}
			if alg == smb2.SigningAESGMAC {
				signer.key = watched(modeGCM, key)
			}
			return signer, nil
		}
	}
	return nil, fmt.Errorf("unknown signing algorithm %#04x", uint16(alg))
}

// Sign sets SMB2_FLAGS_SIGNED and Signature of msg, which is one element of a
// chain: header, body and the padding behind it, NextCommand already filled
// in. Not one byte of it may change afterwards. [MS-SMB2] 3.1.4.1.
//
// Sign panics if msg does not begin with an SMB2 header, or has MessageId
// 0xFFFFFFFFFFFFFFFF: many such messages exist, so that signing two would use
// an AES-GMAC nonce twice, which gives the key away.
func (s *Signer) Sign(msg []byte, sender Role) {
	h, err := smb2.DecodeHeader(msg)
	if err != nil {
		panic("transform: signing what is no message: " + err.Error())
	}
	if h.MessageID == smb2.UnsolicitedMessageID {
		panic("transform: signing an unsolicited message")
	}
	binary.LittleEndian.PutUint32(msg[flagsOffset:], uint32(h.Flags|smb2.FlagSigned))
	signature := msg[smb2.SignatureOffset:smb2.HeaderSize]
	clear(signature)
	nonce := signingNonce(&h, sender)
	if invariants.Enabled {
		nonces.spend(s.key, nonce, msg)
	}
	sum := s.mac.sum(msg, nonce)
	copy(signature, sum[:])
}

// flagsOffset is where Flags begins in the header.
const flagsOffset = 16

// Verify reports whether sender signed msg, which is one element of a chain,
// padding included. It does not look at SMB2_FLAGS_SIGNED, compares in
// constant time and never writes to msg. [MS-SMB2] 3.1.5.1.
//
// Both sides sign with one key, and only AES-GMAC mixes the sender into the
// signature; so a message whose SMB2_FLAGS_SERVER_TO_REDIR says that the
// other side made it is refused too.
func (s *Signer) Verify(msg []byte, sender Role) bool {
	h, err := smb2.DecodeHeader(msg)
	if err != nil || h.Is(smb2.FlagServerToRedir) != (sender == Server) {
		return false
	}
	sum := s.mac.sum(msg, signingNonce(&h, sender))
	return subtle.ConstantTimeCompare(sum[:], h.Signature[:]) == 1
}

// zeroSignature stands in for the Signature field.
var zeroSignature [SignatureSize]byte

// aroundSignature returns what is before and behind the Signature field of
// msg, which is at least a header long.
func aroundSignature(msg []byte) (head, tail []byte) {
	r := wire.NewReader(msg)
	head = r.Bytes(smb2.SignatureOffset)
	r.Skip(SignatureSize)
	return head, r.Rest()
}
