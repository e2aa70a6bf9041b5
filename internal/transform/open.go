package transform

import (
	"crypto/cipher"
	"errors"

	"github.com/signet-smb/signet/internal/smb2"
)

// ErrForged is the answer of [Opener.Open] to a message that is well-formed
// but was not sealed with this key, or was changed on the way.
var ErrForged = errors.New("transform: sealed message is not authentic")

// Opener opens the messages that the other side of a session has sealed. It
// is immutable and safe for concurrent use.
type Opener struct {
	aead cipher.AEAD
}

// NewOpener returns the Opener for one direction. key is that direction's
// cipher key and is copied; it fails as [NewSealer] does.
func NewOpener(c smb2.Cipher, key []byte) (*Opener, error) {
	a, err := newAEAD(c, key)
	if err != nil {
		return nil, err
	}
	return &Opener{aead: a}, nil
}

// Open decrypts msg, which begins with its SMB2 TRANSFORM_HEADER, in place
// and returns the chain that was sealed, which aliases msg. The caller has
// chosen the Opener by the header's SessionId. [MS-SMB2] 2.2.41, 3.3.5.2.1.1.
//
// The error is a *[wire.Error] if the header is malformed, its Flags are not
// 0x0001, or its OriginalMessageSize is not the length of what follows; msg
// is then unchanged. It is [ErrForged] if the message is not authentic; what
// msg then contains is not plaintext.
//
// msg is overwritten, the header too. Open is fastest when there are 16 bytes
// of capacity behind msg; as with append, they are overwritten.
//
// [wire.Error]: github.com/signet-smb/signet/internal/wire.Error
func (o *Opener) Open(msg []byte) ([]byte, error) {
	h, err := decodeTransformHeader(msg)
	if err != nil {
		return nil, err
	}
	// The lengths are known to be right, so msg may be sliced.
	authenticated, chain := msg[authenticatedOffset:HeaderSize], msg[HeaderSize:]
	if cap(msg)-len(msg) < SignatureSize {
		// The AEAD wants the tag behind the ciphertext, and there is no room.
		// Move both parts up over the fields in front of them.
		authenticated = msg[:copy(msg, authenticated)]
		to := msg[HeaderSize-SignatureSize:]
		chain = to[:copy(to, chain)]
	}
	nonce := authenticated[:o.aead.NonceSize()]
	chain, err = o.aead.Open(chain[:0], nonce, append(chain, h.signature[:]...), authenticated)
	if err != nil {
		return nil, ErrForged
	}
	return chain, nil
}
