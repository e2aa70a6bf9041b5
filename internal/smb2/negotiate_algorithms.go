package smb2

import (
	"fmt"

	"github.com/signet-smb/signet/internal/wire"
)

// HashAlgorithm is a preauthentication integrity hash. [MS-SMB2] 2.2.3.1.1.
type HashAlgorithm uint16

// HashSHA512 is the only hash defined.
const HashSHA512 HashAlgorithm = 0x0001

// Cipher is an encryption algorithm. [MS-SMB2] 2.2.3.1.2.
type Cipher uint16

// Ciphers; 0 in a response means that there is none in common.
const (
	CipherNone      Cipher = 0x0000
	CipherAES128CCM Cipher = 0x0001
	CipherAES128GCM Cipher = 0x0002
	CipherAES256CCM Cipher = 0x0003
	CipherAES256GCM Cipher = 0x0004
)

// SigningAlgorithm is a signing algorithm. [MS-SMB2] 2.2.3.1.7.
type SigningAlgorithm uint16

// Signing algorithms.
const (
	SigningHMACSHA256 SigningAlgorithm = 0x0000
	SigningAESCMAC    SigningAlgorithm = 0x0001
	SigningAESGMAC    SigningAlgorithm = 0x0002
)

// String gives the specification's spelling.
func (h HashAlgorithm) String() string {
	if h == HashSHA512 {
		return "SHA-512"
	}
	return fmt.Sprintf("HashAlgorithm(0x%04X)", uint16(h))
}

// String gives the specification's spelling: "AES-128-GCM".
func (c Cipher) String() string {
	switch c {
	case CipherNone:
		return "none"
	case CipherAES128CCM:
		return "AES-128-CCM"
	case CipherAES128GCM:
		return "AES-128-GCM"
	case CipherAES256CCM:
		return "AES-256-CCM"
	case CipherAES256GCM:
		return "AES-256-GCM"
	}
	return fmt.Sprintf("Cipher(0x%04X)", uint16(c))
}

// String names the algorithm with its key size: "AES-128-GMAC".
func (s SigningAlgorithm) String() string {
	switch s {
	case SigningHMACSHA256:
		return "HMAC-SHA256"
	case SigningAESCMAC:
		return "AES-128-CMAC"
	case SigningAESGMAC:
		return "AES-128-GMAC"
	}
	return fmt.Sprintf("SigningAlgorithm(0x%04X)", uint16(s))
}

// PreauthIntegrityCapabilities is the data of
// SMB2_PREAUTH_INTEGRITY_CAPABILITIES. [MS-SMB2] 2.2.3.1.1.
type PreauthIntegrityCapabilities struct {
	HashAlgorithms []HashAlgorithm // most wanted first; one in a response
	Salt           []byte
}

// EncryptionCapabilities is the data of SMB2_ENCRYPTION_CAPABILITIES.
// [MS-SMB2] 2.2.3.1.2.
type EncryptionCapabilities struct {
	Ciphers []Cipher // most wanted first; one in a response
}

// SigningCapabilities is the data of SMB2_SIGNING_CAPABILITIES.
// [MS-SMB2] 2.2.3.1.7.
type SigningCapabilities struct {
	Algorithms []SigningAlgorithm // most wanted first; one in a response
}

// The readers below refuse an empty list, as [MS-SMB2] 3.3.5.4 wants, and
// ignore bytes behind what they read. Their error is a *[wire.Error].

// PreauthIntegrity reads the data of a context of type
// [ContextPreauthIntegrity]. Salt aliases it.
func (c NegotiateContext) PreauthIntegrity() (PreauthIntegrityCapabilities, error) {
	r := wire.NewReader(c.Data)
	n := r.U16()
	salt := int(r.U16())
	p := PreauthIntegrityCapabilities{HashAlgorithms: decodeAlgorithms[HashAlgorithm](r, n, "HashAlgorithmCount")}
	if salt > 0 {
		p.Salt = r.Bytes(salt)
	}
	return p, r.Err()
}

// PreauthIntegrityContext encodes p.
func PreauthIntegrityContext(p PreauthIntegrityCapabilities) NegotiateContext {
	w := wire.NewWriter(nil)
	w.U16(uint16(len(p.HashAlgorithms)))
	w.U16(uint16(len(p.Salt)))
	appendList(w, p.HashAlgorithms)
	w.Bytes(p.Salt)
	return NegotiateContext{ContextPreauthIntegrity, w.Finish()}
}

// Encryption reads the data of a context of type [ContextEncryption].
func (c NegotiateContext) Encryption() (EncryptionCapabilities, error) {
	r := wire.NewReader(c.Data)
	e := EncryptionCapabilities{decodeAlgorithms[Cipher](r, r.U16(), "CipherCount")}
	return e, r.Err()
}

// EncryptionContext encodes e.
func EncryptionContext(e EncryptionCapabilities) NegotiateContext {
	return NegotiateContext{ContextEncryption, appendAlgorithms(e.Ciphers)}
}

// Signing reads the data of a context of type [ContextSigning].
func (c NegotiateContext) Signing() (SigningCapabilities, error) {
	r := wire.NewReader(c.Data)
	s := SigningCapabilities{decodeAlgorithms[SigningAlgorithm](r, r.U16(), "SigningAlgorithmCount")}
	return s, r.Err()
}

// SigningContext encodes s.
func SigningContext(s SigningCapabilities) NegotiateContext {
	return NegotiateContext{ContextSigning, appendAlgorithms(s.Algorithms)}
}

// decodeAlgorithms reads n identifiers, at least one.
func decodeAlgorithms[T ~uint16](r *wire.Reader, n uint16, field string) []T {
	r.Check(n > 0, field)
	return decodeList[T](r, n, MaxAlgorithms, field)
}

// appendAlgorithms encodes a count and as many identifiers.
func appendAlgorithms[T ~uint16](list []T) []byte {
	w := wire.NewWriter(make([]byte, 0, 2+2*len(list)))
	w.U16(uint16(len(list)))
	appendList(w, list)
	return w.Finish()
}
