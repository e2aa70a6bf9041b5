package srvsvc_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/signet-smb/signet/internal/rpc"
	"github.com/signet-smb/signet/internal/rpc/ndr"
	"github.com/signet-smb/signet/internal/rpc/rpctest"
	"github.com/signet-smb/signet/internal/rpc/srvsvc"
)

// Vectors are laid out by hand from the IDL of [MS-SRVS] 6; Samba 4.17's
// ndrdump reads those of the answers as they are meant.

// server is a server with the given shares.
type server struct{ shares []srvsvc.Share }

func (server) Name() string             { return "SIGNET" }
func (server) Comment() string          { return "Ä" }
func (server) Hidden() bool             { return true }
func (server) IdleMinutes() uint32      { return 15 }
func (server) Started() time.Time       { return time.Now().Add(-90 * time.Second) }
func (s server) Shares() []srvsvc.Share { return slices.Clone(s.shares) }

// TreeConnects are two of ann's, of which one has nothing open, and one of bob's.
func (server) TreeConnects() []srvsvc.TreeConnect {
	return []srvsvc.TreeConnect{
		{ID: 1, Session: 7, Share: "data", User: "ann", Client: "192.0.2.1:4711", Opens: 2, Seconds: 60},
		{ID: 2, Session: 7, Share: "IPC$", Type: srvsvc.TypeIPC, User: "ann", Client: "192.0.2.1:4711", Opens: 1, Seconds: 3},
		{ID: 1, Session: 8, Share: "data", User: "bob", Client: "[2001:db8::1]:99"},
	}
}

// twoShares is what the vectors show.
var twoShares = server{[]srvsvc.Share{
	{Name: "IPC$", Type: srvsvc.TypeIPC | srvsvc.TypeSpecial, Remark: "Pipes", Flags: srvsvc.CacheNone},
	{Name: "data", CurrentUses: 2},
}}

// pipe carries PDUs to a connection of its own.
type pipe struct {
	t    testing.TB
	conn *rpc.Conn
}

func (p pipe) Send(pdu []byte) {
	p.t.Helper()
	if err := p.conn.Write(context.Background(), pdu); err != nil {
		p.t.Fatal(err)
	}
}

func (p pipe) Receive() []byte { return p.conn.Read() }

// dial binds to srvsvc.
func dial(t testing.TB, s srvsvc.Server, caller rpc.Caller) *rpctest.Client {
	t.Helper()
	e := &rpc.Endpoint{Name: `\PIPE\srvsvc`, NewGroup: func() uint32 { return 1 }, Interfaces: []*rpc.Interface{srvsvc.New(s, nil)}}
	return rpctest.Dial(t, pipe{t, rpc.NewConn(e, &caller)}, srvsvc.UUID, 3)
}

// unhex reads hexadecimal; what stands behind a semicolon is a remark.
func unhex(t testing.TB, text string) []byte {
	t.Helper()
	var out []byte
	for line := range strings.Lines(text) {
		digits, _, _ := strings.Cut(line, ";")
		b, err := hex.DecodeString(strings.Join(strings.Fields(digits), ""))
		if err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		out = append(out, b...)
	}
	return out
}

// Opnums.
const (
	shareEnum       = 15
	shareEnumSticky = 36
	shareGetInfo    = 16
	serverGetInfo   = 21
	remoteTOD       = 28
)

const serverNameX = `
	00000200                             ; ServerName
	04000000 00000000 04000000 5c005c0078000000 ; \\x`

// enumRequest is a NetrShareEnum request as clients send it.
func enumRequest(level, preferred uint32, resume *uint32) []byte {
	w := ndr.NewWriter()
	w.UniqueString(`\\127.0.0.1`)
	w.U32(level)
	w.U32(level)
	w.Pointer(true)
	w.U32(0)
	w.Pointer(false)
	w.U32(preferred)
	w.Pointer(resume != nil)
	if resume != nil {
		w.U32(*resume)
	}
	return w.Finish()
}

// infoRequest is a NetrShareGetInfo request.
func infoRequest(name string, level uint32) []byte {
	w := ndr.NewWriter()
	w.UniqueString(`\\127.0.0.1`)
	w.String(name)
	w.U32(level)
	return w.Finish()
}

// serverRequest is a NetrServerGetInfo request.
func serverRequest(name string, level uint32) []byte {
	w := ndr.NewWriter()
	w.UniqueString(name)
	w.U32(level)
	return w.Finish()
}

// lastStatus is the NET_API_STATUS that an answer ends with.
func lastStatus(t testing.TB, stub []byte) uint32 {
	t.Helper()
	if len(stub) < 4 {
		t.Fatalf("answer of %d bytes", len(stub))
	}
	return ndr.NewReader(stub[len(stub)-4:]).U32()
}

func TestAnswersAreLaidOutAsTheIDLSays(t *testing.T) {
	for _, c := range []struct {
		name            string
		opnum           uint16
		request, answer string
	}{
		{"NetrShareEnum, level 1", shareEnum, serverNameX + `
			01000000 01000000                    ; Level, discriminant
			04000200                             ; Level1
			00000000 00000000                    ; EntriesRead, Buffer
			ffffffff                             ; PreferedMaximumLength
			08000200 00000000                    ; ResumeHandle`, `
			01000000 01000000                    ; Level, discriminant
			00000200                             ; Level1
			02000000 04000200                    ; EntriesRead, Buffer
			02000000                             ; maximum count
			08000200 03000080 0c000200           ; netname, STYPE_IPC and STYPE_SPECIAL, remark
			10000200 00000000 14000200
			05000000 00000000 05000000 490050004300240000000000 ; "IPC$", padding
			06000000 00000000 06000000 50006900700065007300 0000 ; "Pipes"
			05000000 00000000 05000000 640061007400610000000000 ; "data", padding
			01000000 00000000 01000000 0000 0000 ; "", padding
			02000000                             ; TotalEntries
			18000200 00000000                    ; ResumeHandle
			00000000                             ; NERR_Success`},
		{"NetrShareGetInfo, level 502", shareGetInfo, serverNameX + `
			05000000 00000000 05000000 440041005400410000000000 ; NetName "DATA", padding
			f6010000                             ; Level`, `
			f6010000                             ; discriminant
			00000200                             ; ShareInfo502
			04000200 00000000 08000200           ; netname, STYPE_DISKTREE, remark
			00000000 ffffffff 02000000           ; permissions, max_uses, current_uses
			0c000200 00000000                    ; path, passwd
			00000000 00000000                    ; reserved, security_descriptor
			05000000 00000000 05000000 640061007400610000000000 ; "data", padding
			01000000 00000000 01000000 0000 0000 ; "", padding
			01000000 00000000 01000000 0000 0000 ; "", padding
			00000000                             ; NERR_Success`},
		{"NetrShareGetInfo, level 1005", shareGetInfo, `
			00000000                             ; no ServerName
			05000000 00000000 05000000 490050004300240000000000 ; NetName "IPC$", padding
			ed030000                             ; Level`, `
			ed030000                             ; discriminant
			00000200                             ; ShareInfo1005
			30000000                             ; CSC_CACHE_NONE
			00000000                             ; NERR_Success`},
		{"NetrServerGetInfo, level 101", serverGetInfo, `
			00000000                             ; no ServerName
			65000000                             ; Level`, `
			65000000                             ; discriminant
			00000200                             ; ServerInfo101
			f4010000 04000200                    ; PLATFORM_ID_NT, name
			0a000000 00000000 02900000           ; 10.0, SERVER, NT, SERVER_NT
			08000200                             ; comment
			07000000 00000000 07000000 5300490047004e00450054000000 0000 ; "SIGNET", padding
			02000000 00000000 02000000 c4000000  ; "Ä"
			00000000                             ; NERR_Success`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, fault := dial(t, twoShares, rpc.Caller{}).Call(c.opnum, unhex(t, c.request))
			if want := unhex(t, c.answer); fault != 0 || !bytes.Equal(got, want) {
				t.Errorf("fault %v, answer\n     %x\nwant %x", rpc.Fault(fault), got, want)
			}
		})
	}
}

func TestEveryStrictPrefixOfARequestIsBadStubData(t *testing.T) {
	zero := uint32(0)
	for _, c := range []struct {
		name  string
		opnum uint16
		stub  []byte
	}{
		{"NetrShareEnum", shareEnum, enumRequest(502, 0xFFFF_FFFF, &zero)},
		{"NetrShareGetInfo", shareGetInfo, infoRequest("data", 1)},
		{"NetrServerGetInfo", serverGetInfo, serverRequest(`\\x`, 101)},
	} {
		client := dial(t, twoShares, rpc.Caller{})
		for n := range c.stub {
			if _, fault := client.Call(c.opnum, c.stub[:n]); rpc.Fault(fault) != rpc.FaultBadStub {
				t.Errorf("%s, %d of %d bytes: fault %v, want RPC_X_BAD_STUB_DATA", c.name, n, len(c.stub), rpc.Fault(fault))
			}
		}
		if got, fault := client.Call(c.opnum, c.stub); fault != 0 || lastStatus(t, got) != 0 {
			t.Errorf("%s whole: fault %v, answer %x", c.name, rpc.Fault(fault), got)
		}
	}
}

func TestEntriesOnTheWayInAreRefused(t *testing.T) {
	stub := unhex(t, `
		00000000
		01000000 01000000 00000200
		01000000 04000200
		01000000 00000000 00000000 00000000  ; one SHARE_INFO_1
		ffffffff 00000000`)
	if _, fault := dial(t, twoShares, rpc.Caller{}).Call(shareEnum, stub); rpc.Fault(fault) != rpc.FaultBadStub {
		t.Errorf("fault %v, want RPC_X_BAD_STUB_DATA", rpc.Fault(fault))
	}
}

// TestErrorsAreTold: 5 ERROR_ACCESS_DENIED, 87 ERROR_INVALID_PARAMETER, 124
// ERROR_INVALID_LEVEL, 50 ERROR_NOT_SUPPORTED, 2123 NERR_BufTooSmall, 2310
// NERR_NetNameNotFound.
func TestErrorsAreTold(t *testing.T) {
	user, nobody := rpc.Caller{Account: "alice"}, rpc.Caller{Anonymous: true}
	admin := rpc.Caller{Account: "root", Role: func(context.Context) rpc.Role { return rpc.Administrator }}
	all := uint32(0xFFFF_FFFF)
	for _, c := range []struct {
		name   string
		caller rpc.Caller
		opnum  uint16
		stub   []byte
		want   uint32
		size   int // of the answer, bytes; 0: any
	}{
		{"shares at an unknown level", user, shareEnum, enumRequest(3, all, nil), 124, 20},
		{"shares at a level of NetrShareGetInfo's", user, shareEnum, enumRequest(1501, all, nil), 124, 20},
		{"shares at a level of Samba's", user, shareEnum, enumRequest(1005, all, nil), 124, 24},
		{"sticky shares at level 501", user, shareEnumSticky, enumRequest(501, all, nil), 124, 24},
		{"shares at level 2 to nobody", nobody, shareEnum, enumRequest(2, all, nil), 5, 0},
		{"shares at level 1 to nobody", nobody, shareEnum, enumRequest(1, all, nil), 0, 0},
		{"shares in no room", user, shareEnum, enumRequest(1, 10, nil), 2123, 0},
		{"a share at an unknown level", user, shareGetInfo, infoRequest("data", 3), 124, 8},
		{"a share that is not", user, shareGetInfo, infoRequest("dat", 1), 2310, 12},
		{"a share without name", user, shareGetInfo, infoRequest("", 1), 87, 12},
		{"a share at level 502 to nobody", nobody, shareGetInfo, infoRequest("data", 502), 5, 12},
		{"a share at level 1 to nobody", nobody, shareGetInfo, infoRequest("data", 1), 0, 0},
		{"a share's limit to nobody", nobody, shareGetInfo, infoRequest("data", 1006), 5, 12},
		{"a share's limit", user, shareGetInfo, infoRequest("data", 1006), 0, 16},
		{"a share's remark to nobody", nobody, shareGetInfo, infoRequest("IPC$", 1004), 0, 40},
		{"a share at Samba's own level", user, shareGetInfo, infoRequest("data", 1007), 0, 36},
		{"the server at an unknown level", user, serverGetInfo, serverRequest("x", 104), 124, 8},
		{"the server at a level that is not told", user, serverGetInfo, serverRequest("x", 503), 124, 12},
		{"the server at a level that is only set", user, serverGetInfo, serverRequest("x", 1005), 124, 12},
		{"a device", user, 20, infoRequest(`C:\\`, 0), 2311, 8},
		{"the server at level 102 to nobody", nobody, serverGetInfo, serverRequest("x", 102), 5, 12},
		{"the server at level 102", user, serverGetInfo, serverRequest("x", 102), 0, 0},
		{"a server's name that is too long", user, serverGetInfo, serverRequest(strings.Repeat("x", 1024), 101), 87, 12},
		{"an opnum that is not used", user, 0, nil, 50, 4},
		{"deleting a share where nobody administers", admin, 18, infoRequest("data", 0), 50, 4},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, fault := dial(t, twoShares, c.caller).Call(c.opnum, c.stub)
			if fault != 0 || lastStatus(t, got) != c.want || c.size != 0 && len(got) != c.size {
				t.Errorf("fault %v, answer %x; want status %d, size %d", rpc.Fault(fault), got, c.want, c.size)
			}
		})
	}
}

func TestMethodsWithResultsThatAreNotOfferedAreOutOfRange(t *testing.T) {
	client := dial(t, twoShares, rpc.Caller{})
	for _, opnum := range []uint16{24, 26, 31, 39, 55, 58, 200} {
		if got, fault := client.Call(opnum, nil); rpc.Fault(fault) != rpc.FaultOperationRange {
			t.Errorf("opnum %d: fault %v, answer %x; want nca_op_rng_error", opnum, rpc.Fault(fault), got)
		}
	}
}

func TestEveryOpnumHasARow(t *testing.T) {
	table := srvsvc.New(twoShares, nil).Operations
	if len(table) != 58 { // [MS-SRVS] 3.1.4: 0 to 57
		t.Fatalf("%d rows, want 58", len(table))
	}
	for opnum, row := range table {
		if row.Name == "" || row.Section == "" {
			t.Errorf("opnum %d: %+v has no name or no section", opnum, row)
		}
	}
}

// entries reads the names in an answer of level 1, and what follows them.
func entries(t *testing.T, stub []byte) (names []string, total, resume, status uint32) {
	t.Helper()
	r := ndr.NewReader(stub)
	r.Switch(1)
	r.Switch(1)
	if !r.Pointer() {
		t.Fatalf("no container in %x", stub)
	}
	n := int(r.U32())
	if r.Pointer() {
		if got := r.Count(10_000, 12); got != n {
			t.Fatalf("EntriesRead %d, maximum count %d", n, got)
		}
		for range n {
			r.Pointer()
			r.U32()
			r.Pointer()
		}
		for range n {
			names = append(names, r.String(80))
			r.String(256)
		}
	}
	total = r.U32()
	if r.Pointer() {
		resume = r.U32()
	}
	status = r.U32()
	if r.Err() != nil || r.Len() != 0 || len(names) != n {
		t.Fatalf("answer %x: %v, %d bytes left", stub, r.Err(), r.Len())
	}
	return names, total, resume, status
}

func TestAnEnumerationIsResumedWhereItStopped(t *testing.T) {
	for _, c := range []struct {
		shares    int
		preferred uint32
	}{{50, 70}, {300, 1000}, {5000, 0xFFFF_FFFF}} {
		var many server
		for i := range c.shares {
			many.shares = append(many.shares, srvsvc.Share{Name: fmt.Sprintf("share%04d", i)})
		}
		preferred := c.preferred
		client := dial(t, many, rpc.Caller{})
		resume, seen := uint32(0), 0
		for {
			stub, fault := client.Call(shareEnum, enumRequest(1, preferred, &resume))
			if fault != 0 {
				t.Fatalf("room for %d: fault %v", preferred, rpc.Fault(fault))
			}
			names, total, next, status := entries(t, stub)
			if int(total) != len(many.shares)-seen || len(names) == 0 {
				t.Fatalf("room for %d, resumed at %d: %d entries, TotalEntries %d", preferred, resume, len(names), total)
			}
			for _, name := range names {
				if want := many.shares[seen].Name; name != want {
					t.Fatalf("room for %d: entry %d is %q, want %q", preferred, seen, name, want)
				}
				seen++
			}
			if status == 0 {
				break
			}
			if status != 234 || int(next) != seen {
				t.Fatalf("room for %d: status %d, resume handle %d after %d entries; want ERROR_MORE_DATA", preferred, status, next, seen)
			}
			resume = next
		}
		if seen != len(many.shares) {
			t.Errorf("room for %d: %d shares, want %d", preferred, seen, len(many.shares))
		}
		resume = uint32(len(many.shares))
		stub, _ := client.Call(shareEnum, enumRequest(1, preferred, &resume))
		if names, total, _, status := entries(t, stub); len(names) != 0 || total != 0 || status != 0 {
			t.Errorf("resumed behind the end: %d entries of %d, status %d; want none, success", len(names), total, status)
		}
	}
}

func TestStickySharesAreThoseOfPeople(t *testing.T) {
	stub, fault := dial(t, twoShares, rpc.Caller{}).Call(shareEnumSticky, enumRequest(1, 0xFFFF_FFFF, nil))
	if fault != 0 {
		t.Fatalf("fault %v", rpc.Fault(fault))
	}
	if names, total, _, status := entries(t, stub); !slices.Equal(names, []string{"data"}) || total != 1 || status != 0 {
		t.Errorf("sticky shares %q of %d, status %d; want data", names, total, status)
	}
}

func TestTheServerGoesByTheNameItWasAskedBy(t *testing.T) {
	stub, _ := dial(t, twoShares, rpc.Caller{}).Call(serverGetInfo, serverRequest(`\\files.example`, 100))
	r := ndr.NewReader(stub)
	r.Switch(100)
	r.Pointer()
	platform, _, name := r.U32(), r.Pointer(), r.String(100)
	if platform != 500 || name != "files.example" || r.Err() != nil {
		t.Errorf("platform %d, name %q, err %v; want 500, files.example", platform, name, r.Err())
	}
}

func TestTheTimeIsToldInItsParts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // begins at midnight, 1 January 2000, a Saturday
		time.Sleep(13*time.Hour + 37*time.Minute + 42*time.Second + 250*time.Millisecond)
		stub, fault := dial(t, twoShares, rpc.Caller{}).Call(remoteTOD, unhex(t, "00000000"))
		r := ndr.NewReader(stub)
		r.Pointer()
		var got [12]uint32
		for i := range got {
			got[i] = r.U32()
		}
		_, east := time.Now().Zone()
		want := [12]uint32{946684800 + 49062, 90_000, 13, 37, 42, 25, uint32(-east / 60), 310, 1, 1, 2000, 6}
		if fault != 0 || got != want || r.U32() != 0 || r.Len() != 0 || r.Err() != nil {
			t.Errorf("fault %v, time %v, want %v", rpc.Fault(fault), got, want)
		}
	})
}

// FuzzMethods calls every method with any parameters: it is answered, by
// results or by a fault, and nothing panics.
func FuzzMethods(f *testing.F) {
	zero := uint32(0)
	for _, level := range []uint32{0, 1, 2, 501, 502, 503, 1005, 7} {
		f.Add(uint16(shareEnum), enumRequest(level, 0xFFFF_FFFF, &zero))
		f.Add(uint16(shareGetInfo), infoRequest("data", level))
	}
	for _, level := range []uint32{100, 101, 102, 103} {
		f.Add(uint16(serverGetInfo), serverRequest(`\\x`, level))
	}
	f.Add(uint16(remoteTOD), unhex(f, "00000000"))
	for _, c := range changes {
		f.Add(c.opnum, c.stub)
	}
	f.Fuzz(func(t *testing.T, opnum uint16, stub []byte) {
		if len(stub) > 4096 {
			return
		}
		got, fault := administer(t, new(administration)).Call(opnum, stub)
		if fault == 0 && len(got) < 4 {
			t.Fatalf("opnum %d, %x: %x is no answer", opnum, stub, got)
		}
		if fault := rpc.Fault(fault); fault != 0 && fault != rpc.FaultBadStub && fault != rpc.FaultOperationRange && fault != rpc.FaultAccessDenied {
			t.Fatalf("opnum %d, %x: fault %v", opnum, stub, fault)
		}
	})
}
