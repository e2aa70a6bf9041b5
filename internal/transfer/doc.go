// Package transfer copies files and trees of them from one place to another:
// a directory of this machine, or a share. It is what signet get, put, cp and
// sync do, and knows nothing of command lines.
//
// Names and sizes come from strangers. On this machine everything goes through
// [os.Root], so neither a name nor a link that somebody has laid leads out of
// the target; names that mean something else on some system are left out
// (names.go).
//
// A file is copied to a part beside its target (part.go), which gets the
// target's name when it is complete, with its times and attributes; but for
// small ones that go into a directory of a share which the transfer has made. A part is
// used by one process at a time: a share opens it for nobody else, and on this
// machine it is locked. A large part that a broken transfer has left is gone on
// with, if it is of the same state of the same file; others are swept.
//
// What a file has besides its content (extras.go) comes to the part: on a share
// by name, while the part is open for nobody else; here into extended attributes.
//
// One goroutine walks the directories, workers copy the files. On this machine
// finished parts are given their names in groups, after one flush of the file
// system for the whole group (localcommit.go). localGroup.mu
// guards that group only; nothing is waited for while it is held.
//
// [MS-SMB2]: https://learn.microsoft.com/openspecs/windows_protocols/ms-smb2
// [MS-FSCC]: https://learn.microsoft.com/openspecs/windows_protocols/ms-fscc
package transfer
