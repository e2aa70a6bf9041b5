package ntlm

import (
	"crypto/hmac"
	"crypto/md5"
	"fmt"
	"io"

	"golang.org/x/crypto/md4"

	"github.com/signet-smb/signet/auth"
	"github.com/signet-smb/signet/internal/wire"
)

// NTHash is the hash of a password as accounts keep it, NTOWFv1 of [MS-NLMP]
// 3.3.1. It is as good as the password: it prints and marshals as a
// placeholder whatever the verb.
type NTHash [16]byte

// HashPassword makes the hash of a password. The process must be allowed to
// use MD4; see [Available].
func HashPassword(password string) NTHash {
	h := md4.New()
	h.Write(wire.AppendUTF16(nil, password))
	return NTHash(h.Sum(nil))
}

// hidden is what is seen of a secret.
const hidden = "[NT hash]"

// Format prints a placeholder.
func (NTHash) Format(s fmt.State, _ rune) { io.WriteString(s, hidden) }

// MarshalText gives a placeholder, to JSON logs too.
func (NTHash) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// responseKey is NTOWFv2 of [MS-NLMP] 3.3.2: the hash bound to the names as
// the client sends them, of which the user's counts in upper case.
func (h NTHash) responseKey(user, domain string) (key [16]byte) {
	mac := hmac.New(md5.New, h[:])
	mac.Write(wire.AppendUTF16(wire.AppendUTF16(nil, auth.Upcase(user)), domain))
	mac.Sum(key[:0])
	return key
}
