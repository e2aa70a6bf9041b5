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

func (a *administration) AddShare(_ context.Context, _ *rpc.Caller, name, path string) error {
	switch name {
	case "data":
		return fs.ErrExist
	case "forbidden":
		return fs.ErrPermission
	}
	return a.did("add %s=%s", name, path)
}

func (a *administration) SetShare(_ context.Context, _ *rpc.Caller, name string, c srvsvc.ShareChange) error {
	if c.Path != nil {
		return a.did("set %s to %s", name, *c.Path)
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
		{ID: 0x1_0000_0009, Access: 3, Path: "/srv/data/f", Share: "data", User: "ann", Client: "192.0.2.1:4711", Session: 7},
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
	{"add with a remark", 14, request(func(w *ndr.Writer) { share2(w, "new", "hello", "/srv", 0) }), 50, ""},
	{"add for ten users", 14, request(func(w *ndr.Writer) { share2(w, "new", "", "/srv", 10) }), 50, ""},
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
