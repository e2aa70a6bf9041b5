// Package statedir finds, creates and guards the directory in which Signet
// keeps what it must remember: accounts, keys, its identity, and the socket by
// which the commands reach a running server.
//
// The directory holds secrets, so it is opened with suspicion: it must be a
// real directory, owned by the user running Signet, with mode 0700, below
// directories that no one else can rename. Whoever fails this gets an error
// that names the cure; nothing is mended silently.
//
//	DIR/lock         held by the one process that may touch the rest; its pid
//	DIR/secrets.db   accounts (package auth/localuser)
//	DIR/secrets.key  the key that seals them, unless it is kept elsewhere
//	DIR/admin.pem    certificate and key of the administration over TCP, if it made them
//	DIR/server-guid  the ServerGuid of [MS-SMB2] 3.3.1.5, kept for good
//	DIR/signet.sock  the running server's socket for local commands
//
// For root with the default directory the socket is /run/signet/signet.sock.
package statedir
