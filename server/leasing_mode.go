package server

import "github.com/signet-smb/signet/internal/fsa"

// LeasingMode is how much of a share clients may cache by oplocks and leases:
// LeasingMode of Windows' shares.
type LeasingMode uint8

const (
	LeasingFull   LeasingMode = iota // all that they ask for and that others do not stand in the way of
	LeasingShared                    // what they read, but neither what they write nor files that are closed
	LeasingNone                      // nothing: no oplocks, no leases
)

// allowed is what of c clients may cache in the mode.
func (m LeasingMode) allowed(c fsa.Caching) fsa.Caching {
	switch m {
	case LeasingFull:
		return c
	case LeasingShared:
		return c & fsa.ReadCaching
	}
	return 0
}
