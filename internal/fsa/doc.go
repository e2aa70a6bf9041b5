// Package fsa is the object store in the sense of [MS-FSA]: the one place
// where NT file semantics live. It knows no socket, no session and no SMB
// message, and sits above the dumb back ends of package vfs.
//
// # Objects, [MS-FSA] 2.1.1
//
//	Store ── one per server: every File that is open or on the way to one
//	  Volume ── one per share: a vfs.FS and its root File
//	  File ── one per file identity (vfs.FileID), whatever share or name led to it
//	    Stream ── share modes and size; the unnamed stream and directories too
//	    Link ── one (parent File, name) of the File: delete pending lives here
//	  Handle ── one open: its File, Stream and Link, granted access, cursor
//
// No Handle stores a path: [Handle.Name] walks from the Link to its parents,
// so it is right after any ancestor was renamed.
//
// # Locks
//
// In this order: the name locks of directories (key: directory, folded name;
// the only locks held over back-end calls), Store.rename, Store.mu, File.mu
// (several: ordered by identity). No back-end call is made under the others.
//
// [MS-FSA]: https://learn.microsoft.com/openspecs/windows_protocols/ms-fsa
package fsa
