// Package policy holds what the administrator decides: typed keys named as
// Windows names its properties, and the immutable Snapshot of their values
// that the server works by.
//
// A connection takes a snapshot when it is accepted, a session at
// SESSION_SETUP, a tree connect at TREE_CONNECT; each keeps the one it took,
// so no setting changes in the middle of a handshake.
//
// The package imports nothing of this module: it declares its own Dialect,
// Cipher and SigningAlgorithm, whose numbers are those of the wire.
package policy
