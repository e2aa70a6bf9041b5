// Package cbcmac runs blocks through AES in cipher block chaining for the sake
// of the last one: the part that CMAC and CCM have in common. Alone it is not
// a secure message authentication code.
package cbcmac

import (
	"crypto/aes"
	"crypto/cipher"
)

// scratchSize is how many bytes go through one CryptBlocks call. CBC cannot
// run blocks in parallel, so more than this gains nothing.
const scratchSize = 1024

// resettable is what crypto/cipher's CBC encrypter for AES offers: CBC whose
// chaining value can be set anew. crypto/tls relies on the same method.
type resettable interface {
	cipher.BlockMode
	SetIV(iv []byte)
}

// Chain is one computation. Not safe for concurrent use; meant to be pooled.
type Chain struct {
	cbc     resettable
	value   [aes.BlockSize]byte // ciphertext of the last block
	scratch [scratchSize]byte   // ciphertext nobody needs
}

var zeroIV [aes.BlockSize]byte

// New returns a chain at its start. block is one made by crypto/aes.
func New(block cipher.Block) *Chain {
	return &Chain{cbc: cipher.NewCBCEncrypter(block, zeroIV[:]).(resettable)}
}

// Reset returns to the start.
func (c *Chain) Reset() {
	c.cbc.SetIV(zeroIV[:])
	clear(c.value[:])
}

// Absorb appends whole blocks to what is authenticated. It does not write to
// p, which may be empty, and panics if a block is incomplete.
func (c *Chain) Absorb(p []byte) {
	for len(p) > 0 {
		n := min(len(p), len(c.scratch))
		c.cbc.CryptBlocks(c.scratch[:n], p[:n])
		copy(c.value[:], c.scratch[n-aes.BlockSize:n])
		p = p[n:]
	}
}

// Value is the chaining value after what was absorbed; zeros at the start.
func (c *Chain) Value() [aes.BlockSize]byte { return c.value }
