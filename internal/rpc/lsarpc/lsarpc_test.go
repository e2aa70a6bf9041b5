package lsarpc_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/rpc"
	"github.com/signet-smb/signet/internal/rpc/directory"
	"github.com/signet-smb/signet/internal/rpc/lsarpc"
	"github.com/signet-smb/signet/internal/rpc/ndr"
	"github.com/signet-smb/signet/internal/rpc/rpctest"
	"github.com/signet-smb/signet/ntstatus"
)

// accounts is ann, S-1-5-21-1-2-3-1000.
type accounts struct{}

func (accounts) MachineSID() dtyp.SID { return dtyp.NewSID(5, 21, 1, 2, 3) }

func (a accounts) List(context.Context) ([]directory.Account, error) {
	return []directory.Account{{Name: "ann", SID: a.MachineSID().Child(1000)}}, nil
}

func (accounts) UnixName(dtyp.SID) string      { return "" }
func (accounts) UnixSID(string, bool) dtyp.SID { return dtyp.SID{} }

func dial(t testing.TB, caller rpc.Caller) *rpctest.Client {
	t.Helper()
	e := &rpc.Endpoint{Name: `\PIPE\lsarpc`, NewGroup: func() uint32 { return 1 }, Interfaces: []*rpc.Interface{
		lsarpc.New(&directory.Directory{Name: "HOST", Accounts: accounts{}}),
	}}
	return rpctest.Dial(t, rpctest.Local(t, rpc.NewConn(e, &caller)), lsarpc.UUID, 0)
}

// made builds parameters.
func made(build func(*ndr.Writer)) []byte {
	w := ndr.NewWriter()
	build(w)
	return w.Finish()
}

// attributes writes an LSAPR_OBJECT_ATTRIBUTES without anything in it.
func attributes(w *ndr.Writer) {
	for range 6 {
		w.U32(0)
	}
}

// openPolicy is LsarOpenPolicy2 for some rights.
func openPolicy(access uint32) []byte {
	return made(func(w *ndr.Writer) {
		w.Pointer(false)
		attributes(w)
		w.U32(access)
	})
}

const maximumAllowed = 0x02000000

// policy returns a handle of the policy.
func policy(t testing.TB, c *rpctest.Client) []byte {
	t.Helper()
	stub, fault := c.Call(44, openPolicy(maximumAllowed))
	if fault != 0 || len(stub) != 24 || !bytes.Equal(stub[20:], make([]byte, 4)) {
		t.Fatalf("LsarOpenPolicy2: fault %#x, %x", fault, stub)
	}
	return stub[:20]
}

// names and sids are parameters of lookups, behind the handle, up to the last
// one that means something.
func names(list ...string) []byte {
	return made(func(w *ndr.Writer) {
		w.U32(uint32(len(list)))
		w.Count(len(list))
		for _, s := range list {
			w.LaterText(s)
		}
		w.Flush()
		w.U32(0)
		w.Pointer(false)
		w.U16(1)
		w.U32(0)
	})
}

func sids(list ...dtyp.SID) []byte {
	return made(func(w *ndr.Writer) {
		w.U32(uint32(len(list)))
		w.Pointer(true)
		w.Count(len(list))
		for _, s := range list {
			w.Later(func() { w.SID(s) })
		}
		w.Flush()
		w.U32(0)
		w.Pointer(false)
		w.U16(1)
		w.U32(0)
	})
}

// bodies are parameters behind a handle of the policy, by opnum.
var bodies = map[uint16][]byte{
	0:  nil,
	7:  {5, 0},
	14: names("ann", "nobody"), 58: names("ann"), 68: names("ann", "Everyone"),
	15: sids(dtyp.SIDEveryone, dtyp.NewSID(5, 21, 9)), 57: sids(dtyp.SIDEveryone),
	46: {12, 0},
}

func TestEveryStrictPrefixOfARequestIsBadStubData(t *testing.T) {
	for opnum, body := range bodies {
		c := dial(t, rpc.Caller{Account: "ann"})
		stub := append(policy(t, c), body...)
		for n := range stub {
			if _, fault := c.Call(opnum, stub[:n]); rpc.Fault(fault) != rpc.FaultBadStub {
				t.Errorf("opnum %d, %d of %d bytes: fault %v, want RPC_X_BAD_STUB_DATA", opnum, n, len(stub), rpc.Fault(fault))
			}
		}
		if got, fault := c.Call(opnum, stub); fault != 0 {
			t.Errorf("opnum %d whole: fault %v, %x", opnum, rpc.Fault(fault), got)
		}
	}
}

// last is the status that an answer ends with.
func last(t *testing.T, stub []byte) ntstatus.Status {
	t.Helper()
	if len(stub) < 4 {
		t.Fatalf("answer %x", stub)
	}
	return ntstatus.Status(ndr.NewReader(stub[len(stub)-4:]).U32())
}

func TestHowManyWereFoundIsInTheStatus(t *testing.T) {
	c := dial(t, rpc.Caller{Account: "ann"})
	h := policy(t, c)
	nobody := dtyp.NewSID(5, 21, 9)
	for _, row := range []struct {
		name  string
		opnum uint16
		body  []byte
		want  ntstatus.Status
	}{
		{"a name", 14, names("ann"), ntstatus.Success},
		{"one of two names", 58, names("ann", "nobody"), ntstatus.SomeNotMapped},
		{"no name", 68, names("nobody"), ntstatus.NoneMapped},
		{"a SID", 15, sids(dtyp.SIDEveryone), ntstatus.Success},
		{"one of two SIDs", 57, sids(nobody, dtyp.SIDEveryone), ntstatus.SomeNotMapped},
		{"no SID", 57, sids(nobody), ntstatus.NoneMapped},
		{"an unknown class", 7, []byte{99, 0}, ntstatus.InvalidParameter},
	} {
		got, fault := c.Call(row.opnum, append(bytes.Clone(h), row.body...))
		if fault != 0 || last(t, got) != row.want {
			t.Errorf("%s: fault %#x, %v; want %v", row.name, fault, last(t, got), row.want)
		}
	}
}

func TestRightsThatChangeSomethingAreForAdministrators(t *testing.T) {
	const createAccount = 0x10
	admin := rpc.Caller{Role: func(context.Context) rpc.Role { return rpc.Administrator }}
	for _, row := range []struct {
		caller rpc.Caller
		access uint32
		want   ntstatus.Status
	}{
		{rpc.Caller{}, 0x801, ntstatus.Success},
		{rpc.Caller{}, maximumAllowed, ntstatus.Success},
		{rpc.Caller{}, createAccount, ntstatus.AccessDenied},
		{admin, createAccount, ntstatus.Success},
	} {
		got, fault := dial(t, row.caller).Call(44, openPolicy(row.access))
		if fault != 0 || last(t, got) != row.want {
			t.Errorf("access %#x: fault %#x, %v; want %v", row.access, fault, last(t, got), row.want)
		}
	}
	if _, fault := dial(t, rpc.Caller{Anonymous: true}).Call(44, openPolicy(maximumAllowed)); rpc.Fault(fault) != rpc.FaultAccessDenied {
		t.Errorf("anonymous: fault %v", rpc.Fault(fault))
	}
	// A handle that may look at the policy, and not for names.
	c := dial(t, rpc.Caller{})
	got, _ := c.Call(44, openPolicy(1))
	if got, fault := c.Call(57, append(bytes.Clone(got[:20]), sids(dtyp.SIDEveryone)...)); fault != 0 || last(t, got) != ntstatus.AccessDenied {
		t.Errorf("lookup without the right: fault %#x, %x", fault, got)
	}
}

func TestOpenPolicy3SaysItsRevision(t *testing.T) {
	request := func(version uint32) []byte {
		return made(func(w *ndr.Writer) {
			w.UniqueString(`\\host`)
			attributes(w)
			w.U32(maximumAllowed)
			w.U32(version)
			w.U32(version)
			w.U32(1)
			w.U32(0)
		})
	}
	for version, want := range map[uint32]ntstatus.Status{1: ntstatus.Success, 2: ntstatus.NotSupported} {
		got, fault := dial(t, rpc.Caller{}).Call(130, request(version))
		if fault != 0 || len(got) != 40 || last(t, got) != want || !bytes.Equal(got[:16], []byte{1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0}) {
			t.Errorf("InVersion %d: fault %#x, %x; want %v", version, fault, got, want)
		}
	}
}

// TestAnAnswerIsLaidOutAsTheIDLSays: LsarLookupNames3 of [MS-LSAT] 6.
func TestAnAnswerIsLaidOutAsTheIDLSays(t *testing.T) {
	c := dial(t, rpc.Caller{})
	got, fault := c.Call(68, append(policy(t, c), names("ann")...))
	sid := "0104000000000005" + "15000000" + "01000000" + "02000000" + "03000000"
	want, err := hex.DecodeString(strings.Join([]string{
		"00000200", "01000000", "04000200", "20000000", // ReferencedDomains: Entries, Domains, MaxEntries
		"01000000", "0800", "0800", "08000200", "0c000200", // Name, Sid
		"04000000", "00000000", "04000000", "48004f0053005400", // "HOST"
		"04000000", sid,
		"01000000", "10000200", // TranslatedSids: Entries, Sids
		"01000000", "01000000", "14000200", "00000000", "00000000", // SidTypeUser, Sid, DomainIndex, Flags
		"05000000", strings.Replace(sid, "0104", "0105", 1), "e8030000",
		"01000000", "00000000", // MappedCount, STATUS_SUCCESS
	}, ""))
	if err != nil || fault != 0 || !bytes.Equal(got, want) {
		t.Errorf("fault %#x, answer\n     %x\nwant %x", fault, got, want)
	}
}

// FuzzMethods calls every method with any parameters behind a good handle, or
// with none: it is answered, and nothing panics.
func FuzzMethods(f *testing.F) {
	for opnum, body := range bodies {
		f.Add(opnum, true, body)
	}
	f.Add(uint16(44), false, openPolicy(maximumAllowed))
	f.Add(uint16(76), false, bodies[57])
	f.Add(uint16(77), false, bodies[58])
	f.Fuzz(func(t *testing.T, opnum uint16, good bool, body []byte) {
		if len(body) > 4096 {
			return
		}
		c := dial(t, rpc.Caller{Account: "ann"})
		if good {
			body = append(policy(t, c), body...)
		}
		if got, fault := c.Call(opnum, body); fault == 0 && len(got) < 4 {
			t.Fatalf("opnum %d, %x: %x is no answer", opnum, body, got)
		}
	})
}
