package cmac

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/subtle"
	"sync"

	"github.com/signet-smb/signet/internal/crypto/internal/cbcmac"
)

// Size is the length of a MAC in bytes.
const Size = 16

// MAC is AES-CMAC under one key. It is immutable and safe for concurrent use.
type MAC struct {
	block cipher.Block
	k1    [aes.BlockSize]byte // completes a message of whole blocks
	k2    [aes.BlockSize]byte // completes a padded message
	pool  sync.Pool           // of *state
}

// New returns the MAC under key, which is 16, 24 or 32 bytes long and is
// copied. The error is an [aes.KeySizeError].
func New(key []byte) (*MAC, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	m := &MAC{block: block}
	block.Encrypt(m.k1[:], m.k1[:])
	double(&m.k1)
	m.k2 = m.k1
	double(&m.k2)
	return m, nil
}

// double multiplies b by x in GF(2^128). RFC 4493, section 2.3.
func double(b *[aes.BlockSize]byte) {
	var carry byte
	for i := len(b) - 1; i >= 0; i-- {
		b[i], carry = b[i]<<1|carry, b[i]>>7
	}
	b[len(b)-1] ^= 0x87 & -carry // no branch: b is secret
}

// Sum stores in dst the MAC of the concatenated segments, whose split does
// not matter. It does not write to the segments and, once warm, does not
// allocate.
func (m *MAC) Sum(dst *[Size]byte, segments ...[]byte) {
	s, _ := m.pool.Get().(*state)
	if s == nil {
		s = &state{chain: cbcmac.New(m.block)}
	}
	defer m.pool.Put(s)
	s.chain.Reset()
	s.n = 0
	for _, seg := range segments {
		s.write(seg)
	}
	if s.n == len(s.tail) {
		subtle.XORBytes(s.tail[:], s.tail[:], m.k1[:])
	} else {
		s.tail[s.n] = 0x80
		clear(s.tail[s.n+1:])
		subtle.XORBytes(s.tail[:], s.tail[:], m.k2[:])
	}
	s.chain.Absorb(s.tail[:])
	*dst = s.chain.Value()
}
