//go:build !race && !invariants

package invariants

// Enabled tells whether assertions are compiled in. A constant, so that
// guarded code vanishes from ordinary builds.
const Enabled = false
