// Package invariants holds assertions about our own code that are compiled in
// for tests (-race, or -tags invariants) and cost nothing otherwise.
//
// It is for what can only be false through a bug of ours: never for what a
// peer, a disk or an administrator can cause.
package invariants

import "fmt"

// Check panics with the formatted message unless cond holds. Without
// [Enabled] it does nothing.
//
// The arguments are evaluated in every build; guard costly ones with
// if invariants.Enabled.
func Check(cond bool, format string, args ...any) {
	if Enabled && !cond {
		panic("invariant violated: " + fmt.Sprintf(format, args...))
	}
}
