// Package hostile attacks the server. It holds tests only: a scripted client
// with real keys that forges what it sends, and a proxy that changes what
// others send. docs/signing.md says what signing promises; here each promise
// is broken in every way that we know of, and by brute force, bit by bit.
//
// One oracle judges all: no call of a forged request may reach the back end,
// none may be answered with success, and what comes instead must be in a
// table, by the part of the message that was forged. Counts are printed with
// go test -v.
//
// A plain go test runs every case, more than a hundred thousand. Builds with
// invariants, the race detector's included, and -short take a sample.
//
// Sections in comments and tables are those of [MS-SMB2].
//
// [MS-SMB2]: https://learn.microsoft.com/openspecs/windows_protocols/ms-smb2
package hostile
