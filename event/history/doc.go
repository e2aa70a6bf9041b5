// Package history remembers what sessions have shown of their clients: which
// device, under which account, spoke which dialect, said that it can sign, did
// sign, and to which shares it connected. From that it tells whom a change of policy would shut out, by the
// function that the server decides by ([policy.Decide]).
//
// It is no log: of a device and an account there is one [Fact], however many
// sessions they have. The log of events has what was refused.
//
//	server ── Saw ── memory ── each minute, and before each reading ── SQLite
//
// Saw takes a lock over a map and never waits for the file. What a killed
// process had not written yet is lost, and the time since shows as a [Gap].
//
// # Bounds
//
// 20,000 facts, the ones that were not seen for the longest make room; 90 days;
// 4,096 facts between two writings: what exceeds that is not recorded, which is
// a Gap, too.
package history
