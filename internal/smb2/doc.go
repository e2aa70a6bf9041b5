// Package smb2 is the SMB2 message codec: [MS-SMB2] section 2.2, one message
// pair per file, both directions of each, used by server, client and test
// peers alike.
//
// It encodes and decodes bytes, nothing else: it knows no connection, session,
// key or file system. Decoding accepts what the specification allows and what
// real peers send; encoding writes one canonical form. A decoded message
// aliases the received bytes and dies with them.
//
// Every message is a row of the table in messages.go, which carries its
// StructureSize; tests and fuzz seeds iterate over that table. Lists and
// strings from a peer are bounded by limits.go.
//
// A function or value here may be used from several goroutines; a message or
// header, as any value, by one at a time.
//
// [MS-SMB2]: https://learn.microsoft.com/openspecs/windows_protocols/ms-smb2
//
// [MS-CIFS]: https://learn.microsoft.com/openspecs/windows_protocols/ms-cifs
package smb2
