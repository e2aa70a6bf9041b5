package winreg

import (
	"context"
	"slices"
	"strings"

	"github.com/signet-smb/signet/internal/rpc"
	"github.com/signet-smb/signet/internal/wire"
)

// buffer is where a client wants a value to go: what it gave of type, data,
// size and length.
//
//	[in, out, unique] LPDWORD lpType,
//	[in, out, unique, size_is(lpcbData ? *lpcbData : 0),
//	    length_is(lpcbLen ? *lpcbLen : 0)] LPBYTE lpData,
//	[in, out, unique] LPDWORD lpcbData,
//	[in, out, unique] LPDWORD lpcbLen
type buffer struct {
	kind, data, size, length bool // which of the four pointers are not null
	room                     uint32
}

// readBuffer reads the four parameters.
func readBuffer(call *rpc.Call) (b buffer) {
	_, b.kind = call.In.UniqueU32()
	if b.data = call.In.Pointer(); b.data {
		call.In.Varying(maxRoom)
	}
	b.room, b.size = call.In.UniqueU32()
	_, b.length = call.In.UniqueU32()
	return b
}

// append writes the four as they come back, with v if result allows it, and
// returns the status: ERROR_MORE_DATA if the value is longer than the buffer.
func (b buffer) append(call *rpc.Call, v Value, result status) status {
	w := call.Out
	data := v.Data
	switch {
	case result != success:
		v, data = Value{}, nil
	case b.data && uint64(len(data)) > uint64(b.room):
		result, data = moreData, nil
	}
	w.Pointer(b.kind)
	if b.kind {
		w.U32(uint32(v.Type))
	}
	w.Pointer(b.data)
	if b.data {
		w.Count(len(v.Data))
		w.U32(0)
		w.Count(len(data))
		w.Raw(data)
	}
	for _, n := range []struct {
		present bool
		value   int
	}{{b.size, len(v.Data)}, {b.length, len(data)}} {
		w.Pointer(n.present)
		if n.present {
			w.U32(uint32(n.value))
		}
	}
	return result
}

// baseRegEnumValue tells one value of a key. [MS-RRP] 3.1.5.11.
//
//	[in] RPC_HKEY hKey,
//	[in] DWORD dwIndex,
//	[in] PRRP_UNICODE_STRING lpValueNameIn,
//	[out] PRPC_UNICODE_STRING lpValueNameOut,
//	and the parameters of buffer
func (m *methods) baseRegEnumValue(ctx context.Context, call *rpc.Call) error {
	k, err := readKey(call)
	if err != nil {
		return err
	}
	index := call.In.U32()
	room := call.In.Text()
	call.In.TextReferent(room, maxName)
	b := readBuffer(call)
	if err := call.In.Err(); err != nil {
		return err
	}
	if index == 0 || k.seen == nil {
		if k.seen, err = m.values(ctx, call, k); err != nil {
			return err
		}
	}
	var v Value
	result := success
	switch {
	case k.granted&queryValue == 0:
		result = accessDenied
	case uint64(index) >= uint64(len(k.seen)):
		result = noMoreItems
	case wire.UTF16Len(k.seen[index].Name)+2 > room.Maximum:
		result = moreData
	default:
		v = k.seen[index]
	}
	appendText(call.Out, v.Name, result == success)
	return finish(call, b.append(call, v, result))
}

// baseRegQueryValue tells a value by its name. [MS-RRP] 3.1.5.17.
//
//	[in] RPC_HKEY hKey,
//	[in] PRRP_UNICODE_STRING lpValueName,
//	and the parameters of buffer
func (m *methods) baseRegQueryValue(ctx context.Context, call *rpc.Call) error {
	k, err := readKey(call)
	if err != nil {
		return err
	}
	name := call.In.TopText(maxName)
	b := readBuffer(call)
	if err := call.In.Err(); err != nil {
		return err
	}
	v, result, err := m.value(ctx, call, k, name)
	if err != nil {
		return err
	}
	return finish(call, b.append(call, v, result))
}

// value finds a value of k.
func (m *methods) value(ctx context.Context, call *rpc.Call, k *key, name string) (Value, status, error) {
	if k.granted&queryValue == 0 {
		return Value{}, accessDenied, nil
	}
	values, err := m.values(ctx, call, k)
	i := slices.IndexFunc(values, func(v Value) bool { return strings.EqualFold(v.Name, name) })
	if err != nil || i < 0 {
		return Value{}, fileNotFound, err
	}
	return values[i], success, nil
}
