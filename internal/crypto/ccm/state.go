package ccm

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"

	"github.com/signet-smb/signet/internal/crypto/internal/cbcmac"
)

// state is the working memory of one Seal or Open. Owned by that call, then
// pooled.
type state struct {
	chain *cbcmac.Chain
	block [aes.BlockSize]byte // the block being put together
	tag   [aes.BlockSize]byte // CBC-MAC, then tag
	mask  [aes.BlockSize]byte // what encrypts the tag
}

// keystream returns the stream that encrypts the message and puts the block
// before it, which encrypts the tag, in mask. RFC 3610, section 2.3.
func (s *state) keystream(c *ccm, nonce []byte) cipher.Stream {
	clear(s.block[:])
	s.block[0] = byte(14 - c.nonceSize)
	copy(s.block[1:], nonce)
	// The stream cannot be pooled: it has no way to set another nonce. It is
	// the one allocation per message.
	stream := cipher.NewCTR(c.block, s.block[:])
	clear(s.mask[:])
	stream.XORKeyStream(s.mask[:], s.mask[:])
	return stream
}

// authenticate computes the CBC-MAC of the message into tag. RFC 3610,
// section 2.2.
func (s *state) authenticate(c *ccm, nonce, plaintext, additionalData []byte) {
	s.chain.Reset()

	flags := byte((c.tagSize-2)/2<<3 | (14 - c.nonceSize))
	if len(additionalData) > 0 {
		flags |= 0x40
	}
	binary.BigEndian.PutUint64(s.block[8:], uint64(len(plaintext)))
	s.block[0] = flags
	copy(s.block[1:], nonce) // covers the length's upper bytes, which are zero
	s.chain.Absorb(s.block[:])

	if n := uint64(len(additionalData)); n > 0 {
		b := s.block[:0]
		switch {
		case n < 0xFF00:
			b = binary.BigEndian.AppendUint16(b, uint16(n))
		case n <= 0xFFFFFFFF:
			b = binary.BigEndian.AppendUint16(b, 0xFFFE)
			b = binary.BigEndian.AppendUint32(b, uint32(n))
		default:
			b = binary.BigEndian.AppendUint16(b, 0xFFFF)
			b = binary.BigEndian.AppendUint64(b, n)
		}
		m := copy(s.block[len(b):], additionalData)
		clear(s.block[len(b)+m:])
		s.chain.Absorb(s.block[:])
		s.absorbPadded(additionalData[m:])
	}

	s.absorbPadded(plaintext)
	s.tag = s.chain.Value()
}

// absorbPadded absorbs p and zeros up to the next whole block.
func (s *state) absorbPadded(p []byte) {
	whole := len(p) / aes.BlockSize * aes.BlockSize
	s.chain.Absorb(p[:whole])
	if whole < len(p) {
		clear(s.block[copy(s.block[:], p[whole:]):])
		s.chain.Absorb(s.block[:])
	}
}
