package winreg

import (
	"context"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/rpc"
)

// open makes the methods that open a predefined key. [MS-RRP] 3.1.5.1 to
// 3.1.5.5.
//
//	[in, unique] PREGISTRY_SERVER_NAME ServerName,
//	[in] REGSAM samDesired,
//	[out] PRPC_HKEY phKey
func open(h hive) func(context.Context, *rpc.Call) error {
	return func(ctx context.Context, call *rpc.Call) error {
		if call.In.Pointer() {
			call.In.U16()
		}
		desired := dtyp.AccessMask(call.In.U32())
		if err := call.In.Err(); err != nil {
			return err
		}
		granted, result := grant(ctx, call, desired)
		return appendHandle(call, &key{hive: h, granted: granted}, result)
	}
}

// baseRegOpenKey opens a key by its path below another. [MS-RRP] 3.1.5.15.
//
//	[in] RPC_HKEY hKey,
//	[in] PRRP_UNICODE_STRING lpSubKey,
//	[in] DWORD dwOptions,
//	[in] REGSAM samDesired,
//	[out] PRPC_HKEY phkResult
func (m *methods) baseRegOpenKey(ctx context.Context, call *rpc.Call) error {
	k, err := readKey(call)
	if err != nil {
		return err
	}
	path := call.In.TopText(maxName)
	call.In.U32()
	desired := dtyp.AccessMask(call.In.U32())
	if err := call.In.Err(); err != nil {
		return err
	}
	opened, result, err := m.open(ctx, call, k, path, desired)
	if err != nil {
		return err
	}
	return appendHandle(call, opened, result)
}

// open opens a key below k.
func (m *methods) open(ctx context.Context, call *rpc.Call, k *key, path string, desired dtyp.AccessMask) (*key, status, error) {
	opened := &key{hive: k.hive, path: join(k.path, path)}
	ok, err := m.exists(ctx, call, opened.hive, opened.path)
	if err != nil {
		return nil, 0, err
	}
	if !ok {
		return nil, fileNotFound, nil
	}
	var result status
	opened.granted, result = grant(ctx, call, desired)
	return opened, result, nil
}

// Dispositions of BaseRegCreateKey. [MS-RRP] 3.1.5.7.
const openedExistingKey = 2

// baseRegCreateKey opens a key that is there. One that is not cannot be made.
// [MS-RRP] 3.1.5.7.
//
//	[in] RPC_HKEY hKey,
//	[in] PRRP_UNICODE_STRING lpSubKey,
//	[in] PRRP_UNICODE_STRING lpClass,
//	[in] DWORD dwOptions,
//	[in] REGSAM samDesired,
//	[in, unique] PRPC_SECURITY_ATTRIBUTES lpSecurityAttributes,
//	[out] PRPC_HKEY phkResult,
//	[in, out, unique] LPDWORD lpdwDisposition
func (m *methods) baseRegCreateKey(ctx context.Context, call *rpc.Call) error {
	k, err := readKey(call)
	if err != nil {
		return err
	}
	r := call.In
	path := r.TopText(maxName)
	r.TopText(maxName)
	r.U32()
	desired := dtyp.AccessMask(r.U32())
	if r.Pointer() { // RPC_SECURITY_ATTRIBUTES
		r.U32()
		present := r.Pointer()
		r.U32()
		r.U32()
		r.U8()
		if present {
			r.Varying(maxData)
		}
	}
	_, wanted := r.UniqueU32()
	if err := r.Err(); err != nil {
		return err
	}
	opened, result, err := m.open(ctx, call, k, path, desired)
	switch {
	case err != nil:
		return err
	case result == fileNotFound:
		result = accessDenied
	}
	handle := rpc.Handle{}
	if result == success {
		var ok bool
		if handle, ok = call.Handles.Add(opened); !ok {
			result = tooManyHandles
		}
	}
	call.Out.Handle(handle)
	call.Out.Pointer(wanted)
	if wanted {
		call.Out.U32(openedExistingKey)
	}
	return finish(call, result)
}

// baseRegCloseKey closes a handle. [MS-RRP] 3.1.5.6.
//
//	[in, out] PRPC_HKEY hKey
func baseRegCloseKey(_ context.Context, call *rpc.Call) error { return rpc.CloseHandle[*key](call) }

// baseRegDeleteKey deletes no key: all have values that are always there.
// [MS-RRP] 3.1.5.8, 3.1.5.31.
//
//	[in] RPC_HKEY hKey,
//	[in] PRRP_UNICODE_STRING lpSubKey
//	and of BaseRegDeleteKeyEx: [in] REGSAM AccessMask, [in] DWORD Reserved
func baseRegDeleteKey(_ context.Context, call *rpc.Call) error {
	if _, err := readKey(call); err != nil {
		return err
	}
	call.In.TopText(maxName)
	return finish(call, accessDenied)
}

// baseRegFlushKey has nothing to do: what is written is kept. [MS-RRP]
// 3.1.5.12.
//
//	[in] RPC_HKEY hKey
func baseRegFlushKey(_ context.Context, call *rpc.Call) error {
	if _, err := readKey(call); err != nil {
		return err
	}
	return finish(call, success)
}

// registryVersion is what every Windows since 2000 answers.
const registryVersion = 5

// baseRegGetVersion tells the version of the protocol. [MS-RRP] 3.1.5.24.
//
//	[in] RPC_HKEY hKey,
//	[out] LPDWORD lpdwVersion
func baseRegGetVersion(_ context.Context, call *rpc.Call) error {
	if _, err := readKey(call); err != nil {
		return err
	}
	call.Out.U32(registryVersion)
	return finish(call, success)
}
