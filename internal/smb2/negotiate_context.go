package smb2

// ContextType is the type of a negotiate context. [MS-SMB2] 2.2.3.1.
type ContextType uint16

// Negotiate context types. [MS-SMB2] 2.2.3.1.
const (
	ContextPreauthIntegrity ContextType = 0x0001
	ContextEncryption       ContextType = 0x0002
	ContextCompression      ContextType = 0x0003
	ContextNetname          ContextType = 0x0005
	ContextTransport        ContextType = 0x0006
	ContextRDMATransform    ContextType = 0x0007
	ContextSigning          ContextType = 0x0008
)

// NegotiateContext is one element of a NegotiateContextList, its data still
// encoded. [MS-SMB2] 2.2.3.1.
type NegotiateContext struct {
	Type ContextType
	Data []byte
}

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
