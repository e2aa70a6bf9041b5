package transform

import (
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync/atomic"

	"github.com/signet-smb/signet/internal/crypto/ccm"
	"github.com/signet-smb/signet/internal/invariants"
	"github.com/signet-smb/signet/internal/smb2"
)

// ErrNoncesExhausted is the answer of [Sealer.Seal] after 2^64-1 messages:
// the session must end.
var ErrNoncesExhausted = errors.New("transform: all nonces of this key are used")

// Cipher is a row of [Ciphers].
type Cipher struct {
	ID         smb2.Cipher
	Name       string       // as shown to users
	KeySize    int          // bytes
	NonceSize  int          // bytes of the Nonce field that are used
	MinDialect smb2.Dialect // the first dialect in which it can be chosen
	mode       string
	newAEAD    func(key []byte) (cipher.AEAD, error)
}

// Ciphers lists what a message can be sealed with, in the order that Windows
// prefers. [MS-SMB2] 2.2.3.1.2, 2.2.41. Read-only.
var Ciphers = [...]Cipher{
	{smb2.CipherAES128GCM, "AES-128-GCM", 16, 12, smb2.Dialect311, modeGCM, newGCM},
	{smb2.CipherAES128CCM, "AES-128-CCM", 16, 11, smb2.Dialect300, modeCCM, newCCM},
	{smb2.CipherAES256GCM, "AES-256-GCM", 32, 12, smb2.Dialect311, modeGCM, newGCM},
	{smb2.CipherAES256CCM, "AES-256-CCM", 32, 11, smb2.Dialect311, modeCCM, newCCM},
}

func newGCM(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

func newCCM(key []byte) (cipher.AEAD, error) { return ccm.New(key, 11, SignatureSize) }

// cipherRow is the row of c, nil if there is none.
func cipherRow(c smb2.Cipher) *Cipher {
	for i := range Ciphers {
		if Ciphers[i].ID == c {
			return &Ciphers[i]
		}
	}
	return nil
}

// newAEAD returns the AEAD of c under key; it fails as [NewSealer] does.
func newAEAD(c smb2.Cipher, key []byte) (cipher.AEAD, error) {
	row := cipherRow(c)
	if row == nil {
		return nil, fmt.Errorf("unknown cipher %#04x", uint16(c))
	}
	if len(key) != row.KeySize {
		return nil, fmt.Errorf("%s: key of %d bytes", row.Name, len(key))
	}
	a, err := row.newAEAD(key)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", row.Name, err)
	}
	return a, nil
}

// authenticatedOffset is where the authenticated part of the transform header
// begins, with Nonce. It reaches to the header's end. [MS-SMB2] 3.1.4.3.
const authenticatedOffset = 20

// Sealer seals the messages that one side of a session sends. It owns the
// nonces of its key: there must be one Sealer per key, for as long as the
// session lives, shared by all channels. Safe for concurrent use.
type Sealer struct {
	aead      cipher.AEAD
	key       keyID
	sessionID smb2.SessionID
	last      atomic.Uint64 // number of the last message sealed
}

// NewSealer returns the Sealer of the session for one direction. key is that
// direction's cipher key and is copied. It fails if c is unknown, the key has
// the wrong length, or the cryptographic library refuses c: AES-GCM under
// GODEBUG=fips140=only.
func NewSealer(c smb2.Cipher, key []byte, sessionID smb2.SessionID) (*Sealer, error) {
	a, err := newAEAD(c, key)
	if err != nil {
		return nil, err
	}
	return &Sealer{aead: a, key: watched(cipherRow(c).mode, key), sessionID: sessionID}, nil
}

// Seal encrypts a chain in place. b is [smb2.TransformHeaderSize] bytes of
// room followed by the chain; the result is b sealed, of the same length.
// [MS-SMB2] 3.1.4.3.
//
// Seal needs 16 bytes of capacity behind b for a moment. As with append, b is
// moved to new memory if they are missing, and they are overwritten if not.
//
// The only error is [ErrNoncesExhausted]; b is then unchanged. A b without
// room for the header, or longer than a 32-bit size can say, is a bug of the
// caller and panics.
func (s *Sealer) Seal(b []byte) ([]byte, error) {
	if len(b) < smb2.TransformHeaderSize || uint64(len(b)-smb2.TransformHeaderSize) > math.MaxUint32 {
		panic("transform: sealing a message of impossible length")
	}
	number, err := s.next()
	if err != nil {
		return nil, err
	}
	b = slices.Grow(b, SignatureSize)
	h := smb2.TransformHeader{
		OriginalMessageSize: uint32(len(b) - smb2.TransformHeaderSize),
		Flags:               smb2.TransformEncrypted,
		SessionID:           s.sessionID,
	}
	n := sealingNonce(number)
	if invariants.Enabled {
		nonces.spend(s.key, n, nil)
	}
	copy(h.Nonce[:s.aead.NonceSize()], n[:])
	h.Put(b)

	authenticated, chain := b[authenticatedOffset:smb2.TransformHeaderSize], b[smb2.TransformHeaderSize:]
	sealed := s.aead.Seal(chain[:0], authenticated[:s.aead.NonceSize()], chain, authenticated)
	h.Signature = [SignatureSize]byte(sealed[len(chain):])
	h.Put(b)
	return b, nil
}

// next takes the next number. No number is given out twice, not even when
// they are exhausted.
func (s *Sealer) next() (uint64, error) {
	for {
		last := s.last.Load()
		if last == math.MaxUint64 {
			return 0, ErrNoncesExhausted
		}
		if s.last.CompareAndSwap(last, last+1) {
			return last + 1, nil
		}
	}
}
