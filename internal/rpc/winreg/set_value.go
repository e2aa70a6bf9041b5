package winreg

import (
	"bytes"
	"context"
	"fmt"

	"github.com/signet-smb/signet/internal/rpc"
)

// baseRegSetValue writes a value. [MS-RRP] 3.1.5.22.
//
//	[in] RPC_HKEY hKey,
//	[in] PRRP_UNICODE_STRING lpValueName,
//	[in] DWORD dwType,
//	[in, size_is(cbData)] LPBYTE lpData,
//	[in] DWORD cbData
func (m *methods) baseRegSetValue(ctx context.Context, call *rpc.Call) error {
	k, err := readKey(call)
	if err != nil {
		return err
	}
	r := call.In
	v := Value{Key: k.path, Name: r.TopText(maxName), Type: Type(r.U32())}
	v.Data = bytes.Clone(r.Bytes(maxData))
	if r.U32() != uint32(len(v.Data)) {
		r.Fail("cbData")
	}
	if err := r.Err(); err != nil {
		return err
	}
	return m.change(call, k, func() error { return m.registry.Set(ctx, call.Caller, v) })
}

// baseRegDeleteValue takes back what was written. [MS-RRP] 3.1.5.9.
//
//	[in] RPC_HKEY hKey,
//	[in] PRRP_UNICODE_STRING lpValueName
func (m *methods) baseRegDeleteValue(ctx context.Context, call *rpc.Call) error {
	k, err := readKey(call)
	if err != nil {
		return err
	}
	name := call.In.TopText(maxName)
	if err := call.In.Err(); err != nil {
		return err
	}
	return m.change(call, k, func() error { return m.registry.Reset(ctx, call.Caller, k.path, name) })
}

// change makes a change below k, if its handle allows that, and answers.
func (m *methods) change(call *rpc.Call, k *key, apply func() error) error {
	if k.granted&setValue == 0 || k.hive != localMachine {
		return finish(call, accessDenied)
	}
	err := apply()
	result, ok := statusOf(err)
	if !ok {
		return fmt.Errorf("registry %s: %w", k.path, err)
	}
	return finish(call, result)
}
