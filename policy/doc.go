// Package policy holds what the administrator decides: typed keys named as
// Windows names its properties, and the immutable Snapshot of their values
// that the server works by.
//
// A connection takes a snapshot when it is accepted, a session at
// SESSION_SETUP, a tree connect at TREE_CONNECT; each keeps the one it took,
// so no setting changes in the middle of a handshake.
//
// Not every property does something: its definition says whether it works, is
// planned or does not apply, and why. A profile is the lowest of the layers of
// which a snapshot is made: what another system has by default.
//
// A [Rule] demands of some clients, accounts or shares what the properties do
// not, or frees them for a time; [Snapshot.Judge] says which rule counts.
//
// [Decide] is the one function that says whether the messages of a session are
// signed, sealed, plain or refused, by which rule.
//
// The package imports nothing of this module: it declares its own Dialect,
// Cipher and SigningAlgorithm, whose numbers are those of the wire.
package policy
