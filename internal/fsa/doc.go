// Package fsa is the object store in the sense of [MS-FSA]: the one place
// where NT file semantics live. It knows no socket, no session and no SMB
// message, and sits above the dumb back ends of package vfs.
//
// # Objects, [MS-FSA] 2.1.1
//
//	Store ── one per server: every File that is open or on the way to one
//	  Volume ── one per share: a vfs.FS and its root File
//	    File ── one per file identity (vfs.FileID), whatever share or name led to it
//	      Stream ── share modes, byte-range locks; the unnamed data stream, or
//	                the index of a directory; each named stream that is open
//	      Link ── one (parent File, name) of the File: delete pending lives here
//	  Handle ── one open: its File, Stream and Link, granted access, cursor
//	  oplock ── what a client may keep of a Stream: one Handle's, or a lease,
//	            which all Handles share that name its key
//
// No Handle stores a path: [Handle.Name] walks from the Link to its parents,
// so it is right after any ancestor was renamed.
//
// # Lifetime
//
// References are counted. A Handle holds its Link and File, a Link its parent
// File, a Volume its root. A File holds its nodes, one per volume it was
// reached through; they are closed when the File goes. Whoever looks a File up
// releases it.
//
// # Locks
//
// In this order:
//
//  1. name locks (namelock.go; key: directory, folded name). Shared to look a
//     name up and open what it leads to, exclusive to create, rename or remove
//     it. Only a rename holds two; they are taken in the order of their keys.
//     Those of named streams (key: file, ":" and the folded name) come after
//     those of files, and the one by which a file's descriptor is changed (key:
//     file, "::security") last.
//  2. Store.moving: one directory changes its parent at a time.
//  3. scan.gate: one enumeration step of a Handle at a time.
//  4. Store.mu: the Files, what they refer to, the shape of the tree, and who
//     watches it.
//  5. File.mu: who has it open, share modes, byte-range locks and who waits for
//     them, delete pending, oplocks.
//
// Store.fullNames, the table of leases and the queue of breaks have locks of
// their own, which are leaves.
//
// The first three are held over back-end calls, and end with the context of
// who waits. The last two are short: no back-end call, nothing that waits.
//
// # Byte ranges
//
// The locks of [MS-FSA] 2.1.5.8 are mandatory: reads and writes are checked
// against them. A lock belongs to the Handle that took it and goes with it.
// Who waits for one ([PendingLock]) is told by a channel, and may give up. They
// are locks among the Handles of this Store: programs on the server's host do
// not see them.
//
// # Changes
//
// Whatever changes an entry of a directory calls Store.changed (changed.go)
// when it is done. Who has asked for the changes of a directory
// ([Handle.Changes]) is told then, if it is that directory or, for a tree, one
// above: the watches of a File are found by walking up the Links, under
// Store.mu. What happens while nobody waits is kept, up to a bound. What other
// programs change is told by back ends that see it ([vfs.Watcher]).
//
// A watcher hears of names in every directory below, whatever the rights there
// are: so it is on Windows, where everybody may traverse.
//
// Missing: a tree is watched through the volumes that know the way up from what
// is changed. What is changed through a share of a directory inside another
// share is told to who watches the outer one only once somebody has come
// through the outer one to it.
//
// # Oplocks and leases
//
// What is kept is R, W and H, whatever the level of an oplock is called. An
// operation that others have to give up something for first ([BreakWait]) gives
// back all locks, having done nothing, and is begun again when they have: from
// the lookup, for by then everything may be different. What only has to be told
// is told after the change is made, so that whoever begins to cache meanwhile
// loses it, too. Leases of directories are broken where [Store.changed] tells of
// changes; nobody waits for those.
//
// This package calls nobody, but what [Store.OnBreak] was given. Breaks are in a
// queue ([Store.NextBreak]), and those of an oplock whose holder does not know yet
// what it was granted wait until it does ([Grant.Told]). A break of a lease of a
// directory that follows its grant at once is told twice (break_repeat.go), for
// Linux 6.1 overlooks it else. A break that is not acknowledged ends by a timer.
//
// Like byte ranges, all this is among the Handles of this Store. Programs on the
// server's host wait for nobody: what they have changed is broken when the back
// end tells of it (guard.go), all of it, so that clients do not go on with old
// data; one that has cached writes sends them then, and they win. The directories
// of what is cached are watched for that; [Volume.Blind] says why that is not
// all.
//
// # Named streams
//
// A named stream has share modes, locks and deletion of its own; its rights,
// times, attributes and identity are those of its file. A Handle on one is a
// Handle on the file's Link too: the file is not renamed and does not go while
// a stream of it is open. Which streams there are, only the back end knows: a
// Stream is in File.named while somebody has it open.
//
// # Security descriptors
//
// Who opens has a [Token]. If a descriptor is stored for a file, what it grants
// to the token (access_check.go) and what the back end allows to the user are
// both needed; if none is, the back end's word is all, and the descriptor that
// is shown says the same. A new file inherits (inherit.go) if its directory has
// one that is stored; else none is stored for it. Whoever reads a descriptor
// finds the one before a change or the one after it; changes of one file come
// one after the other by a name lock.
//
// # Short names
//
// Every name has one of 8.3 form that follows from it, and what looks like one
// leads to its file (short_name.go). Nothing of that is stored.
//
// # Status codes
//
// Where [MS-FSA] names a status, it is returned as an ntstatus.Status. Other
// errors are the back end's own, unchanged: ntstatus.FromError knows them.
//
// [MS-FSA]: https://learn.microsoft.com/openspecs/windows_protocols/ms-fsa
package fsa
