// Package cmac is AES-CMAC, the message authentication code that the standard
// library lacks: RFC 4493 and NIST SP 800-38B on top of crypto/aes.
//
// It takes a message in segments, so that a caller can authenticate a message
// with a field replaced without copying or writing it. It knows nothing of
// SMB.
package cmac
