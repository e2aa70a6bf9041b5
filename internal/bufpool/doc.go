// Package bufpool lends out the buffers that messages are received into and
// sent from: size-classed, reference-counted, recycled.
//
// Ownership: whoever holds a [Buf] passes it on or releases it once; slices of
// it die with it.
//
// A buffer comes with whatever its last holder left in it. Who sends a buffer
// sends only what it wrote there itself; anything else would show one client
// the files of another.
//
// # Classes
//
// One class per power of two from 512 B to 8 MiB, each with [HeaderRoom] on
// top. Thus a payload of exactly a power of two, which is what clients ask
// for, travels with its framing and headers in one buffer of its own class,
// not in one of twice the size:
//
//	| 4 framing | 52 transform header | 64 header | 16 body | 2^k data | … |
//
// Larger buffers are allocated plainly and left to the garbage collector.
//
// # Under invariants
//
// With -race or -tags invariants, releasing a buffer overwrites it, so that a
// late reader sees [Poison] and a late writer is caught when the memory is
// lent out again; a Buf value is never used twice, so a second release is
// always caught; and [LeakCheck] names the line that took a buffer which
// nobody released.
package bufpool
