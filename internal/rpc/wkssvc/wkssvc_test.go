package wkssvc_test

import (
	"context"
	"testing"

	"github.com/signet-smb/signet/internal/rpc"
	"github.com/signet-smb/signet/internal/rpc/ndr"
	"github.com/signet-smb/signet/internal/rpc/rpctest"
	"github.com/signet-smb/signet/internal/rpc/wkssvc"
)

// workstation is a machine's name.
type workstation string

func (w workstation) Name() string { return string(w) }

func dial(t testing.TB, role rpc.Role) *rpctest.Client {
	t.Helper()
	e := &rpc.Endpoint{Name: `\PIPE\wkssvc`, NewGroup: func() uint32 { return 1 }, Interfaces: []*rpc.Interface{wkssvc.New(workstation("HOST"))}}
	caller := &rpc.Caller{Role: func(context.Context) rpc.Role { return role }}
	return rpctest.Dial(t, rpctest.Local(t, rpc.NewConn(e, caller)), wkssvc.UUID, 1)
}

// info is NetrWkstaGetInfo at a level.
func info(level uint32) []byte {
	w := ndr.NewWriter()
	w.UniqueString(`\\host`)
	w.U32(level)
	return w.Finish()
}

// enum is an enumeration at a level.
func enum(level uint32) []byte {
	w := ndr.NewWriter()
	w.Pointer(false)
	w.U32(level)
	w.U32(level)
	w.Pointer(true)
	w.U32(0)
	w.Pointer(false)
	w.U32(1000)
	w.Pointer(true)
	w.U32(0)
	return w.Finish()
}

// join is NetrGetJoinInformation.
func join() []byte {
	w := ndr.NewWriter()
	w.Pointer(false)
	w.Pointer(false)
	return w.Finish()
}

// last is the status that an answer ends with.
func last(t *testing.T, stub []byte) uint32 {
	t.Helper()
	if len(stub) < 4 {
		t.Fatalf("answer %x", stub)
	}
	return ndr.NewReader(stub[len(stub)-4:]).U32()
}

func TestLevelsAreToldToWhoMayKnow(t *testing.T) {
	for level, want := range map[uint32][2]uint32{ // to a user, to a viewer
		100: {0, 0}, 101: {0, 0}, 102: {5, 0}, 502: {5, 0}, 99: {124, 124},
	} {
		for i, role := range []rpc.Role{rpc.User, rpc.Viewer} {
			got, fault := dial(t, role).Call(0, info(level))
			if fault != 0 || last(t, got) != want[i] {
				t.Errorf("level %d as %v: fault %#x, %x; want status %d", level, role, fault, got, want[i])
			}
		}
	}
}

func TestTheMachineSaysItsNameAndWorkgroup(t *testing.T) {
	got, _ := dial(t, rpc.User).Call(0, info(101))
	r := ndr.NewReader(got)
	r.Switch(101)
	r.Pointer()
	platform := r.U32()
	r.Pointer()
	r.Pointer()
	major, minor := r.U32(), r.U32()
	r.Pointer()
	name, group, root := r.String(100), r.String(100), r.String(100)
	if platform != 500 || major != 10 || minor != 0 || name != "HOST" || group != "WORKGROUP" || root != "" || r.U32() != 0 || r.Len() != 0 || r.Err() != nil {
		t.Errorf("answer %x: %d, %d.%d, %q, %q, %v", got, platform, major, minor, name, group, r.Err())
	}
}

func TestEveryStrictPrefixOfARequestIsBadStubData(t *testing.T) {
	c := dial(t, rpc.Viewer)
	for _, row := range []struct {
		opnum uint16
		stub  []byte
	}{{0, info(100)}, {2, enum(1)}, {5, enum(0)}, {20, join()}} {
		for n := range row.stub {
			if _, fault := c.Call(row.opnum, row.stub[:n]); rpc.Fault(fault) != rpc.FaultBadStub {
				t.Errorf("opnum %d, %d of %d bytes: fault %v", row.opnum, n, len(row.stub), rpc.Fault(fault))
			}
		}
		if got, fault := c.Call(row.opnum, row.stub); fault != 0 || last(t, got) != 0 {
			t.Errorf("opnum %d whole: fault %v, %x", row.opnum, rpc.Fault(fault), got)
		}
	}
	if got, fault := c.Call(2, enum(7)); fault != 0 || last(t, got) != 124 {
		t.Errorf("unknown level: fault %#x, %x", fault, got)
	}
}

// FuzzMethods calls every method with any parameters: it is answered, and
// nothing panics.
func FuzzMethods(f *testing.F) {
	for _, level := range []uint32{100, 101, 102, 502, 7} {
		f.Add(uint16(0), info(level))
	}
	f.Add(uint16(2), enum(1))
	f.Add(uint16(5), enum(0))
	f.Add(uint16(20), join())
	f.Fuzz(func(t *testing.T, opnum uint16, stub []byte) {
		if len(stub) > 4096 {
			return
		}
		if got, fault := dial(t, rpc.Viewer).Call(opnum, stub); fault == 0 && len(got) < 4 {
			t.Fatalf("opnum %d, %x: %x is no answer", opnum, stub, got)
		}
	})
}
