// Package transform turns messages into what travels: signing, sealing, key
// derivation and the preauthentication integrity hash. Bytes in, bytes out.
//
// It knows no connection, session or socket. Signing algorithms and ciphers
// are rows of two tables ([SigningAlgorithms] in sign.go, [Ciphers] in
// seal.go), over which negotiation, policy, tests and benchmarks iterate.
// Every nonce is made by one function, in nonce.go; builds with invariants write
// all of them down and panic when one comes twice under one key, see
// nonce_ledger.go.
//
// A [Signer], [Sealer] or [Opener] belongs to one key, never changes but for
// the Sealer's counter, and is safe for concurrent use. Verifying never
// writes to the message; sealing and opening work in place.
//
// Documents: [MS-SMB2] 3.1.4.1 (signing), 3.1.4.2 (keys), 3.1.4.3 (sealing),
// 3.1.5.1 (verifying), 2.2.41 (transform header).
//
// [MS-SMB2]: https://learn.microsoft.com/openspecs/windows_protocols/ms-smb2
package transform
