package localuser

import (
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"fmt"

	"github.com/signet-smb/signet/auth/ntlm"
	"github.com/signet-smb/signet/dtyp"
)

// ErrWrongKey tells that a key is not the one that a store was made with.
var ErrWrongKey = errors.New("the key does not open this account store: it is another store's, or secrets.key was lost and made anew")

// errAltered tells that a sealed record is not that of its account.
var errAltered = errors.New("the account's record does not open: it was damaged, or moved from another account")

// sealer seals and opens the secrets of one store. Safe for concurrent use.
type sealer struct {
	aead cipher.AEAD // draws the nonce itself and puts it before the ciphertext
}

func newSealer(key *[32]byte) (sealer, error) {
	block, err := aes.NewCipher(key[:])
	if err != nil {
		return sealer{}, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	return sealer{aead}, err
}

// Associated data: what a sealed value belongs to.
func accountData(folded string, rid uint32) []byte {
	return fmt.Appendf(nil, "account %d %s", rid, folded)
}

func checkData(machine dtyp.SID) []byte { return fmt.Appendf(nil, "check %v", machine) }

// checkText is sealed in every store, to try a key on.
const checkText = "signet account store"

func (s sealer) sealHash(h ntlm.NTHash, folded string, rid uint32) []byte {
	return s.aead.Seal(nil, nil, h[:], accountData(folded, rid))
}

func (s sealer) openHash(sealed []byte, folded string, rid uint32) (ntlm.NTHash, error) {
	h, err := s.aead.Open(nil, nil, sealed, accountData(folded, rid))
	if err != nil || len(h) != len(ntlm.NTHash{}) {
		return ntlm.NTHash{}, errAltered
	}
	return ntlm.NTHash(h), nil
}

func (s sealer) sealCheck(machine dtyp.SID) []byte {
	return s.aead.Seal(nil, nil, []byte(checkText), checkData(machine))
}

func (s sealer) openCheck(sealed []byte, machine dtyp.SID) error {
	if _, err := s.aead.Open(nil, nil, sealed, checkData(machine)); err != nil {
		return ErrWrongKey
	}
	return nil
}
