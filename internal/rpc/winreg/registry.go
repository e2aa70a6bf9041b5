package winreg

import (
	"context"
	"errors"

	"github.com/signet-smb/signet/internal/rpc"
)

// Registry is where the values are. Safe for concurrent use.
//
// Errors: fs.ErrNotExist for a value that is not there and cannot be made,
// fs.ErrPermission for a caller who may not, [ErrInvalid] for data that the
// value cannot have, [ErrHeld].
type Registry interface {
	// Values lists all values, those of one key one after the other. The slice
	// belongs to the caller, the data in it to nobody.
	Values(ctx context.Context, caller *rpc.Caller) ([]Value, error)
	// Set gives a value other data.
	Set(ctx context.Context, caller *rpc.Caller, v Value) error
	// Reset takes back what Set has said of a value.
	Reset(ctx context.Context, caller *rpc.Caller, key, name string) error
}

// Value is one value below HKEY_LOCAL_MACHINE. Names of keys and of values are
// compared without regard to case.
type Value struct {
	Key  string // components separated by backslashes, none at either end
	Name string
	Type Type
	Data []byte
}

// Type is REG_VALUE_TYPE. [MS-RRP] 3.1.1.5.
type Type uint32

// Types of values.
const (
	String      Type = 1 // REG_SZ
	DWORD       Type = 4 // REG_DWORD
	MultiString Type = 7 // REG_MULTI_SZ
)

// ErrInvalid is wrapped by errors about data that a value cannot have.
var ErrInvalid = errors.New("no such value")

// ErrHeld is wrapped by errors about a value that somebody above the caller has
// decided.
var ErrHeld = errors.New("held by a higher layer")
