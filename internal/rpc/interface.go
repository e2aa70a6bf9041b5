package rpc

import (
	"context"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/rpc/ndr"
)

// Interface is a set of operations under one identifier. Immutable, so that
// all connections may share it.
type Interface struct {
	UUID       dtyp.GUID
	Version    uint32 // major number in the lower half, minor in the upper
	Name       string // of the interface in its IDL, for logs
	Operations []Operation
}

// Operation is a row of an interface's table; its index is the opnum.
type Operation struct {
	Name    string
	Section string // of the interface's document

	// Needs is the role without which a call is answered with a fault,
	// ERROR_ACCESS_DENIED, before Handle sees it. What depends on a call's
	// parameters Handle asks by [Call.Allow].
	Needs Role

	// Handle reads call.In and writes call.Out. A malformed stub is answered
	// by the Conn, which looks at call.In afterwards: Handle may go on with
	// zero values, as long as it changes nothing. An error that is no [Fault]
	// and no *wire.Error is a bug or a broken server. nil: the operation is
	// not offered, as if the table ended before it.
	Handle func(ctx context.Context, call *Call) error
}

// Call is one call of an operation. It and the bytes behind In die when the
// operation returns.
type Call struct {
	Caller  *Caller
	In      *ndr.Reader
	Out     *ndr.Writer
	Handles *Handles // the connection's

	refused func(Role)
}

// Allow reports whether the caller has a role. If not, that is told as a
// refused call is.
func (c *Call) Allow(ctx context.Context, needs Role) bool {
	if c.Caller.Has(ctx, needs) {
		return true
	}
	if c.refused != nil {
		c.refused(needs)
	}
	return false
}

// Syntax is a p_syntax_id_t: the identifier of an interface or of a transfer
// syntax. [C706] 12.6.3.1.
type Syntax struct {
	UUID    dtyp.GUID
	Version uint32 // as in [Interface]
}

// serves reports whether i can stand in for what a client asks: the same
// major version, and no less a minor one. [C706] 12.6.3.1.
func (i *Interface) serves(s Syntax) bool {
	return i.UUID == s.UUID && uint16(i.Version) == uint16(s.Version) && i.Version>>16 >= s.Version>>16
}
