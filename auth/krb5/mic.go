package krb5

import (
	"crypto/hmac"
	"encoding/binary"
	"errors"

	"golang.org/x/crypto/cryptobyte"

	"github.com/jcmturner/gokrb5/v8/iana/keyusage"
	"github.com/jcmturner/gokrb5/v8/types"
)

// Flags of a per-message token. RFC 4121 4.2.2.
const (
	flagSentByAcceptor = 1
	flagSealed         = 2
	flagAcceptorSubkey = 4
)

// signing is how one side's messages are signed.
type signing struct {
	key   types.EncryptionKey
	flags uint8  // SentByAcceptor and AcceptorSubkey
	seq   uint64 // of the first message
}

// usage is what the key is used for. RFC 4121 2.
func (s signing) usage() uint32 {
	if s.flags&flagSentByAcceptor != 0 {
		return keyusage.GSSAPI_ACCEPTOR_SIGN
	}
	return keyusage.GSSAPI_INITIATOR_SIGN
}

// errMIC says that a signature is not that of the message.
var errMIC = errors.New("krb5: wrong message signature")

// micHeader begins a MIC token and is signed, too: the token's identifier,
// flags, five bytes of filling, the sequence number. RFC 4121 4.2.6.1.
func micHeader(flags uint8, seq uint64) []byte {
	h := []byte{0x04, 0x04, flags, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF}
	return binary.BigEndian.AppendUint64(h, seq)
}

// sign makes a MIC token.
func (s signing) sign(message []byte) ([]byte, error) {
	header := micHeader(s.flags, s.seq)
	sum, err := s.checksum(message, header)
	return append(header, sum...), err
}

// verify tells why mic is not the signature of message by s, or nil. The number
// in it may be any: the key is of this exchange, and signs nothing else.
func (s signing) verify(message, mic []byte) error {
	r := cryptobyte.String(mic)
	var flags uint8
	var seq uint64
	if !r.Skip(2) || !r.ReadUint8(&flags) || !r.Skip(5) || !r.ReadUint64(&seq) || flags != s.flags {
		return errMIC
	}
	header := micHeader(flags, seq)
	sum, err := s.checksum(message, header)
	if err != nil {
		return err
	}
	if !hmac.Equal(append(header, sum...), mic) {
		return errMIC
	}
	return nil
}

// checksum is the keyed checksum of message and header.
func (s signing) checksum(message, header []byte) ([]byte, error) {
	et, err := etypeOf(s.key.KeyType)
	if err != nil {
		return nil, err
	}
	data := append(append(make([]byte, 0, len(message)+len(header)), message...), header...)
	return et.GetChecksumHash(s.key.KeyValue, data, s.usage())
}
