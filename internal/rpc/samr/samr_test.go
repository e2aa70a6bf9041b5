package samr_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/rpc"
	"github.com/signet-smb/signet/internal/rpc/directory"
	"github.com/signet-smb/signet/internal/rpc/ndr"
	"github.com/signet-smb/signet/internal/rpc/rpctest"
	"github.com/signet-smb/signet/internal/rpc/samr"
	"github.com/signet-smb/signet/ntstatus"
)

// accounts are as many as it says, from user0000 on.
type accounts int

func (accounts) MachineSID() dtyp.SID { return dtyp.NewSID(5, 21, 1, 2, 3) }

func (a accounts) List(context.Context) ([]directory.Account, error) {
	var list []directory.Account
	for i := range int(a) {
		list = append(list, directory.Account{Name: fmt.Sprintf("user%04d", i), SID: a.MachineSID().Child(1000 + uint32(i)), PasswordSet: time.Unix(1e9, 0)})
	}
	return list, nil
}

func (accounts) UnixName(dtyp.SID) string      { return "" }
func (accounts) UnixSID(string, bool) dtyp.SID { return dtyp.SID{} }

func dial(t testing.TB, n accounts, role rpc.Role) *rpctest.Client {
	t.Helper()
	e := &rpc.Endpoint{Name: `\PIPE\samr`, NewGroup: func() uint32 { return 1 }, Interfaces: []*rpc.Interface{
		samr.New(&directory.Directory{Name: "HOST", Accounts: n}),
	}}
	caller := &rpc.Caller{Account: "ann", Role: func(context.Context) rpc.Role { return role }}
	return rpctest.Dial(t, rpctest.Local(t, rpc.NewConn(e, caller)), samr.UUID, 1)
}

// made builds parameters.
func made(build func(*ndr.Writer)) []byte {
	w := ndr.NewWriter()
	build(w)
	return w.Finish()
}

const maximumAllowed = 0x02000000

// handles are one of each kind, by their names.
func handles(t testing.TB, c *rpctest.Client) map[string][]byte {
	t.Helper()
	h := make(map[string][]byte)
	open := func(name string, opnum uint16, body []byte) {
		t.Helper()
		stub, fault := c.Call(opnum, body)
		if fault != 0 || len(stub) != 24 || !bytes.Equal(stub[20:], make([]byte, 4)) {
			t.Fatalf("opening %s: fault %#x, %x", name, fault, stub)
		}
		h[name] = stub[:20]
	}
	below := func(handle string, build func(*ndr.Writer)) []byte {
		return append(bytes.Clone(h[handle]), made(func(w *ndr.Writer) { w.U32(maximumAllowed); build(w) })...)
	}
	open("server", 57, made(func(w *ndr.Writer) { w.Pointer(false); w.U32(maximumAllowed) }))
	open("domain", 7, below("server", func(w *ndr.Writer) { w.SID(accounts(0).MachineSID()) }))
	open("builtin", 7, below("server", func(w *ndr.Writer) { w.SID(directory.BuiltinSID) }))
	open("user", 34, below("domain", func(w *ndr.Writer) { w.U32(1000) }))
	open("group", 19, below("domain", func(w *ndr.Writer) { w.U32(513) }))
	open("alias", 27, below("builtin", func(w *ndr.Writer) { w.U32(545) }))
	return h
}

// requests are calls, with the handle that comes first.
var requests = []struct {
	name   string
	handle string
	opnum  uint16
	body   []byte
	want   ntstatus.Status
}{
	{"lookup of a domain", "server", 5, made(func(w *ndr.Writer) { w.LaterText("host"); w.Flush() }), 0},
	{"lookup of another domain", "server", 5, made(func(w *ndr.Writer) { w.LaterText("other"); w.Flush() }), ntstatus.NoSuchDomain},
	{"domains", "server", 6, made(func(w *ndr.Writer) { w.U32(0); w.U32(1000) }), 0},
	{"general information", "domain", 8, []byte{2, 0}, 0},
	{"password rules", "domain", 46, []byte{1, 0}, 0},
	{"the server's role", "domain", 8, []byte{7, 0}, 0},
	{"the server's state", "domain", 8, []byte{9, 0}, 0},
	{"general information and lockout", "builtin", 46, []byte{11, 0}, 0},
	{"counts", "domain", 8, []byte{13, 0}, 0},
	{"a class that is not", "domain", 46, []byte{99, 0}, ntstatus.InvalidInfoClass},
	{"groups", "domain", 11, made(func(w *ndr.Writer) { w.U32(0); w.U32(1000) }), 0},
	{"users", "domain", 13, made(func(w *ndr.Writer) { w.U32(0); w.U32(0); w.U32(1000) }), 0},
	{"aliases", "builtin", 15, made(func(w *ndr.Writer) { w.U32(0); w.U32(1000) }), 0},
	{"membership", "builtin", 16, made(func(w *ndr.Writer) {
		w.U32(1)
		w.Pointer(true)
		w.Count(1)
		w.Pointer(true)
		w.SID(accounts(0).MachineSID().Child(1000))
	}), 0},
	{"names", "domain", 17, made(func(w *ndr.Writer) {
		w.U32(2)
		w.Count(1000)
		w.U32(0)
		w.Count(2)
		w.LaterText("USER0000")
		w.LaterText("nobody")
		w.Flush()
	}), ntstatus.SomeNotMapped},
	{"identifiers", "domain", 18, made(func(w *ndr.Writer) {
		w.U32(1)
		w.Count(1000)
		w.U32(0)
		w.Count(1)
		w.U32(77)
	}), ntstatus.NoneMapped},
	{"the group", "group", 20, []byte{1, 0}, 0},
	{"its members", "group", 25, nil, 0},
	{"an alias", "alias", 28, []byte{1, 0}, 0},
	{"its members", "alias", 33, nil, 0},
	{"all about a user", "user", 36, []byte{21, 0}, 0},
	{"the secrets of a user", "user", 36, []byte{18, 0}, ntstatus.InvalidInfoClass},
	{"groups of a user", "user", 39, nil, 0},
	{"members of a user", "user", 33, nil, ntstatus.ObjectTypeMismatch},
	{"a table of users", "domain", 51, made(func(w *ndr.Writer) { w.U16(1); w.U32(0); w.U32(100); w.U32(1000) }), 0},
	{"a SID", "domain", 65, made(func(w *ndr.Writer) { w.U32(1000) }), 0},
	{"a server's security", "server", 3, []byte{7, 0, 0, 0}, 0},
	{"a domain's security", "domain", 3, []byte{7, 0, 0, 0}, 0},
	{"a group's security", "group", 3, []byte{4, 0, 0, 0}, 0},
	{"a user's security", "user", 3, []byte{4, 0, 0, 0}, 0},
	{"password rules of a user", "user", 44, nil, 0},
	{"password rules of an alias", "alias", 44, nil, ntstatus.ObjectTypeMismatch},
	{"closing", "user", 1, nil, 0},
}

// last is the status that an answer ends with.
func last(t *testing.T, stub []byte) ntstatus.Status {
	t.Helper()
	if len(stub) < 4 {
		t.Fatalf("answer %x", stub)
	}
	return ntstatus.Status(ndr.NewReader(stub[len(stub)-4:]).U32())
}

func TestEachQuestionHasItsStatusAndNoPrefixOfItAny(t *testing.T) {
	c := dial(t, 2, rpc.Viewer)
	h := handles(t, c)
	for _, r := range requests {
		stub := append(bytes.Clone(h[r.handle]), r.body...)
		for n := range stub {
			if _, fault := c.Call(r.opnum, stub[:n]); rpc.Fault(fault) != rpc.FaultBadStub {
				t.Errorf("%s, %d of %d bytes: fault %v, want RPC_X_BAD_STUB_DATA", r.name, n, len(stub), rpc.Fault(fault))
			}
		}
		if got, fault := c.Call(r.opnum, stub); fault != 0 || last(t, got) != r.want {
			t.Errorf("%s: fault %v, %x; want %v", r.name, rpc.Fault(fault), got, r.want)
		}
	}
}

// TestAnswersAreLaidOutAsTheIDLSays, by hand from the IDL of [MS-SAMR] 6.
func TestAnswersAreLaidOutAsTheIDLSays(t *testing.T) {
	c := dial(t, 1, rpc.Viewer)
	h := handles(t, c)
	for _, r := range []struct {
		name, handle string
		opnum        uint16
		body         []byte
		want         string // hexadecimal
	}{
		{"the server's role", "domain", 8, []byte{7, 0}, "00000200 0700 0000 03000000 00000000"},
		{"password rules without a handle", "", 56, []byte{0, 0, 0, 0}, "0000 0000 00000000 00000000"},
		{"password rules with a name", "", 56, made(func(w *ndr.Writer) { w.Pointer(true); w.LaterText("x"); w.Flush() }), "0000 0000 00000000 00000000"},
		{
			"a user's list", "user", 3,
			[]byte{4, 0, 0, 0},
			"00000200 34000000 04000200 34000000 01000480 00000000 00000000 00000000 14000000 0200 2000 0100 0000 0000 1800 ff070f00 0102 000000000005 20000000 20020000 00000000",
		},
		{"an alias' owner", "alias", 3, []byte{1, 0, 0, 0}, "00000200 24000000 04000200 24000000 01000080 14000000 00000000 00000000 00000000 0102 000000000005 20000000 20020000 00000000"},
	} {
		got, fault := c.Call(r.opnum, append(bytes.Clone(h[r.handle]), r.body...))
		if want := strings.ReplaceAll(r.want, " ", ""); fault != 0 || fmt.Sprintf("%x", got) != want {
			t.Errorf("%s: fault %#x\ngot  %x\nwant %s", r.name, fault, got, want)
		}
	}
}

func TestAllUserClassesAreToldAndNoneHoldsAPassword(t *testing.T) {
	c := dial(t, 1, rpc.Administrator)
	h := handles(t, c)["user"]
	told := map[uint16]bool{1: true, 3: true, 5: true, 6: true, 7: true, 8: true, 9: true, 10: true, 13: true, 16: true, 17: true, 21: true}
	for class := range uint16(40) {
		got, fault := c.Call(36, append(bytes.Clone(h), byte(class), 0))
		if fault != 0 || (last(t, got) == 0) != told[class] {
			t.Errorf("class %d: fault %#x, %v; told: %v", class, fault, last(t, got), told[class])
		}
	}
}

func TestAnEnumerationGoesOnWhereItStopped(t *testing.T) {
	const n = 700
	c := dial(t, n, rpc.Viewer)
	domain := handles(t, c)["domain"]
	seen := 0
	for resume := uint32(0); ; {
		got, fault := c.Call(13, append(bytes.Clone(domain), made(func(w *ndr.Writer) { w.U32(resume); w.U32(0); w.U32(3000) })...))
		if fault != 0 {
			t.Fatalf("fault %#x", fault)
		}
		r := ndr.NewReader(got)
		resume = r.U32()
		r.Pointer()
		count := int(r.U32())
		seen += count
		if last(t, got) == ntstatus.Success {
			break
		}
		if last(t, got) != ntstatus.MoreEntries || int(resume) != seen || count == 0 {
			t.Fatalf("after %d: %v, resume at %d", seen, last(t, got), resume)
		}
	}
	if seen != n {
		t.Errorf("%d accounts, want %d", seen, n)
	}
}

func TestWritingRightsAreForAdministrators(t *testing.T) {
	const genericAll = 0x10000000
	for role, want := range map[rpc.Role]ntstatus.Status{rpc.Viewer: ntstatus.AccessDenied, rpc.Administrator: ntstatus.Success} {
		got, fault := dial(t, 1, role).Call(57, made(func(w *ndr.Writer) { w.Pointer(false); w.U32(genericAll) }))
		if fault != 0 || last(t, got) != want {
			t.Errorf("%v: fault %#x, %v; want %v", role, fault, last(t, got), want)
		}
	}
}

// FuzzMethods calls every method with any parameters behind one of the handles:
// it is answered, and nothing panics.
func FuzzMethods(f *testing.F) {
	for _, r := range requests {
		f.Add(r.opnum, r.handle, r.body)
	}
	f.Add(uint16(57), "", made(func(w *ndr.Writer) { w.Pointer(false); w.U32(maximumAllowed) }))
	f.Fuzz(func(t *testing.T, opnum uint16, handle string, body []byte) {
		if len(body) > 4096 {
			return
		}
		c := dial(t, 2, rpc.Administrator)
		if got, fault := c.Call(opnum, append(bytes.Clone(handles(t, c)[handle]), body...)); fault == 0 && len(got) < 4 {
			t.Fatalf("opnum %d, %x: %x is no answer", opnum, body, got)
		}
	})
}
