// Package sqlitedb opens the SQLite files that Signet keeps: private to their
// owner, written ahead, on the disk when a transaction has returned, and
// brought to the schema that this version knows.
//
// A file has a table store with one row, whose column schema is its version.
// One of a later Signet is refused with [ErrNewer]; one of an earlier is copied
// first, to the same name with ".v", its version and the time behind it, and
// then changed whole or not at all. Of a file with secrets no copy is made:
// what was deleted from it since would live on there.
//
// One process at a time opens a file; the lock on the state directory, which
// is not this package's, sees to it.
package sqlitedb
