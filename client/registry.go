package client

import (
	"context"
	"errors"
	"io/fs"

	"github.com/signet-smb/signet/internal/rpc"
	"github.com/signet-smb/signet/internal/rpc/winreg"
	"github.com/signet-smb/signet/ntstatus"
)

// RuleUnprotectedRegistry is the rule of the refusal of a session that is
// neither signed nor sealed.
const RuleUnprotectedRegistry = "a registry is read and written over protected sessions only"

// RegistryValue is a value below HKEY_LOCAL_MACHINE. What a server sends is as
// it sends it: print it with %q.
type RegistryValue struct {
	Key  string // components separated by backslashes
	Name string
	Type uint32 // REG_SZ 1, REG_DWORD 4, REG_MULTI_SZ 7: [MS-RRP] 3.1.1.5
	Data []byte
}

// Registry is the registry of a server, by remote procedure calls. Not safe for
// concurrent use. The caller closes it.
type Registry struct {
	pipe   *pipe
	client *winreg.Client
	server string
}

// Registry opens the server's registry. The error is a *[Refusal] if the session
// is neither signed nor sealed: who is in the path could change what is
// written. [MS-RRP].
//
// A server that refuses calls of the session's user is asked once more by calls
// that are authenticated and sealed by themselves ([MS-RRP] 2.1.2), if the user
// signed in by NTLM. It is not asked so at first: the user of a session may have
// more than his account has, as Samba's "admin users".
func (s *Session) Registry(ctx context.Context) (*Registry, error) {
	r, err := s.registry(ctx)
	return r, fail("open the registry", s.Server(), err)
}

func (s *Session) registry(ctx context.Context) (*Registry, error) {
	if i := s.Info(); !i.Signed && !i.Sealed {
		return nil, &Refusal{
			Server: s.Server(), Rule: RuleUnprotectedRegistry, Status: ntstatus.AccessDenied,
			Reason:   "the session is neither signed nor encrypted, and what is written could be altered on the way",
			Remedies: []Remedy{remedy(thisClient, "client.RequireSecuritySignature", "True")},
		}
	}
	r, err := openRegistry(ctx, s.bind)
	if (errors.Is(err, rpc.FaultAccessDenied) || errors.Is(err, rpc.ErrRefused)) && s.sealsCalls() {
		r, err = openRegistry(ctx, s.bindSealed)
	}
	if err != nil {
		return nil, registryError(err)
	}
	r.server = s.Server()
	return r, nil
}

// openRegistry opens a registry by a way of binding.
func openRegistry(ctx context.Context, bind func(context.Context, string, rpc.Syntax) (*pipe, *rpc.Client, error)) (*Registry, error) {
	p, c, err := bind(ctx, "winreg", winreg.Syntax())
	if err != nil {
		return nil, err
	}
	root, err := winreg.Open(ctx, c)
	if err != nil {
		p.close()
		return nil, err
	}
	return &Registry{pipe: p, client: root}, nil
}

// registryError says the two usual refusals in the words of files.
func registryError(err error) error {
	if errors.Is(err, rpc.FaultAccessDenied) {
		return fs.ErrPermission
	}
	return err
}

// Values reads values of one key by their names. What is not there, the key
// included, is not in the answer.
func (r *Registry) Values(ctx context.Context, key string, names ...string) ([]RegistryValue, error) {
	list, err := r.client.Values(ctx, key, names)
	values := make([]RegistryValue, len(list))
	for i, v := range list {
		values[i] = RegistryValue{Key: v.Key, Name: v.Name, Type: uint32(v.Type), Data: v.Data}
	}
	return values, fail("read the registry", r.server, registryError(err))
}

// Set writes a value. Its key is made if it is not there.
func (r *Registry) Set(ctx context.Context, v RegistryValue) error {
	err := r.client.Set(ctx, winreg.Value{Key: v.Key, Name: v.Name, Type: winreg.Type(v.Type), Data: v.Data})
	return fail("write the registry", r.server, registryError(err))
}

// Delete deletes a value; the error wraps fs.ErrNotExist if there is none.
func (r *Registry) Delete(ctx context.Context, key, name string) error {
	return fail("write the registry", r.server, registryError(r.client.Delete(ctx, key, name)))
}

// Close closes the registry. The session stays.
func (r *Registry) Close() { r.pipe.close() }
