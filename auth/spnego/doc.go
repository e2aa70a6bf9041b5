// Package spnego negotiates which authentication mechanism is used: RFC 4178
// as [MS-SPNG] changes it. It knows mechanisms only as a table of object
// identifiers and as what package auth calls acceptors and initiators.
//
// Tokens are DER, read and written by x/crypto/cryptobyte; object identifiers
// stay as the bytes they have on the wire.
//
// What a man in the middle can do is take a stronger mechanism out of the
// client's list. Therefore, whenever the mechanism is not the client's first
// choice, both sides sign the list under the keys of the mechanism that won
// (mechListMIC), and a logon without that signature fails. Who proves nothing,
// an anonymous client, is exempt.
//
// An acceptor or initiator belongs to one exchange and one goroutine. A
// [Server] is shared by all.
//
// [MS-SPNG]: https://learn.microsoft.com/openspecs/windows_protocols/ms-spng
package spnego
