package ntlm

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/rc4"
)

// sessionBaseKey is SessionBaseKey of [MS-NLMP] 3.3.2, which for NTLMv2 is the
// KeyExchangeKey too (3.4.5.1).
func sessionBaseKey(responseKey, ntProof [16]byte) (key [16]byte) {
	h := hmac.New(md5.New, responseKey[:])
	h.Write(ntProof[:])
	h.Sum(key[:0])
	return key
}

// exchangeKey is RC4K of [MS-NLMP] 3.1.5.1: it encrypts the exported session
// key under the key exchange key, or decrypts it.
func exchangeKey(keyExchangeKey, in [16]byte) (out [16]byte) {
	rc4For(keyExchangeKey).XORKeyStream(out[:], in[:])
	return out
}

// rc4For never fails: the key has a valid length, and Available was asked.
func rc4For(key [16]byte) *rc4.Cipher {
	c, err := rc4.NewCipher(key[:])
	if err != nil {
		panic("ntlm: RC4: " + err.Error())
	}
	return c
}

// messagesMIC is the MIC over the three messages, the third taken with zeros
// in the place of its MIC. [MS-NLMP] 3.1.5.1.2.
func messagesMIC(exportedSessionKey [16]byte, negotiate, challenge, authenticate []byte) (sum [16]byte) {
	before, _, after, ok := splitMIC(authenticate)
	if !ok {
		return sum // nobody asks without a MIC to compare with
	}
	h := hmac.New(md5.New, exportedSessionKey[:])
	h.Write(negotiate)
	h.Write(challenge)
	h.Write(before)
	h.Write(make([]byte, micSize))
	h.Write(after)
	h.Sum(sum[:0])
	return sum
}

// direction is the half of a conversation that a key protects.
type direction string

const (
	clientToServer direction = "client-to-server"
	serverToClient direction = "server-to-client"
)

// signKey is SIGNKEY of [MS-NLMP] 3.4.5.2 with extended session security.
func signKey(exportedSessionKey [16]byte, d direction) [16]byte {
	return md5.Sum([]byte(string(exportedSessionKey[:]) +
		"session key to " + string(d) + " signing key magic constant\x00"))
}

// sealKey is SEALKEY of [MS-NLMP] 3.4.5.3 with extended session security, as
// strong as f allows.
func sealKey(f flags, exportedSessionKey [16]byte, d direction) [16]byte {
	key := exportedSessionKey[:]
	switch {
	case f.has(flag128):
	case f.has(flag56):
		key = key[:7]
	default:
		key = key[:5]
	}
	return md5.Sum([]byte(string(key) +
		"session key to " + string(d) + " sealing key magic constant\x00"))
}
