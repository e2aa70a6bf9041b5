// Package transform turns messages into what travels: signing, sealing, key
// derivation and the preauthentication integrity hash. Bytes in, bytes out.
//
// It knows no connection, session or socket. Signing algorithms and ciphers
// are rows of two tables (signers in sign.go, ciphers in seal.go), over which
// negotiation, policy, tests and benchmarks iterate.
//
// Documents: [MS-SMB2] 3.1.4.1 (signing), 3.1.4.2 (keys), 3.1.4.3 (sealing),
// 3.1.5.1 (verifying), 2.2.41 (transform header).
package transform
