package transfer

import (
	"errors"
	"io/fs"
	"os"

	"github.com/signet-smb/signet/client"
)

// cause takes the names out of an error that is told together with one: what
// failed may have been a part, whose name says nothing to anybody.
func cause(err error) error {
	if e, ok := errors.AsType[*client.Error](err); ok {
		return &client.Error{Op: e.Op, Err: e.Err}
	}
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return &unnamed{e.Op, e.Err}
	}
	if e, ok := errors.AsType[*os.LinkError](err); ok {
		return &unnamed{e.Op, e.Err}
	}
	return err
}

// unnamed is the failure of an operation on this machine.
type unnamed struct {
	op  string
	err error
}

// Error gives operation and cause.
func (e *unnamed) Error() string { return e.op + ": " + e.err.Error() }

// Unwrap gives the cause.
func (e *unnamed) Unwrap() error { return e.err }
