// Package wire is the one door through which bytes from strangers enter:
// a sticky, bounds-checked reading cursor and the writing cursor that mirrors
// it.
//
// A Reader never panics and never indexes out of range. The first failure is
// kept, every later read answers the zero value, and Err tells once, at the
// end, what was wrong and where. All integers are little-endian; all offset
// arithmetic is done in uint64.
//
// The package knows nothing of SMB. No other package of this module indexes
// or slices a received message.
package wire
