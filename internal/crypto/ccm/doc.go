// Package ccm is AES-CCM, the authenticated encryption that the standard
// library lacks: RFC 3610 and NIST SP 800-38C on top of crypto/aes, as a
// [crypto/cipher.AEAD].
//
// SMB seals with an 11-byte nonce and a 16-byte tag ([MS-SMB2] 2.2.41); other
// sizes exist for the published vectors. The package knows nothing of SMB.
//
// [MS-SMB2]: https://learn.microsoft.com/openspecs/windows_protocols/ms-smb2
package ccm
