package transform

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/subtle"
	"sync"

	"github.com/signet-smb/signet/internal/smb2"
)

// aesGMAC is AES-128-GMAC: the GCM tag of an empty plaintext with the message
// as additional data.
//
// The standard library takes additional data in one piece, so the Signature
// field cannot be replaced by zeros without copying the message or writing to
// it. It need not be: GHASH is a polynomial in the key H with the message's
// blocks as coefficients, and the field is exactly the fourth block. In a
// message of n blocks (the last padded with zeros, and one for the lengths
// behind it) that block is multiplied by H^(n-2), hence
//
//	tag(msg with zeros) = tag(msg) + signature·H^(n-2)
//
// where + is XOR. That costs one multiplication for a short message, and one
// more for each bit set in n/32 for a longer one.
type aesGMAC struct {
	aead cipher.AEAD
	low  [32]fieldElement // H^i
	high [27]fieldElement // H^(32*2^i); together enough for 2^32 blocks
	pool sync.Pool        // of *gmacState
}

// gmacState is the working memory of one sum.
type gmacState struct {
	nonce [12]byte
	tag   [SignatureSize]byte
}

func newAESGMAC(key []byte) (mac, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	m := &aesGMAC{aead: aead, pool: sync.Pool{New: func() any { return new(gmacState) }}}
	var h [aes.BlockSize]byte
	block.Encrypt(h[:], h[:])
	hashKey, p := newFieldElement(h), fieldOne
	for i := range m.low {
		m.low[i] = p
		p = p.times(hashKey)
	}
	for i := range m.high {
		m.high[i] = p
		p = p.times(p)
	}
	return m, nil
}

func (m *aesGMAC) sum(msg []byte, nonce [12]byte) [SignatureSize]byte {
	s := m.pool.Get().(*gmacState)
	defer m.pool.Put(s)
	s.nonce = nonce
	m.aead.Seal(s.tag[:0], s.nonce[:], nil, msg)

	signature := msg[smb2.SignatureOffset:smb2.HeaderSize]
	if subtle.ConstantTimeCompare(signature, zeroSignature[:]) == 1 {
		return s.tag // nothing to correct, as always in Sign
	}
	x := newFieldElement([SignatureSize]byte(signature))
	e := (len(msg)+aes.BlockSize-1)/aes.BlockSize - 2
	x = x.times(m.low[e%len(m.low)])
	for i, e := 0, e/len(m.low); e > 0; i, e = i+1, e>>1 {
		if e&1 != 0 {
			x = x.times(m.high[i])
		}
	}
	return newFieldElement(s.tag).plus(x).bytes()
}
