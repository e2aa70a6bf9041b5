// Package localfs serves a folder of the host.
//
// # How a name meets the host
//
// A path never does. The served folder is held by a descriptor, and so is each
// file or directory a client refers to (O_PATH: it can be looked at, not read).
// A lookup resolves one component below such a descriptor with openat2, which
// the kernel keeps beneath it and off every symbolic link. Whatever a program
// on the host exchanges meanwhile, a descriptor still means what it meant.
// Files are opened for data by way of that same descriptor, through
// /proc/self/fd, after their kind is known: FIFOs, sockets, devices and
// symbolic links are listed and never opened.
//
// # Names
//
// Names that clients cannot be shown are mapped to names that they can, see
// shownName; that happens where a name enters a system call and where one is
// read from a directory. Dot files are shown hidden.
//
// # What Unix has no place for
//
// DOS attributes and a time of creation that was set are kept beside the file
// through one interface, sideData, in the form of Samba: user.DOSATTRIB. It has
// two stores: extended attributes, and for what has no room there (ext4 gives a
// file about 4 KiB, some file systems give none) a folder at the root, spill,
// with a record for each file that needs one. That folder, .signet-sidedata, is
// made when it is needed, belongs to the process alone, and does not exist for
// clients. Records are found by the identity of their file; they go with its
// last name, and Sweep removes those of files that went in another way. A copy
// of the tree made on the host leaves them behind. Stored attributes win over those that follow from the mode (read-only if nobody may
// write) or from the name (hidden with a dot): so a client can unhide a dot
// file, which Samba shows hidden whatever is stored.
//
// Extended attributes of clients are where Samba has them too: NAME is
// user.NAME. What servers keep for themselves is not among them.
//
// So are named streams: NAME is user.DosStream.NAME:$DATA, its value the content
// and one byte more. A stream that is longer than an attribute may be, or finds
// no room, is a file of its own beside the records, and stays one. Record and
// streams go with the last name of their file.
//
// Missing: security descriptors of clients.
//
// # What is not served
//
// Files and directories named to Protect do not exist for clients, under any
// name.
//
// # Who acts
//
// A process that is not root acts as itself and refuses every other identity.
// A root process acts as the vfs.Cred of each call, by the file system user,
// group and supplementary groups of the calling thread, kept for several calls
// only in a vfs.Acting, and as nobody else:
// what is to be served as uid 0 is refused with fs.ErrPermission. Descriptors
// opened so are then read and written without another switch. Attributes, of
// files that the user has found, are read as the process where the user may not
// read the file. Nothing ever changes
// owner, mode or ACL of a file.
//
// # Locks
//
// One of FS.sideLocks is held over the system calls that change the side data
// of a file; after it come openStreams.mu and then openStream.mu (one per
// stream), which is held over those that find where a stream is kept. spill.mu
// is held over those that find or make its folder; watching.mu over those that
// add directories to the queue of changes, and find what came into one; dirNames.mu (one per
// directory, two in the order of their IDs) over those that scan or change that
// directory; durability.mu over the fsync of one file. nameCache.mu and
// FS.files.mu are leaves. One goroutine reads the queue of changes while
// somebody watches; Close waits for it.
//
// # What others change
//
// Other programs change the folder behind our back. Who watches a directory is
// told of it by fanotify (watch_linux.go), which says what process did it: what
// this one does is told by who asked for it. The kernel watches directories, not
// trees, so those of a tree are added one by one, at most maxWatched; beyond
// that, and where the kernel has lost events, it is told that something is
// missing.
package localfs
