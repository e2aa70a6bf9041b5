package srvsvc_test

import (
	"context"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"github.com/signet-smb/signet/internal/rpc"
	"github.com/signet-smb/signet/internal/rpc/ndr"
	"github.com/signet-smb/signet/internal/rpc/rpctest"
	"github.com/signet-smb/signet/internal/rpc/srvsvc"
)

// administration writes down what is done.
type administration struct{ done []string }

func (a *administration) did(format string, args ...any) error {
	a.done = append(a.done, fmt.Sprintf(format, args...))
	return nil
}

func (a *administration) ShareDetails(context.Context, *rpc.Caller) (map[string]srvsvc.ShareDetails, error) {
	return map[string]srvsvc.ShareDetails{"DATA": {Path: "/srv/data", Security: []byte("security")}}, nil
}

func (a *administration) AddShare(_ context.Context, _ *rpc.Caller, n srvsvc.NewShare) error {
	switch n.Name {
	case "data":
		return fs.ErrExist
	case "forbidden":
		return fs.ErrPermission
	}
	if len(n.Security) == 1 {
		return &srvsvc.MemberError{Member: srvsvc.MemberSecurity, Err: srvsvc.ErrInvalid}
	}
	return a.did("add %s=%s%s", n.Name, n.Path, more(n.Remark, n.MaxUses, n.Security))
}

// more tells of what few shares have.
func more(remark string, uses uint32, security []byte) (text string) {
	if remark != "" {
		text += fmt.Sprintf(", remark %q", remark)
	}
	if uses != 0 {
		text += fmt.Sprintf(", %d users", uses)
	}
	if security != nil {
		text += fmt.Sprintf(", security %q", security)
	}
	return text
}

func (a *administration) SetShare(_ context.Context, _ *rpc.Caller, name string, c srvsvc.ShareChange) error {
	if len(c.Security) == 1 {
		return &srvsvc.MemberError{Member: srvsvc.MemberSecurity, Err: srvsvc.ErrInvalid}
	}
	switch {
	case c.Path != nil:
		return a.did("set %s to %s", name, *c.Path)
	case c.Remark != nil && *c.Remark == "", c.MaxUses != nil && *c.MaxUses == 0:
		return a.did("clear %s", name)
	case c.Remark != nil:
		return a.did("set %s%s", name, more(*c.Remark, 0, c.Security))
	case c.MaxUses != nil:
		return a.did("set %s%s", name, more("", *c.MaxUses, c.Security))
	case c.Security != nil:
		return a.did("set %s%s", name, more("", 0, c.Security))
	}
	return a.did("set %s: encrypt %v", name, c.EncryptData != nil && *c.EncryptData)
}

func (a *administration) RemoveShare(_ context.Context, _ *rpc.Caller, name string) error {
	if name != "data" {
		return fs.ErrNotExist
	}
	return a.did("remove %s", name)
}

func (a *administration) Sessions(context.Context, *rpc.Caller) ([]srvsvc.Session, error) {
	return []srvsvc.Session{{ID: 7, Client: "192.0.2.1:4711", User: "ann"}, {ID: 8, Client: "[2001:db8::1]:99", User: "bob"}}, nil
}

func (a *administration) CloseSession(_ context.Context, _ *rpc.Caller, id uint64) error {
	return a.did("close session %d", id)
}

func (a *administration) Files(context.Context, *rpc.Caller) ([]srvsvc.File, error) {
	return []srvsvc.File{
		{ID: 0x1_0000_0009, Access: 3, Path: "/srv/data/f", Share: "data", User: "ann", Client: "192.0.2.1:4711", Session: 7, Locks: 3},
		{ID: 0x1_0000_000A, Access: 1, Path: "/srv/data", Share: "data", User: "ann", Client: "192.0.2.1:4711", Session: 7},
	}, nil
}

func (a *administration) CloseFile(_ context.Context, _ *rpc.Caller, f srvsvc.File) error {
	return a.did("close file %#x", f.ID)
}

func (a *administration) SetServer(_ context.Context, _ *rpc.Caller, c srvsvc.ServerChange) error {
	if c.Comment == nil {
		return srvsvc.ErrNotSupported
	}
	return a.did("comment %s", *c.Comment)
}

// administer binds as an administrator.
func administer(t testing.TB, a srvsvc.Administration) *rpctest.Client {
	t.Helper()
	e := &rpc.Endpoint{Name: `\PIPE\srvsvc`, NewGroup: func() uint32 { return 1 }, Interfaces: []*rpc.Interface{srvsvc.New(twoShares, a)}}
	caller := &rpc.Caller{Account: "root", Role: func(context.Context) rpc.Role { return rpc.Administrator }}
	return rpctest.Dial(t, rpctest.Local(t, rpc.NewConn(e, caller)), srvsvc.UUID, 3)
}

// request builds parameters behind a ServerName that is null.
func request(build func(*ndr.Writer)) []byte {
	w := ndr.NewWriter()
	w.Pointer(false)
	build(w)
	return w.Finish()
}

// share2 writes a SHARE_INFO_2, and ParmErr behind it.
func share2(w *ndr.Writer, name, remark, path string, uses uint32) {
	w.U32(2)
	w.U32(2)
	w.Pointer(true)
	w.Pointer(true)
	w.U32(0)
	w.Pointer(true)
	w.U32(0)
	w.U32(uses)
	w.U32(0)
	w.Pointer(true)
	w.Pointer(false)
	w.String(name)
	w.String(remark)
	w.String(path)
	w.Pointer(true)
	w.U32(0)
}

// share502 writes a SHARE_INFO_502, or with a server's name a SHARE_INFO_503,
// and ParmErr behind it.
func share502(w *ndr.Writer, name, remark, path, server string, uses uint32, security []byte) {
	level := uint32(502)
	if server != "" {
		level = 503
	}
	w.U32(level)
	w.U32(level)
	w.Pointer(true)
	w.Pointer(true)
	w.U32(0)
	w.Pointer(true)
	w.U32(0)
	w.U32(uses)
	w.U32(0)
	w.Pointer(true)
	w.Pointer(false)
	if server != "" {
		w.Pointer(true)
	}
	w.U32(uint32(len(security)))
	w.Pointer(security != nil)
	w.String(name)
	w.String(remark)
	w.String(path)
	if server != "" {
		w.String(server)
	}
	if security != nil {
		w.Bytes(security)
	}
	w.Pointer(true)
	w.U32(0)
}

// setting writes a level of one member, and a ParmErr that is null.
func setting(name string, level uint32, member func(*ndr.Writer)) []byte {
	return request(func(w *ndr.Writer) {
		w.String(name)
		w.U32(level)
		w.U32(level)
		w.Pointer(true)
		member(w)
		w.Pointer(false)
	})
}

// security writes a SHARE_INFO_1501.
func security(b []byte) func(*ndr.Writer) {
	return func(w *ndr.Writer) {
		w.U32(uint32(len(b)))
		w.Pointer(b != nil)
		if b != nil {
			w.Bytes(b)
		}
	}
}

// enumStart writes an empty container at a level, and what follows it.
func enumStart(w *ndr.Writer, level uint32) {
	w.U32(level)
	w.U32(level)
	w.Pointer(true)
	w.U32(0)
	w.Pointer(false)
	w.U32(0xFFFF_FFFF)
	w.Pointer(true)
	w.U32(0)
}

// optional writes [string, unique] parameters; "" is a null pointer.
func optional(w *ndr.Writer, texts ...string) {
	for _, s := range texts {
		if s == "" {
			w.Pointer(false)
		} else {
			w.UniqueString(s)
		}
	}
}

// changes are requests of administrators with what comes of them.
var changes = []struct {
	name  string
	opnum uint16
	stub  []byte
	want  uint32
	done  string
}{
	{"add", 14, request(func(w *ndr.Writer) { share2(w, "new", "", `C:\srv\new`, 0xFFFF_FFFF) }), 0, "add new=/srv/new"},
	{"add by a host's path", 14, request(func(w *ndr.Writer) { share2(w, "new", "", "/srv/new", 0) }), 0, "add new=/srv/new"},
	{"add what is there", 14, request(func(w *ndr.Writer) { share2(w, "data", "", "/srv", 0) }), 2118, ""},
	{"add what is not allowed", 14, request(func(w *ndr.Writer) { share2(w, "forbidden", "", "/srv", 0) }), 5, ""},
	{"add with a remark", 14, request(func(w *ndr.Writer) { share2(w, "new", "hello", "/srv", 0) }), 0, `add new=/srv, remark "hello"`},
	{"add for ten users", 14, request(func(w *ndr.Writer) { share2(w, "new", "", "/srv", 10) }), 0, "add new=/srv, 10 users"},
	{"add for some", 14, request(func(w *ndr.Writer) { share502(w, "new", "x", "/srv", "", 10, []byte("who")) }), 0, `add new=/srv, remark "x", 10 users, security "who"`},
	{"add for some, of any server", 14, request(func(w *ndr.Writer) { share502(w, "new", "", "/srv", "*", 0, []byte("who")) }), 0, `add new=/srv, security "who"`},
	{"add for all by level 502", 14, request(func(w *ndr.Writer) { share502(w, "new", "", "/srv", "", 0, nil) }), 0, "add new=/srv"},
	{"add with a bad descriptor", 14, request(func(w *ndr.Writer) { share502(w, "new", "", "/srv", "", 0, []byte("?")) }), 87, ""},
	{"add nothing", 14, request(func(w *ndr.Writer) { share502(w, "", "", "/srv", "", 0, nil) }), 87, ""},
	{"set the remark", 17, setting("data", 1004, func(w *ndr.Writer) { w.UniqueString("hello") }), 0, `set data, remark "hello"`},
	{"clear the remark", 17, setting("ipc$", 1004, func(w *ndr.Writer) { w.Pointer(false) }), 0, "clear IPC$"},
	{"set the same remark", 17, setting("ipc$", 1004, func(w *ndr.Writer) { w.UniqueString("Pipes") }), 0, ""},
	{"set a limit", 17, setting("data", 1006, func(w *ndr.Writer) { w.U32(10) }), 0, "set data, 10 users"},
	{"set no limit", 17, setting("data", 1006, func(w *ndr.Writer) { w.U32(0xFFFF_FFFF) }), 0, ""},
	{"set who may", 17, setting("data", 1501, security([]byte("who"))), 0, `set data, security "who"`},
	{"set who may already", 17, setting("data", 1501, security([]byte("security"))), 0, ""},
	{"set a bad descriptor", 17, setting("data", 1501, security([]byte("?"))), 87, ""},
	{"set no descriptor", 17, setting("data", 1501, security(nil)), 87, ""},
	{"set who may by level 502", 17, request(func(w *ndr.Writer) { w.String("data"); share502(w, "data", "", `C:\srv\data`, "", 0, []byte("who")) }), 0, `set data, security "who"`},
	{"set nothing by level 503", 17, request(func(w *ndr.Writer) { w.String("data"); share502(w, "data", "", `C:\srv\data`, "*", 0, nil) }), 0, ""},
	{"set the path", 17, request(func(w *ndr.Writer) { w.String("DATA"); share2(w, "data", "", `C:\srv\other`, 0) }), 0, "set data to /srv/other"},
	{"set nothing", 17, request(func(w *ndr.Writer) { w.String("data"); share2(w, "data", "", `C:\srv\data`, 0) }), 0, ""},
	{"set encryption", 17, request(func(w *ndr.Writer) {
		w.String("data")
		w.U32(1005)
		w.U32(1005)
		w.Pointer(true)
		w.U32(0x8000)
		w.Pointer(false)
	}), 0, "set data: encrypt true"},
	{"set caching", 17, request(func(w *ndr.Writer) {
		w.String("data")
		w.U32(1005)
		w.U32(1005)
		w.Pointer(true)
		w.U32(0x30)
		w.Pointer(false)
	}), 50, ""},
	{"set what is not", 17, request(func(w *ndr.Writer) { w.String("none"); share2(w, "none", "", "/", 0) }), 2310, ""},
	{"remove", 18, request(func(w *ndr.Writer) { w.String("data"); w.U32(0) }), 0, "remove data"},
	{"remove what is not", 19, request(func(w *ndr.Writer) { w.String("none"); w.U32(0) }), 2310, ""},
	{"end a client's sessions", 13, request(func(w *ndr.Writer) { optional(w, `\\192.0.2.1`, "") }), 0, "close session 7"},
	{"end a user's sessions", 13, request(func(w *ndr.Writer) { optional(w, "", "BOB") }), 0, "close session 8"},
	{"end a user's session at a client", 13, request(func(w *ndr.Writer) { optional(w, `\\2001:db8::1`, "bob") }), 0, "close session 8"},
	{"end nobody's session", 13, request(func(w *ndr.Writer) { optional(w, "", "eve") }), 2312, ""},
	{"end all sessions", 13, request(func(w *ndr.Writer) { optional(w, "", "") }), 87, ""},
	{"close a file", 11, request(func(w *ndr.Writer) { w.U32(9) }), 0, "close file 0x100000009"},
	{"close what is not open", 11, request(func(w *ndr.Writer) { w.U32(8) }), 2314, ""},
	{"set the comment", 22, request(func(w *ndr.Writer) {
		w.U32(1005)
		w.U32(1005)
		w.Pointer(true)
		w.UniqueString("files")
		w.Pointer(false)
	}), 0, "comment files"},
	{"list sessions", 12, request(func(w *ndr.Writer) { optional(w, "", ""); enumStart(w, 502) }), 0, ""},
	{"list files", 9, request(func(w *ndr.Writer) { optional(w, "", ""); enumStart(w, 3) }), 0, ""},
	{"describe a file", 10, request(func(w *ndr.Writer) { w.U32(9); w.U32(3) }), 0, ""},
	{"list connections", 8, request(func(w *ndr.Writer) { optional(w, "data"); enumStart(w, 1) }), 0, ""},
	{"list connections of nothing", 8, request(func(w *ndr.Writer) { optional(w, ""); enumStart(w, 1) }), 87, ""},
}

func TestAdministratorsChangeWhatTheyAskFor(t *testing.T) {
	for _, c := range changes {
		a := new(administration)
		got, fault := administer(t, a).Call(c.opnum, c.stub)
		if fault != 0 || lastStatus(t, got) != c.want || strings.Join(a.done, "; ") != c.done {
			t.Errorf("%s: fault %v, %x, done %q; want status %d, %q", c.name, rpc.Fault(fault), got, a.done, c.want, c.done)
		}
	}
}

func TestTheMemberThatIsWrongIsTold(t *testing.T) {
	for name, want := range map[string]uint32{"add with a bad descriptor": 501, "add nothing": 1, "add what is there": 0} {
		for _, c := range changes {
			if c.name != name {
				continue
			}
			got, fault := administer(t, new(administration)).Call(c.opnum, c.stub)
			r := ndr.NewReader(got)
			if there := r.Pointer(); fault != 0 || !there || r.U32() != want || r.U32() != c.want {
				t.Errorf("%s: fault %v, %x; want ParmErr %d, status %d", name, rpc.Fault(fault), got, want, c.want)
			}
		}
	}
}

// connections reads an answer of NetrConnectionEnum at level 1.
func connections(t *testing.T, stub []byte) (list []string) {
	t.Helper()
	r := ndr.NewReader(stub)
	r.Switch(1)
	r.Switch(1)
	r.Pointer()
	n := int(r.U32())
	if r.Pointer() {
		r.Count(100, 28)
	}
	numbers := make([][5]uint32, n)
	for i := range n {
		for j := range 5 {
			numbers[i][j] = r.U32()
		}
		r.Pointer()
		r.Pointer()
	}
	for i := range n {
		list = append(list, fmt.Sprint(numbers[i], r.String(100), " ", r.String(100)))
	}
	if r.U32() != uint32(n) || r.Err() != nil {
		t.Errorf("%v, total differs from %d in %x", r.Err(), n, stub)
	}
	return list
}

// TestConnectionsAreTreeConnects: an id, a type, opens, users, and seconds of
// each; whether anything is open there does not matter.
func TestConnectionsAreTreeConnects(t *testing.T) {
	for qualifier, want := range map[string]string{
		"DATA":        "[1 0 2 1 60]ann 192.0.2.1; [3 0 0 1 0]bob 2001:db8::1",
		`\\192.0.2.1`: "[1 0 2 1 60]ann data; [2 3 1 1 3]ann IPC$",
		"none":        "",
		`\\192.0.2.2`: "",
	} {
		stub, fault := administer(t, new(administration)).Call(8, request(func(w *ndr.Writer) { optional(w, qualifier); enumStart(w, 1) }))
		if got := strings.Join(connections(t, stub), "; "); fault != 0 || got != want {
			t.Errorf("%s: fault %v, %s; want %s", qualifier, rpc.Fault(fault), got, want)
		}
	}
}

func TestTheLocksOfAnOpenAreCounted(t *testing.T) {
	stub, fault := administer(t, new(administration)).Call(10, request(func(w *ndr.Writer) { w.U32(9); w.U32(3) }))
	r := ndr.NewReader(stub)
	r.Switch(3)
	if there := r.Pointer(); fault != 0 || !there || r.U32() != 9 || r.U32() != 3 || r.U32() != 3 {
		t.Errorf("fault %v, %x; want file 9, to read and write, 3 locks", rpc.Fault(fault), stub)
	}
}

func TestNoPrefixOfAChangeChangesAnything(t *testing.T) {
	for _, c := range changes {
		a := new(administration)
		client := administer(t, a)
		for n := range c.stub {
			if _, fault := client.Call(c.opnum, c.stub[:n]); rpc.Fault(fault) != rpc.FaultBadStub || len(a.done) > 0 {
				t.Errorf("%s, %d of %d bytes: fault %v, done %q", c.name, n, len(c.stub), rpc.Fault(fault), a.done)
			}
		}
	}
}

func TestPathsAndAccessAreForThoseWithARole(t *testing.T) {
	for role, want := range map[rpc.Role]bool{rpc.User: false, rpc.Viewer: true} {
		e := &rpc.Endpoint{NewGroup: func() uint32 { return 1 }, Interfaces: []*rpc.Interface{srvsvc.New(twoShares, new(administration))}}
		caller := &rpc.Caller{Role: func(context.Context) rpc.Role { return role }}
		client := rpctest.Dial(t, rpctest.Local(t, rpc.NewConn(e, caller)), srvsvc.UUID, 3)
		stub, fault := client.Call(shareGetInfo, infoRequest("data", 502))
		told := strings.Contains(string(stub), "security") && strings.Contains(string(stub), "C\x00:\x00\\\x00s\x00r\x00v\x00")
		if fault != 0 || told != want {
			t.Errorf("%v: fault %#x, path and access told: %v; want %v", role, fault, told, want)
		}
	}
}

func TestPathsHaveTypes(t *testing.T) {
	for _, c := range []struct {
		path string
		old  uint32
		want [2]uint32 // type, status
	}{
		{`C:`, 0, [2]uint32{16384, 0}},
		{`c:\dir`, 0, [2]uint32{8198, 0}},
		{`c:\dir\*.txt`, 0, [2]uint32{8199, 0}},
		{`\dir`, 0, [2]uint32{8194, 0}},
		{`\dir?`, 0, [2]uint32{8195, 0}},
		{`dir\file`, 0, [2]uint32{8192, 0}},
		{`dir\f*`, 0, [2]uint32{8193, 0}},
		{`\\server`, 0, [2]uint32{4144, 0}},
		{`\\*`, 0, [2]uint32{4145, 0}},
		{`\\server\share`, 0, [2]uint32{4096, 0}},
		{`\\server\sh*`, 0, [2]uint32{4097, 0}},
		{`\\.\pipe`, 0, [2]uint32{8198, 0}},
		{`\\.`, 0, [2]uint32{0, 123}},
		{`lpt1:`, 0, [2]uint32{16400, 0}},
		{`\DEV\COM12`, 0, [2]uint32{16416, 0}},
		{`\DEV\X`, 0, [2]uint32{0, 123}},
		{`a|b`, 0, [2]uint32{0, 123}},
		{``, 0, [2]uint32{0, 123}},
		{strings.Repeat("x", 261), 0, [2]uint32{0, 123}},
		{`dir.long`, 1, [2]uint32{0, 123}},
		{`dir.txt`, 1, [2]uint32{8192, 0}},
		{`dir`, 2, [2]uint32{0, 87}},
	} {
		stub, fault := administer(t, nil).Call(30, request(func(w *ndr.Writer) { w.String(c.path); w.U32(c.old) }))
		r := ndr.NewReader(stub)
		if got := [2]uint32{r.U32(), r.U32()}; fault != 0 || got != c.want {
			t.Errorf("%q, flags %d: fault %#x, %v; want %v", c.path, c.old, fault, got, c.want)
		}
	}
}
