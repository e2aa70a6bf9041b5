// Package store keeps what an administrator has set of the server, in one
// SQLite file (signet.db): so far the shares, and who may use them. It holds no
// secret; accounts have a store of their own, auth/localuser.
//
// internal/sqlitedb says what becomes of a file of another version.
//
// Names are compared in the form that the caller's functions give them. A
// [Store] is safe for concurrent use. One process at a time opens the file.
package store
