// Package store keeps what an administrator has set of the server, in one
// SQLite file (signet.db): the shares, and who may use them, and the values of
// properties. It holds no secret; accounts have a store of their own,
// auth/localuser.
//
// Properties change by revisions of a journal, which says who changed what,
// when, by which way and why. A revision is made on top of one that its author
// has seen ([Store.Commit]): of two authors one is told that it lost. What a
// property is called and which values it may have is package policy's; here it
// is text. What different layers say of one property lies side by side, under
// names that the caller keeps apart.
//
// A rule is a property, too, by the name "rule." and its own: so the journal,
// rollback and the ends of values are the same for both.
//
// A value may be for a time. When that is over is written down with it, so
// that a crash cannot lengthen it; who has the store open looks what is due,
// and restores it by a revision like any other.
//
// internal/sqlitedb says what becomes of a file of another version.
//
// Names are compared in the form that the caller's functions give them. A
// [Store] is safe for concurrent use. One process at a time opens the file.
package store
