package ccm

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/subtle"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/signet-smb/signet/internal/crypto/internal/cbcmac"
)

// errOpen is the one answer to every message that is not authentic.
var errOpen = errors.New("ccm: message authentication failed")

// ccm is AES-CCM under one key. Immutable and safe for concurrent use.
type ccm struct {
	block     cipher.Block
	nonceSize int
	tagSize   int
	pool      sync.Pool // of *state
}

// New returns AES-CCM under key (16, 24 or 32 bytes, copied) with nonces of
// nonceSize bytes, 7 to 13, and tags of tagSize bytes: 4, 6, 8, 10, 12, 14 or
// 16. A message holds less than 2^(8*(15-nonceSize)) bytes.
//
// The result is safe for concurrent use and never writes beyond the slices
// given to it. Seal panics on misuse: a nonce of the wrong size, too long a
// message, a dst that overlaps the plaintext other than exactly. Open panics
// on the first and the last of these; when the tag is wrong it returns an
// error and leaves zeros where the plaintext would have been.
func New(key []byte, nonceSize, tagSize int) (cipher.AEAD, error) {
	if nonceSize < 7 || nonceSize > 13 {
		return nil, fmt.Errorf("ccm: nonce of %d bytes", nonceSize)
	}
	if tagSize < 4 || tagSize > 16 || tagSize%2 != 0 {
		return nil, fmt.Errorf("ccm: tag of %d bytes", tagSize)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return &ccm{block: block, nonceSize: nonceSize, tagSize: tagSize}, nil
}

// NonceSize implements [cipher.AEAD].
func (c *ccm) NonceSize() int { return c.nonceSize }

// Overhead implements [cipher.AEAD].
func (c *ccm) Overhead() int { return c.tagSize }

// Seal implements [cipher.AEAD].
func (c *ccm) Seal(dst, nonce, plaintext, additionalData []byte) []byte {
	n := len(plaintext)
	if len(nonce) != c.nonceSize {
		panic("ccm: nonce of wrong size")
	}
	if !c.fits(n) {
		panic("ccm: message too long")
	}
	dst = slices.Grow(dst, n+c.tagSize)
	ret := dst[:len(dst)+n+c.tagSize]
	out := ret[len(dst):]

	s := c.getState()
	defer c.pool.Put(s)
	s.authenticate(c, nonce, plaintext, additionalData)
	stream := s.keystream(c, nonce)
	stream.XORKeyStream(out[:n], plaintext)
	subtle.XORBytes(s.tag[:], s.tag[:], s.mask[:])
	copy(out[n:], s.tag[:])
	return ret
}

// Open implements [cipher.AEAD].
func (c *ccm) Open(dst, nonce, ciphertext, additionalData []byte) ([]byte, error) {
	n := len(ciphertext) - c.tagSize
	if len(nonce) != c.nonceSize {
		panic("ccm: nonce of wrong size")
	}
	if n < 0 || !c.fits(n) {
		return nil, errOpen
	}
	dst = slices.Grow(dst, n)
	ret := dst[:len(dst)+n]
	out := ret[len(dst):]

	s := c.getState()
	defer c.pool.Put(s)
	stream := s.keystream(c, nonce)
	stream.XORKeyStream(out, ciphertext[:n])
	s.authenticate(c, nonce, out, additionalData)
	subtle.XORBytes(s.tag[:], s.tag[:], s.mask[:])
	if subtle.ConstantTimeCompare(s.tag[:c.tagSize], ciphertext[n:]) != 1 {
		clear(out)
		return nil, errOpen
	}
	return ret, nil
}

// fits reports whether a length of n bytes can be written in the 15-nonceSize
// bytes that the first block has for it.
func (c *ccm) fits(n int) bool {
	q := 15 - c.nonceSize
	return q >= 8 || uint64(n)>>(8*q) == 0
}

func (c *ccm) getState() *state {
	if s, ok := c.pool.Get().(*state); ok {
		return s
	}
	return &state{chain: cbcmac.New(c.block)}
}
