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
	newAEAD    func(key []byte) (cipher.AEAD, error)
}

// Ciphers lists what a message can be sealed with, in the order that Windows
// prefers. [MS-SMB2] 2.2.3.1.2, 2.2.41. Read-only.
var Ciphers = [...]Cipher{
	{smb2.CipherAES128GCM, "AES-128-GCM", 16, 12, smb2.Dialect311, newGCM},
	{smb2.CipherAES128CCM, "AES-128-CCM", 16, 11, smb2.Dialect300, newCCM},
	{smb2.CipherAES256GCM, "AES-256-GCM", 32, 12, smb2.Dialect311, newGCM},
	{smb2.CipherAES256CCM, "AES-256-CCM", 32, 11, smb2.Dialect311, newCCM},
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

// Sealer seals the messages that one side of a session sends. It owns the
// nonces of its key: there must be one Sealer per key, for as long as the
// session lives, shared by all channels. Safe for concurrent use.
type Sealer struct {
	aead      cipher.AEAD
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
	return &Sealer{aead: a, sessionID: sessionID}, nil
}

// Seal encrypts a chain in place. b is [HeaderSize] bytes of room followed by
// the chain; the result is b sealed, of the same length. [MS-SMB2] 3.1.4.3.
//
// Seal needs 16 bytes of capacity behind b for a moment. As with append, b is
// moved to new memory if they are missing, and they are overwritten if not.
//
// The only error is [ErrNoncesExhausted]; b is then unchanged. A b without
// room for the header, or longer than a 32-bit size can say, is a bug of the
// caller and panics.
func (s *Sealer) Seal(b []byte) ([]byte, error) {
	if len(b) < HeaderSize || uint64(len(b)-HeaderSize) > math.MaxUint32 {
		panic("transform: sealing a message of impossible length")
	}
	number, err := s.next()
	if err != nil {
		return nil, err
	}
	b = slices.Grow(b, SignatureSize)
	h := transformHeader{
		originalSize: uint32(len(b) - HeaderSize),
		flags:        encrypted,
		sessionID:    s.sessionID,
	}
	n := sealingNonce(number)
	copy(h.nonce[:s.aead.NonceSize()], n[:])
	h.put(b)

	authenticated, chain := b[authenticatedOffset:HeaderSize], b[HeaderSize:]
	sealed := s.aead.Seal(chain[:0], authenticated[:s.aead.NonceSize()], chain, authenticated)
	copy(b[signatureOffset:], sealed[len(chain):])
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
