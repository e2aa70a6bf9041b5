// Package journal keeps events: in one SQLite file of bounded size, several
// alike as one record, each record chained to the one before by a hash.
//
//	server ── Record ──> repeats, queue ── writer ──> file, log, who follows
//	                     (bounded, memory)   │
//	                                         └ head ──> anchors: file, syslog
//
// [Journal.Record] never waits: it takes a lock that is held over work in
// memory only. What finds no room is counted, and the count becomes an event.
//
// # Repeats
//
// An event is written at once. Further ones of its kind, client (the address;
// of IPv6 the network of 64 bits) and user within a minute become one record, at the end of that minute, with
// their number and the times of the first and the last. A client that comes
// with ever new users, or ever new clients, get one record for all that exceed
// a bound.
//
// # Chain
//
// The hash of a record is SHA-256 over the hash before it, its sequence and its
// bytes. Whoever can write the file can rebuild the chain, and a cut tail leaves
// no trace in it; so the head goes, at an interval, to anchors that others keep.
// [Verify] compares. Rotation removes the oldest records; the hash of the last
// one removed stays, and stands in a record of the chain, too, so that nobody
// can shorten the front either.
//
// # Locks
//
// Journal.mu guards everything in memory, is a leaf, and held over nothing that
// waits. One goroutine writes the file, one notes the head.
package journal
