package winreg_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/signet-smb/signet/internal/rpc"
	"github.com/signet-smb/signet/internal/rpc/ndr"
	"github.com/signet-smb/signet/internal/rpc/rpctest"
	"github.com/signet-smb/signet/internal/rpc/winreg"
)

// parameters is the key of the registry of these tests.
const parameters = `System\Services\Server\Parameters`

// registry holds what it is told, but for a name that is held and one that is
// not there.
type registry struct{ values []winreg.Value }

func newRegistry() *registry {
	return &registry{[]winreg.Value{
		{Key: parameters, Name: "Require", Type: winreg.DWORD, Data: []byte{1, 0, 0, 0}},
		{Key: parameters, Name: "Names", Type: winreg.MultiString, Data: []byte{'a', 0, 0, 0, 0, 0}},
		{Key: `System\Services\Client`, Name: "Long", Type: winreg.String, Data: bytes.Repeat([]byte{'x', 0}, 5000)},
	}}
}

func (r *registry) Values(context.Context, *rpc.Caller) ([]winreg.Value, error) {
	return slices.Clone(r.values), nil
}

func (r *registry) Set(_ context.Context, _ *rpc.Caller, v winreg.Value) error {
	for i := range r.values {
		switch {
		case v.Name == "Held":
			return fmt.Errorf("%w: by the test", winreg.ErrHeld)
		case strings.EqualFold(r.values[i].Key, v.Key) && strings.EqualFold(r.values[i].Name, v.Name):
			if v.Type != r.values[i].Type {
				return winreg.ErrInvalid
			}
			r.values[i].Data = v.Data
			return nil
		}
	}
	return fs.ErrNotExist
}

func (r *registry) Reset(_ context.Context, _ *rpc.Caller, key, name string) error {
	return r.Set(nil, nil, winreg.Value{Key: key, Name: name, Type: winreg.DWORD, Data: []byte{9, 9, 9, 9}})
}

// connect returns the server's end of a connection of a caller with a role.
func connect(r winreg.Registry, role rpc.Role) *rpc.Conn {
	e := &rpc.Endpoint{Name: `\PIPE\winreg`, NewGroup: func() uint32 { return 1 }, Interfaces: []*rpc.Interface{winreg.New(r)}}
	return rpc.NewConn(e, &rpc.Caller{Account: "test", Role: func(context.Context) rpc.Role { return role }})
}

// wire is a connection as rpc.Client wants it.
type wire struct{ conn *rpc.Conn }

func (w wire) Write(ctx context.Context, pdu []byte) error { return w.conn.Write(ctx, pdu) }

func (w wire) Read(context.Context, int) ([]byte, error) {
	if f := w.conn.Read(); f != nil {
		return f, nil
	}
	return nil, errors.New("nothing to read")
}

// open opens the registry by the client of this package.
func open(t *testing.T, r winreg.Registry, role rpc.Role) (*winreg.Client, error) {
	t.Helper()
	c, err := rpc.Bind(t.Context(), wire{connect(r, role)}, winreg.Syntax())
	if err != nil {
		t.Fatal(err)
	}
	return winreg.Open(t.Context(), c)
}

func TestTheClientReadsAndWritesWhatTheServerShows(t *testing.T) {
	r := newRegistry()
	c, err := open(t, r, rpc.Administrator)
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	got, err := c.Values(ctx, strings.ToUpper(parameters), []string{"require", "Nothing", "Names"})
	if err != nil || len(got) != 2 || got[0].Type != winreg.DWORD || !bytes.Equal(got[0].Data, []byte{1, 0, 0, 0}) || !bytes.Equal(got[1].Data, r.values[1].Data) {
		t.Errorf("Values: %+v, %v", got, err)
	}
	if got, err = c.Values(ctx, `System\Nothing`, []string{"x"}); err != nil || len(got) != 0 {
		t.Errorf("values of a key that is not: %+v, %v", got, err)
	}
	// A value that is longer than the buffer that is offered at first.
	if got, err = c.Values(ctx, `System\Services\Client`, []string{"Long"}); err != nil || len(got) != 1 || len(got[0].Data) != 10_000 {
		t.Errorf("a long value: %v, %v", len(got), err)
	}
	if err := c.Set(ctx, winreg.Value{Key: parameters, Name: "Require", Type: winreg.DWORD, Data: []byte{0, 0, 0, 0}}); err != nil || r.values[0].Data[0] != 0 {
		t.Errorf("Set: %v, registry %v", err, r.values[0])
	}
	if err := c.Delete(ctx, parameters, "Require"); err != nil || r.values[0].Data[0] != 9 {
		t.Errorf("Delete: %v, registry %v", err, r.values[0])
	}
	for name, want := range map[string]error{
		"Nothing": fs.ErrNotExist, "Held": winreg.StatusError(1260), "Names": winreg.StatusError(87),
	} {
		if err := c.Set(ctx, winreg.Value{Key: parameters, Name: name, Type: winreg.DWORD, Data: []byte{1}}); !errors.Is(err, want) {
			t.Errorf("Set %s: %v, want %v", name, err, want)
		}
	}
	if err := c.Set(ctx, winreg.Value{Key: `System\New`, Name: "x", Type: winreg.DWORD}); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("Set in a key that cannot be made: %v, want access denied", err)
	}
}

func TestWhoIsNoAdministratorOnlyReads(t *testing.T) {
	r := newRegistry()
	c, err := open(t, r, rpc.Operator)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := c.Values(t.Context(), parameters, []string{"Require"}); err != nil || len(got) != 1 {
		t.Errorf("an operator reads %v, %v", got, err)
	}
	if err := c.Set(t.Context(), r.values[0]); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("an operator writes: %v", err)
	}
	if _, err := open(t, r, rpc.User); !errors.Is(err, rpc.FaultAccessDenied) {
		t.Errorf("a user without a role opens the registry: %v", err)
	}
}

// text writes an RRP_UNICODE_STRING parameter.
func text(w *ndr.Writer, s string) {
	w.Text(s + "\x00")
	w.TextReferent(s + "\x00")
}

// buffer writes lpType, lpData, lpcbData and lpcbLen with room for so much.
func buffer(w *ndr.Writer, room int) {
	w.Pointer(true)
	w.U32(0)
	w.Pointer(true)
	w.Count(room)
	w.U32(0)
	w.Count(0)
	w.Pointer(true)
	w.U32(uint32(room))
	w.Pointer(true)
	w.U32(0)
}

// made builds parameters.
func made(build func(*ndr.Writer)) []byte {
	w := ndr.NewWriter()
	build(w)
	return w.Finish()
}

// bodies are parameters behind the handle of a key, by opnum.
var bodies = map[uint16][]byte{
	5: nil,
	8: made(func(w *ndr.Writer) { text(w, "Require") }),
	9: made(func(w *ndr.Writer) {
		w.U32(0)
		text(w, strings.Repeat("x", 50))
		w.Pointer(false)
		w.Pointer(true)
		w.U64(0)
	}),
	10: made(func(w *ndr.Writer) { w.U32(0); text(w, strings.Repeat("x", 50)); buffer(w, 100) }),
	12: made(func(w *ndr.Writer) { w.U32(7); w.Pointer(true); w.U32(500); w.U32(0); w.Varying(make([]byte, 8)) }),
	15: made(func(w *ndr.Writer) { text(w, "System"); w.U32(0); w.U32(0x02000000) }),
	16: made(func(w *ndr.Writer) { text(w, "") }),
	17: made(func(w *ndr.Writer) { text(w, "Require"); buffer(w, 100) }),
	22: made(func(w *ndr.Writer) { text(w, "Require"); w.U32(4); w.Bytes([]byte{0, 0, 0, 0}); w.U32(4) }),
	26: nil,
	29: made(func(w *ndr.Writer) {
		w.Count(1)
		w.U32(0)
		w.Count(1)
		w.Pointer(true)
		w.U32(0)
		w.Pointer(true)
		w.U32(0)
		text(w, "Require")
		w.U32(0)
		w.U32(1)
		w.Pointer(true)
		w.Varying(make([]byte, 64))
		w.U32(64)
	}),
}

// handleOf opens the key of the parameters by hand and returns its handle.
func handleOf(t testing.TB, c *rpctest.Client) []byte {
	t.Helper()
	stub, fault := c.Call(2, []byte("\x00\x00\x00\x00\x00\x00\x00\x02"))
	if fault != 0 || len(stub) != 24 {
		t.Fatalf("OpenLocalMachine: fault %#x, %x", fault, stub)
	}
	body := made(func(w *ndr.Writer) { w.Raw(stub[:20]); text(w, parameters); w.U32(0); w.U32(0x02000000) })
	if stub, fault = c.Call(15, body); fault != 0 || len(stub) != 24 {
		t.Fatalf("BaseRegOpenKey: fault %#x, %x", fault, stub)
	}
	return stub[:20]
}

func TestEveryStrictPrefixOfARequestIsBadStubData(t *testing.T) {
	for opnum, body := range bodies {
		r := newRegistry()
		c := rpctest.Dial(t, rpctest.Local(t, connect(r, rpc.Administrator)), winreg.UUID, 1)
		stub := append(handleOf(t, c), body...)
		for n := range stub {
			if _, fault := c.Call(opnum, stub[:n]); rpc.Fault(fault) != rpc.FaultBadStub {
				t.Errorf("opnum %d, %d of %d bytes: fault %v, want RPC_X_BAD_STUB_DATA", opnum, n, len(stub), rpc.Fault(fault))
			}
		}
		if r.values[0].Data[0] != 1 {
			t.Errorf("opnum %d: a request that was cut off has written", opnum)
		}
		if got, fault := c.Call(opnum, stub); fault != 0 {
			t.Errorf("opnum %d whole: fault %v, %x", opnum, rpc.Fault(fault), got)
		}
	}
}

// TestAnAnswerIsLaidOutAsTheIDLSays: BaseRegQueryValue of [MS-RRP] 6.
func TestAnAnswerIsLaidOutAsTheIDLSays(t *testing.T) {
	c := rpctest.Dial(t, rpctest.Local(t, connect(newRegistry(), rpc.Viewer)), winreg.UUID, 1)
	got, fault := c.Call(17, append(handleOf(t, c), bodies[17]...))
	want, err := hex.DecodeString("00000200" + "04000000" + // lpType: REG_DWORD
		"04000200" + "04000000" + "00000000" + "04000000" + "01000000" + // lpData
		"08000200" + "04000000" + "0c000200" + "04000000" + "00000000") // lpcbData, lpcbLen, ERROR_SUCCESS
	if err != nil || fault != 0 || !bytes.Equal(got, want) {
		t.Errorf("fault %#x, answer\n     %x\nwant %x", fault, got, want)
	}
}

func TestSeveralValuesAreToldAtOnce(t *testing.T) {
	c := rpctest.Dial(t, rpctest.Local(t, connect(newRegistry(), rpc.Viewer)), winreg.UUID, 1)
	got, fault := c.Call(29, append(handleOf(t, c), bodies[29]...))
	if fault != 0 || len(got) < 12 || !bytes.Equal(got[len(got)-8:], []byte{4, 0, 0, 0, 0, 0, 0, 0}) || !bytes.Contains(got, []byte{4, 0, 0, 0, 1, 0, 0, 0}) {
		t.Errorf("fault %#x, answer %x; want 4 bytes of data and success", fault, got)
	}
}

func TestAHandleIsGoodForWhatItWasMadeFor(t *testing.T) {
	c := rpctest.Dial(t, rpctest.Local(t, connect(newRegistry(), rpc.Administrator)), winreg.UUID, 1)
	handle := handleOf(t, c)
	if _, fault := c.Call(5, handle); fault != 0 {
		t.Fatalf("BaseRegCloseKey: fault %#x", fault)
	}
	for _, h := range [][]byte{handle, make([]byte, 20)} {
		if _, fault := c.Call(26, h); rpc.Fault(fault) != rpc.FaultContextMismatch {
			t.Errorf("handle %x: fault %v, want nca_s_fault_context_mismatch", h, rpc.Fault(fault))
		}
	}
}

// FuzzMethods calls every method with any parameters behind a handle that is
// good, or with none: it is answered, and nothing panics.
func FuzzMethods(f *testing.F) {
	for opnum, body := range bodies {
		f.Add(opnum, true, body)
	}
	f.Add(uint16(2), false, []byte("\x00\x00\x00\x00\x00\x00\x00\x02"))
	f.Fuzz(func(t *testing.T, opnum uint16, good bool, body []byte) {
		if len(body) > 4096 {
			return
		}
		c := rpctest.Dial(t, rpctest.Local(t, connect(newRegistry(), rpc.Administrator)), winreg.UUID, 1)
		if good {
			body = append(handleOf(t, c), body...)
		}
		got, fault := c.Call(opnum, body)
		if fault == 0 && len(got) < 4 {
			t.Fatalf("opnum %d, %x: %x is no answer", opnum, body, got)
		}
	})
}
