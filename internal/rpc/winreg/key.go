package winreg

import (
	"context"
	"slices"
	"strings"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/rpc"
)

// Rights of keys. [MS-RRP] 2.2.3.
const (
	queryValue       dtyp.AccessMask = 0x0001
	setValue         dtyp.AccessMask = 0x0002
	createSubKey     dtyp.AccessMask = 0x0004
	enumerateSubKeys dtyp.AccessMask = 0x0008
	notify           dtyp.AccessMask = 0x0010
	createLink       dtyp.AccessMask = 0x0020
	wow64            dtyp.AccessMask = 0x0300 // which of two trees; there is one

	keyRead  = queryValue | enumerateSubKeys | notify | dtyp.ReadControl
	keyWrite = setValue | createSubKey | dtyp.ReadControl
	keyAll   = keyRead | keyWrite | createLink | dtyp.Delete | dtyp.WriteDAC | dtyp.WriteOwner
)

const (
	// maxName is the most characters of a key's path, or of a value's name,
	// that are read.
	maxName = 4096
	// maxData is the most bytes of a value that are written.
	maxData = 1 << 16
	// maxRoom is the most bytes of a buffer that a client may offer for an
	// answer: it is not looked at.
	maxRoom = 1 << 20
)

// key is what a handle stands for.
type key struct {
	hive    hive
	path    string // below the hive; "" is the hive itself
	granted dtyp.AccessMask
	// seen is what an enumeration of values goes through, as it was when it
	// began.
	seen []Value
}

// hive is a predefined key. Only HKEY_LOCAL_MACHINE holds anything.
type hive uint8

const (
	localMachine hive = iota
	emptyHive
)

// grant returns what of the rights that are desired a caller gets: all of them,
// or none. KEY_WRITE is for administrators.
func grant(ctx context.Context, call *rpc.Call, desired dtyp.AccessMask) (granted dtyp.AccessMask, result status) {
	desired &^= wow64
	for _, g := range []struct{ generic, means dtyp.AccessMask }{
		{dtyp.GenericRead, keyRead}, {dtyp.GenericExecute, keyRead}, {dtyp.GenericWrite, keyWrite}, {dtyp.GenericAll, keyAll},
	} {
		if desired&g.generic != 0 {
			desired = desired&^g.generic | g.means
		}
	}
	if desired&dtyp.MaximumAllowed != 0 {
		desired = desired&^dtyp.MaximumAllowed | keyRead
		if call.Caller.Has(ctx, rpc.Administrator) {
			desired |= keyAll
		}
	}
	switch {
	case desired&^keyAll != 0:
		return 0, accessDenied
	case desired&^keyRead != 0 && !call.Allow(ctx, rpc.Administrator):
		return 0, accessDenied
	}
	return desired, success
}

// join appends a path that a client wrote to that of a key.
func join(path, below string) string {
	below = strings.Trim(below, `\`)
	if path == "" || below == "" {
		return path + below
	}
	return path + `\` + below
}

// below returns the part of path under the key at; ok is false if it is not
// there. "" is at itself.
func below(at, path string) (rest string, ok bool) {
	switch {
	case at == "":
		return path, true
	case len(path) < len(at) || !strings.EqualFold(path[:len(at)], at):
		return "", false
	case len(path) == len(at):
		return "", true
	case path[len(at)] != '\\':
		return "", false
	}
	return path[len(at)+1:], true
}

// exists reports whether there is a key.
func (m *methods) exists(ctx context.Context, call *rpc.Call, h hive, path string) (bool, error) {
	if path == "" {
		return true, nil
	}
	if h != localMachine {
		return false, nil
	}
	values, err := m.registry.Values(ctx, call.Caller)
	return slices.ContainsFunc(values, func(v Value) bool { _, ok := below(path, v.Key); return ok }), err
}

// children lists the names of the keys right below k, each once, in the order
// of the values.
func (m *methods) children(ctx context.Context, call *rpc.Call, k *key) ([]string, error) {
	if k.hive != localMachine {
		return nil, nil
	}
	values, err := m.registry.Values(ctx, call.Caller)
	var names []string
	for _, v := range values {
		rest, ok := below(k.path, v.Key)
		name, _, _ := strings.Cut(rest, `\`)
		if ok && name != "" && !slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, name) }) {
			names = append(names, name)
		}
	}
	return names, err
}

// values lists the values of k.
func (m *methods) values(ctx context.Context, call *rpc.Call, k *key) ([]Value, error) {
	if k.hive != localMachine {
		return nil, nil
	}
	values, err := m.registry.Values(ctx, call.Caller)
	return slices.DeleteFunc(values, func(v Value) bool { return !strings.EqualFold(v.Key, k.path) }), err
}
