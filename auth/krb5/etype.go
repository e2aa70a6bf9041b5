package krb5

import (
	"crypto/rand"
	"errors"
	"fmt"
	"slices"

	"github.com/jcmturner/gokrb5/v8/crypto"
	"github.com/jcmturner/gokrb5/v8/crypto/etype"
	"github.com/jcmturner/gokrb5/v8/iana/etypeID"
	"github.com/jcmturner/gokrb5/v8/types"
)

// etypes are the encryption types that are used, the best first: those of RFC
// 8009 and RFC 3962. A KDC takes the first that the service has, too.
var etypes = []int32{
	etypeID.AES256_CTS_HMAC_SHA384_192,
	etypeID.AES256_CTS_HMAC_SHA1_96,
	etypeID.AES128_CTS_HMAC_SHA256_128,
	etypeID.AES128_CTS_HMAC_SHA1_96,
}

// errEtype says that a key is of a type that is not used here.
var errEtype = errors.New("encryption type")

// etypeOf is the encryption type called id, if it is one of ours.
func etypeOf(id int32) (etype.EType, error) {
	if !slices.Contains(etypes, id) {
		return nil, fmt.Errorf("%w %d is not used", errEtype, id)
	}
	return crypto.GetEtype(id)
}

// checkKey tells why key cannot be used, or nil.
func checkKey(key types.EncryptionKey) error {
	et, err := etypeOf(key.KeyType)
	if err != nil {
		return err
	}
	if len(key.KeyValue) != keySize(et) {
		return fmt.Errorf("a key of %d bytes for encryption type %d", len(key.KeyValue), key.KeyType)
	}
	return nil
}

// keySize is the length of a key of et in bytes. The library gives for the AES
// of 256 bits with SHA-384 that of its checksum's key.
func keySize(et etype.EType) int {
	if et.GetETypeID() == etypeID.AES256_CTS_HMAC_SHA384_192 {
		return 32
	}
	return et.GetKeyByteSize()
}

// decrypt opens what was encrypted with key for usage. The error says only that
// it was not.
func decrypt(data types.EncryptedData, key types.EncryptionKey, usage uint32) (plain []byte, err error) {
	if err := checkKey(key); err != nil {
		return nil, err
	}
	if data.EType != key.KeyType {
		return nil, fmt.Errorf("encrypted with type %d, and the key is of type %d", data.EType, key.KeyType)
	}
	et, err := etypeOf(key.KeyType)
	if err != nil {
		return nil, err
	}
	// An empty message is confounder and checksum; the library does not look.
	if len(data.Cipher) < et.GetConfounderByteSize()+et.GetHMACBitLength()/8 {
		return nil, fmt.Errorf("%d bytes are no encrypted message", len(data.Cipher))
	}
	err = parse("encrypted data", data.Cipher, func(b []byte) error {
		plain, err = et.DecryptMessage(key.KeyValue, b, usage)
		return err
	})
	return plain, err
}

// newKey makes a random key of the type of like.
func newKey(like types.EncryptionKey) (types.EncryptionKey, error) {
	et, err := etypeOf(like.KeyType)
	if err != nil {
		return types.EncryptionKey{}, err
	}
	key := types.EncryptionKey{KeyType: like.KeyType, KeyValue: make([]byte, keySize(et))}
	_, err = rand.Read(key.KeyValue)
	return key, err
}
