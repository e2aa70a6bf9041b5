package rpc

import (
	"context"
	"fmt"

	"github.com/signet-smb/signet/dtyp"
)

// Role is how much a caller may do, from low to high, each with all that the
// one before it has.
type Role uint8

// The roles.
const (
	Anybody       Role = iota // whoever got the pipe open, anonymous users too
	User                      // signed in with an account; no role in the administration
	Viewer                    // sees everything, changes nothing
	Operator                  // ends sessions, too, and closes files
	Administrator             // does everything
)

var roleNames = [...]string{"anybody", "user", "viewer", "operator", "admin"}

func (r Role) String() string {
	if int(r) < len(roleNames) {
		return roleNames[r]
	}
	return fmt.Sprintf("Role(%d)", uint8(r))
}

// Caller is who calls, as the transport authenticated him. Immutable.
type Caller struct {
	Account   string // the account's name, without a domain
	Domain    string // as the client said it
	SID       dtyp.SID
	Address   string // where it comes from, host and port
	Session   uint64 // that carries the call
	Anonymous bool   // nobody, or a guest: signed in without an account

	// Role is asked anew at each call that needs more than [User]: a role may
	// be taken away. nil: none. Safe for concurrent use.
	Role func(ctx context.Context) Role
}

// Has reports whether the caller has a role.
func (c *Caller) Has(ctx context.Context, needs Role) bool {
	switch {
	case needs == Anybody:
		return true
	case c.Anonymous:
		return false
	case needs == User:
		return true
	}
	return c.Role != nil && c.Role(ctx) >= needs
}
