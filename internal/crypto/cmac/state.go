package cmac

import (
	"crypto/aes"

	"github.com/signet-smb/signet/internal/crypto/internal/cbcmac"
)

// state is the working memory of one Sum. Owned by that call, then pooled.
type state struct {
	chain *cbcmac.Chain
	tail  [aes.BlockSize]byte // bytes not yet absorbed; the last block waits here
	n     int                 // bytes in tail
}

// write absorbs p, holding back what may be the message's last block.
func (s *state) write(p []byte) {
	if s.n+len(p) <= len(s.tail) {
		s.n += copy(s.tail[s.n:], p)
		return
	}
	if s.n > 0 {
		p = p[copy(s.tail[s.n:], p):]
		s.chain.Absorb(s.tail[:])
	}
	whole := (len(p) - 1) / aes.BlockSize * aes.BlockSize
	s.chain.Absorb(p[:whole])
	s.n = copy(s.tail[:], p[whole:])
}
