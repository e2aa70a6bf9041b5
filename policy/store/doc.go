// Package store keeps what an administrator has set of the server, in one
// SQLite file (signet.db): so far the shares, and who may use them. It holds no
// secret; accounts have a store of their own, auth/localuser.
//
// The file has a schema version. One of a later Signet is refused with
// [ErrNewer]; one of an earlier is copied to the same name with ".schema" and
// its version behind it, and then brought to ours, whole or not at all.
//
// Names are compared in the form that the caller's functions give them. A
// [Store] is safe for concurrent use. One process at a time opens the file; the lock
// on the state directory, which is not this package's, sees to it.
package store
