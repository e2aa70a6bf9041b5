package rpc_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"testing"

	"github.com/signet-smb/signet/internal/rpc"
	"github.com/signet-smb/signet/internal/rpc/rpctest"
)

// array is a stub with one conformant array of n bytes.
func array(n int) []byte {
	stub := binary.LittleEndian.AppendUint32(nil, uint32(n))
	for i := range n {
		stub = append(stub, byte(i*7))
	}
	return stub
}

func u32(v uint32) []byte { return binary.LittleEndian.AppendUint32(nil, v) }

func TestParametersOfAllSizesComeBack(t *testing.T) {
	p := newPeer(t)
	c := rpctest.Dial(t, p, testUUID, testVersion)
	for _, n := range []int{0, 1, 100, 4251, 4252, 4253, 8508, 50_000, rpc.MaxStub - 4} {
		stub := array(n)
		got, fault := c.Call(opEcho, stub)
		if fault != 0 || !bytes.Equal(got, stub) {
			t.Errorf("%d bytes: fault %v, %d bytes came back, want the same", n, rpc.Fault(fault), len(got))
		}
	}
	p.silent()
}

func TestWritesMayCutTheStreamAnywhere(t *testing.T) {
	stub := array(50)
	stream := rpctest.PDU(rpctest.Header{Kind: rpctest.Bind, Flags: whole, CallID: 1}, rpctest.BindBody(t, 4280, 0, ndr20(0)))
	stream = append(stream, rpctest.PDU(rpctest.Header{Kind: rpctest.Request, Flags: rpctest.First, CallID: 2}, rpctest.RequestBody(0, opEcho, stub[:20]))...)
	stream = append(stream, rpctest.PDU(rpctest.Header{Kind: rpctest.Request, Flags: rpctest.Last, CallID: 2}, rpctest.RequestBody(0, opEcho, stub[20:]))...)
	for _, step := range []int{1, 2, 7, 16, 17, 71, 72, 73, len(stream)} {
		p := newPeer(t)
		for rest := stream; len(rest) > 0; {
			n := min(step, len(rest))
			p.Send(rest[:n])
			rest = rest[n:]
		}
		if a := p.answer(); a.Kind != rpctest.BindAck {
			t.Errorf("%d bytes at a time: %+v, want bind_ack", step, a)
		}
		if a := p.answer(); a.Kind != rpctest.Response || !bytes.Equal(a.Stub, stub) {
			t.Errorf("%d bytes at a time: %+v, want the stub back", step, a)
		}
		p.silent()
	}
}

func TestCallsThatFailAreAnsweredWithAFault(t *testing.T) {
	for _, c := range []struct {
		name    string
		context uint16
		opnum   uint16
		stub    []byte
		want    rpc.Fault
		flags   uint8
	}{
		{"unknown context", 1, opEcho, array(1), rpc.FaultUnknownIf, whole | rpctest.DidNotExecute},
		{"opnum behind the table", 0, opBeyond, nil, rpc.FaultOperationRange, whole | rpctest.DidNotExecute},
		{"largest opnum", 0, 0xFFFF, nil, rpc.FaultOperationRange, whole | rpctest.DidNotExecute},
		{"operation that is not offered", 0, opAbsent, nil, rpc.FaultOperationRange, whole | rpctest.DidNotExecute},
		{"no parameters", 0, opEcho, nil, rpc.FaultBadStub, whole},
		{"parameters cut off", 0, opEcho, array(10)[:13], rpc.FaultBadStub, whole},
		{"count beyond the stub", 0, opEcho, u32(0xFFFF_FFFF), rpc.FaultBadStub, whole},
		{"results too large", 0, opRepeat, u32(rpc.MaxStub), rpc.FaultOutTooBig, whole},
		{"a fault of the operation's own", 0, opFault, u32(0x1234), 0x1234, whole},
		{"an error of the server's", 0, opFail, nil, rpc.FaultUnspecified, whole},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := newPeer(t)
			p.bind(ndr20(0))
			p.request(2, whole, c.context, c.opnum, c.stub)
			a := p.answer()
			if a.Kind != rpctest.Fault || rpc.Fault(a.Status) != c.want || a.Flags != c.flags || a.CallID != 2 || a.Context != c.context {
				t.Errorf("opnum %d, stub %x:\n got %+v\nwant fault %v, flags %#x", c.opnum, c.stub, a, c.want, c.flags)
			}
			p.silent()
			// The connection lives on.
			p.request(3, whole, 0, opEcho, array(3))
			if a := p.answer(); a.Kind != rpctest.Response {
				t.Errorf("next call: %+v", a)
			}
		})
	}
}

func TestAFailedCallIsAnsweredAtOnceAndItsOtherFragmentsAreDropped(t *testing.T) {
	p := newPeer(t)
	p.bind(ndr20(0))
	p.request(2, rpctest.First, 9, opEcho, array(10))
	if a := p.answer(); rpc.Fault(a.Status) != rpc.FaultUnknownIf {
		t.Errorf("first fragment: %+v, want nca_unk_if", a)
	}
	p.request(2, 0, 9, opEcho, nil)
	p.request(2, rpctest.Last, 9, opEcho, nil)
	p.silent()
	p.closed(false)
}

func TestErrorsOfTheServerAreReported(t *testing.T) {
	var reported []string
	e := testEndpoint(t)
	e.Failed = func(i *rpc.Interface, operation string, err error) {
		reported = append(reported, i.Name+"."+operation+": "+err.Error())
	}
	c := rpctest.Dial(t, &peer{t, rpc.NewConn(e, &rpc.Caller{})}, testUUID, testVersion)
	c.Call(opFail, nil)
	c.Call(opFault, u32(5))
	c.Call(opEcho, nil)
	if len(reported) != 1 || reported[0] != "test.Fail: broken" {
		t.Errorf("reported %q, want the error of Fail only", reported)
	}
}

// TestProtocolErrorsEndTheConnection: [MS-RPCE] 3.3.3.5.7, and for the limits
// 3.3.3.5.4.
func TestProtocolErrorsEndTheConnection(t *testing.T) {
	request := func(id uint32, flags uint8, context, opnum uint16, stub []byte) []byte {
		return rpctest.PDU(rpctest.Header{Kind: rpctest.Request, Flags: flags, CallID: id}, rpctest.RequestBody(context, opnum, stub))
	}
	auth := rpctest.PDU(rpctest.Header{Kind: rpctest.Request, Flags: whole, CallID: 2, Auth: make([]byte, 24)}, rpctest.RequestBody(0, opEcho, array(0)))
	for _, c := range []struct {
		name  string
		bound bool
		pdus  [][]byte
		want  rpc.Fault
		id    uint32
	}{
		{"request before bind", false, [][]byte{request(2, whole, 0, opEcho, array(1))}, rpc.FaultProtocol, 2},
		{"request cut off", true, [][]byte{rpctest.PDU(rpctest.Header{Flags: whole, CallID: 2}, make([]byte, 7))}, rpc.FaultProtocol, 2},
		{"object cut off", true, [][]byte{request(2, whole|rpctest.Object, 0, opEcho, make([]byte, 15))}, rpc.FaultProtocol, 2},
		{"credentials", true, [][]byte{auth}, rpc.FaultAccessDenied, 2},
		{"two calls mixed", true, [][]byte{request(2, rpctest.First, 0, opEcho, nil), request(3, rpctest.First, 0, opEcho, nil)}, rpc.FaultProtocol, 2},
		{"fragment of another call", true, [][]byte{request(2, rpctest.First, 0, opEcho, nil), request(3, rpctest.Last, 0, opEcho, nil)}, rpc.FaultProtocol, 2},
		{"fragment for another operation", true, [][]byte{request(2, rpctest.First, 0, opEcho, nil), request(2, rpctest.Last, 0, opFail, nil)}, rpc.FaultProtocol, 2},
		{"fragment in another context", true, [][]byte{request(2, rpctest.First, 0, opEcho, nil), request(2, rpctest.Last, 1, opEcho, nil)}, rpc.FaultProtocol, 2},
		{"fragment of a call that never began", true, [][]byte{request(2, rpctest.Last, 0, opEcho, nil)}, rpc.FaultProtocol, 2},
		{"fragment of a call long over", true, [][]byte{request(200, rpctest.First, 9, opEcho, nil), request(50, rpctest.Last, 9, opEcho, nil)}, rpc.FaultProtocol, 50},
		{"fragment larger than any", true, [][]byte{request(2, rpctest.First, 0, opEcho, make([]byte, 5840-24+1))}, rpc.FaultProtocol, 2},
		{"a response", true, [][]byte{rpctest.PDU(rpctest.Header{Kind: rpctest.Response, Flags: whole, CallID: 2}, make([]byte, 8))}, rpc.FaultProtocol, 2},
		{"unknown type", true, [][]byte{rpctest.PDU(rpctest.Header{Kind: 77, Flags: whole, CallID: 2}, nil)}, rpc.FaultProtocol, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := newPeer(t)
			if c.bound {
				p.bind(ndr20(0))
			}
			var last rpctest.Answer
			for _, pdu := range c.pdus {
				p.Send(pdu)
			}
			for pdu := p.Receive(); pdu != nil; pdu = p.Receive() {
				last = rpctest.Parse(t, pdu)
			}
			if last.Kind != rpctest.Fault || rpc.Fault(last.Status) != c.want || last.CallID != c.id {
				t.Errorf("last answer %+v, want fault %v for call %d", last, c.want, c.id)
			}
			p.closed(true)
		})
	}
}

func TestACallMayNotGrowWithoutBound(t *testing.T) {
	for _, c := range []struct {
		name      string
		stub      []byte
		fragments int // that are taken
	}{
		{"in bytes", make([]byte, 4096), rpc.MaxStub / 4096},
		{"in fragments", nil, 1024},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := newPeer(t)
			p.bind(ndr20(0))
			flags := uint8(rpctest.First)
			for range c.fragments {
				p.request(2, flags, 0, opEcho, c.stub)
				flags = 0
			}
			p.silent()
			p.request(2, 0, 0, opEcho, c.stub)
			if a := p.answer(); rpc.Fault(a.Status) != rpc.FaultAccessDenied {
				t.Errorf("one fragment too many: %+v, want ERROR_ACCESS_DENIED", a)
			}
			p.closed(true)
		})
	}
}

func TestUnreadAnswersHoldBackTheClient(t *testing.T) {
	p := newPeer(t)
	p.bind(ndr20(0))
	p.request(2, whole, 0, opRepeat, u32(100_000))
	pdu := rpctest.PDU(rpctest.Header{Kind: rpctest.Request, Flags: whole, CallID: 3}, rpctest.RequestBody(0, opEcho, array(1)))
	if err := p.conn.Write(context.Background(), pdu); !errors.Is(err, rpc.ErrBusy) {
		t.Fatalf("Write with 100,000 bytes unread: %v, want ErrBusy", err)
	}
	for p.Receive() != nil {
	}
	p.Send(pdu)
	if a := p.answer(); a.Kind != rpctest.Response || a.CallID != 3 {
		t.Errorf("after reading: %+v", a)
	}
}

func TestManyCallsInOneWriteAreHeldBackToo(t *testing.T) {
	p := newPeer(t)
	p.bind(ndr20(0))
	call := rpctest.PDU(rpctest.Header{Kind: rpctest.Request, Flags: whole, CallID: 2}, rpctest.RequestBody(0, opRepeat, u32(1<<19)))
	p.Send(bytes.Repeat(call, 3))
	total, busy := 0, 0
	for pdu := p.Receive(); pdu != nil; pdu = p.Receive() {
		total += len(pdu)
		if a := rpctest.Parse(t, pdu); rpc.Fault(a.Status) == rpc.FaultServerTooBusy {
			busy++
		}
	}
	if busy != 2 || total > 1<<20 {
		t.Errorf("%d of 3 calls were refused, %d bytes of answers; want 2 and less than 1 MiB", busy, total)
	}
}

func TestMoreThanAFragmentCannotBeWrittenAtOnce(t *testing.T) {
	p := newPeer(t)
	if err := p.conn.Write(context.Background(), make([]byte, rpc.MaxWrite+1)); !errors.Is(err, rpc.ErrTooLong) {
		t.Errorf("Write of %d bytes: %v, want ErrTooLong", rpc.MaxWrite+1, err)
	}
	p.closed(false)
}

func TestAnOrphanedCallIsForgotten(t *testing.T) {
	p := newPeer(t)
	p.bind(ndr20(0))
	p.request(2, rpctest.First, 0, opEcho, array(10)[:8])
	p.Send(rpctest.PDU(rpctest.Header{Kind: rpctest.Orphaned, Flags: whole, CallID: 2}, nil))
	p.request(2, rpctest.Last, 0, opEcho, array(10)[8:])
	p.silent()
	p.request(3, whole, 0, opEcho, array(2))
	if a := p.answer(); a.Kind != rpctest.Response || a.CallID != 3 {
		t.Errorf("next call: %+v", a)
	}
}

func TestCancelsAndThirdLegsAreIgnored(t *testing.T) {
	p := newPeer(t)
	p.bind(ndr20(0))
	for _, kind := range []uint8{rpctest.CoCancel, rpctest.Auth3} {
		p.Send(rpctest.PDU(rpctest.Header{Kind: kind, Flags: whole, CallID: 1}, make([]byte, 4)))
	}
	p.silent()
	p.closed(false)
}

func TestTheObjectAndWhatFollowsTheParametersAreIgnored(t *testing.T) {
	p := newPeer(t)
	p.bind(ndr20(0))
	stub := append(make([]byte, 16), array(5)...)            // an object in front
	stub = append(stub, "\x8a\xe3\x13\x71 a trailer\x00"...) // [MS-RPCE] 2.2.2.13
	p.request(2, whole|rpctest.Object, 0, opEcho, stub)
	if a := p.answer(); a.Kind != rpctest.Response || !bytes.Equal(a.Stub, array(5)) {
		t.Errorf("got %+v, want the array back", a)
	}
}

// FuzzConn writes any stream to a connection, cut in two. Whatever it is:
// nothing panics, answers are whole PDUs and bounded, and an ended connection
// stays ended.
func FuzzConn(f *testing.F) {
	bind := rpctest.PDU(rpctest.Header{Kind: rpctest.Bind, Flags: whole, CallID: 1}, rpctest.BindBody(f, 4280, 0, ndr20(0),
		rpctest.Offer{ID: 1, UUID: testUUID, Version: testVersion, Transfer: []rpctest.Syntax{{UUID: "6cb71c2c-9812-4540-0300-000000000000", Version: 1}}}))
	call := rpctest.PDU(rpctest.Header{Kind: rpctest.Request, Flags: whole, CallID: 2}, rpctest.RequestBody(0, opEcho, array(9)))
	first := rpctest.PDU(rpctest.Header{Kind: rpctest.Request, Flags: rpctest.First, CallID: 3}, rpctest.RequestBody(0, opEcho, array(9)[:5]))
	last := rpctest.PDU(rpctest.Header{Kind: rpctest.Request, Flags: rpctest.Last, CallID: 3}, rpctest.RequestBody(0, opEcho, array(9)[5:]))
	alter := rpctest.PDU(rpctest.Header{Kind: rpctest.AlterContext, Flags: whole, CallID: 4}, rpctest.BindBody(f, 4280, 0, ndr20(2)))
	f.Add(bytes.Join([][]byte{bind, call, first, last, alter}, nil), 40)
	f.Add(bytes.Join([][]byte{bind, first, call}, nil), 100)
	f.Add(bytes.Join([][]byte{call, bind}, nil), 0)
	f.Add(rpctest.PDU(rpctest.Header{Kind: rpctest.Bind, Flags: whole, Auth: make([]byte, 24)}, rpctest.BindBody(f, 4280, 0, ndr20(0))), 3)
	s := newSecured(f, byNTLM, 6, headerSign, "tulip")
	token, _, err := s.initiator.Step(f.Context(), nil)
	if err != nil {
		f.Fatal(err)
	}
	secure := rpctest.PDU(rpctest.Header{Kind: rpctest.Bind, Flags: whole | headerSign, CallID: 1, Auth: s.trailer(0, token)}, rpctest.BindBody(f, 4280, 0, ndr20(0), multiplexing()))
	third := rpctest.PDU(rpctest.Header{Kind: rpctest.Auth3, Flags: whole, CallID: 1, Auth: s.trailer(0, []byte("NTLMSSP\x00\x03\x00\x00\x00"))}, make([]byte, 4))
	signed := rpctest.PDU(rpctest.Header{Kind: rpctest.Request, Flags: whole, CallID: 2, Auth: s.trailer(3, make([]byte, 16))}, rpctest.RequestBody(0, opEcho, array(9)))
	f.Add(bytes.Join([][]byte{secure, third, signed}, nil), 100)
	f.Fuzz(func(t *testing.T, stream []byte, cut int) {
		c := rpc.NewConn(secureEndpoint(t), &rpc.Caller{})
		cut = min(max(cut, 0), len(stream))
		for _, part := range [][]byte{stream[:cut], stream[cut:]} {
			was := c.Closed()
			if err := c.Write(t.Context(), part); was != errors.Is(err, rpc.ErrClosed) {
				t.Fatalf("closed: %v, Write: %v", was, err)
			}
		}
		total := 0
		for pdu := c.Read(); pdu != nil; pdu = c.Read() {
			rpctest.Parse(t, pdu)
			total += len(pdu)
		}
		if limit := 4*rpc.MaxStub + 4*len(stream); total > limit {
			t.Fatalf("%d bytes of answers to %d, want at most %d", total, len(stream), limit)
		}
	})
}
