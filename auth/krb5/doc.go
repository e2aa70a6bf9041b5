// Package krb5 signs in by Kerberos 5: RFC 4120 between the client and its key
// distribution centers (KDCs), RFC 4121 and [MS-KILE] between the client and
// the service. There is no SMB in it.
//
// A [Client] is somebody with tickets, or with what tickets are got for: a
// credential cache of the FILE type, a keytab, or a password. [Client.Initiator]
// begins one exchange with one service; it gets the service's ticket, proves by
// an AP-REQ who the client is, and verifies by the AP-REP that the service has
// the key of the ticket. What it returns also makes and verifies the signature
// that package spnego wants of a mechanism.
//
// The ciphers, checksums and ASN.1 types are those of gokrb5, which only this
// package imports. What surrounds them is ours, because the library's is neither
// bounded nor cancellable: the configuration, the credential cache, the network,
// the walk from realm to realm, the checks of what a KDC answers, the token of
// GSS-API, the check of the AP-REP and the signature. Bytes from outside reach
// the library through parse, which bounds them and turns a panic into an error.
//
// The encryption types are the four of AES. RC4 and DES are never offered and
// never accepted: an attacker finds the password of a user from an RC4 ticket by
// trying.
//
// The initiator's files are initiator.go and what it calls. The service's side
// would stand beside it as acceptor.go: token.go, mic.go and etype.go know both
// directions already.
//
// Missing: the acceptor; caches other than FILE; PKINIT and FAST; delegation;
// renewing tickets; UDP, which every KDC does without.
//
// A Client is safe for concurrent use; its mutex guards the tickets and is not
// held while anything is asked of the network. An initiator belongs to one
// exchange and one goroutine. The package starts no goroutines.
//
// [MS-KILE]: https://learn.microsoft.com/openspecs/windows_protocols/ms-kile
package krb5
