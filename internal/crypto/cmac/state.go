package cmac

import (
	"crypto/aes"
	"crypto/cipher"
)

// scratchSize is how many bytes go through one CryptBlocks call. CBC cannot
// run blocks in parallel, so more than this gains nothing.
const scratchSize = 1024

// chain is what crypto/cipher's CBC encrypter for AES offers: CBC whose
// chaining value can be set anew. crypto/tls relies on the same method.
type chain interface {
	cipher.BlockMode
	SetIV(iv []byte)
}

// state is the working memory of one Sum. Owned by that call, then pooled.
type state struct {
	cbc     chain
	tail    [aes.BlockSize]byte // bytes not yet absorbed; the last block waits here
	n       int                 // bytes in tail
	scratch [scratchSize]byte   // ciphertext nobody needs, but for its last block
}

// zeroIV is the chaining value at the start of a message.
var zeroIV [aes.BlockSize]byte

func newState(b cipher.Block) *state {
	return &state{cbc: cipher.NewCBCEncrypter(b, zeroIV[:]).(chain)}
}

// start forgets the previous message.
func (s *state) start() {
	s.cbc.SetIV(zeroIV[:])
	s.n = 0
}

// write absorbs p, holding back what may be the message's last block.
func (s *state) write(p []byte) {
	if s.n+len(p) <= len(s.tail) {
		s.n += copy(s.tail[s.n:], p)
		return
	}
	if s.n > 0 {
		p = p[copy(s.tail[s.n:], p):]
		s.absorb(s.tail[:])
	}
	whole := (len(p) - 1) / aes.BlockSize * aes.BlockSize
	s.absorb(p[:whole])
	s.n = copy(s.tail[:], p[whole:])
}

// absorb runs whole blocks through the chain and returns the chaining value,
// which is valid until the next call. p may be empty.
func (s *state) absorb(p []byte) []byte {
	n := 0
	for len(p) > 0 {
		n = min(len(p), len(s.scratch))
		s.cbc.CryptBlocks(s.scratch[:n], p[:n])
		p = p[n:]
	}
	return s.scratch[max(n-aes.BlockSize, 0):n]
}
