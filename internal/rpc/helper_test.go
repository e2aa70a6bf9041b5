package rpc_test

import (
	"context"
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/rpc"
	"github.com/signet-smb/signet/internal/rpc/rpctest"
)

const (
	testUUID    = "01234567-89ab-cdef-0123-456789abcdef"
	testVersion = 3 | 2<<16 // 3.2
)

// Operations of the test interface.
const (
	opEcho   = iota // a conformant array comes back
	opRepeat        // so many bytes come back
	opFault         // answers the fault that it is given
	opFail          // a server's error
	opAbsent        // in the table, not offered
	opBeyond        // not in the table
)

var errBroken = errors.New("broken")

// testEndpoint is \PIPE\test with the test interface.
func testEndpoint(t testing.TB) *rpc.Endpoint {
	t.Helper()
	id, err := dtyp.ParseGUID(testUUID)
	if err != nil {
		t.Fatal(err)
	}
	group := uint32(0x5000)
	return &rpc.Endpoint{
		Name:     `\PIPE\test`,
		NewGroup: func() uint32 { group++; return group },
		Interfaces: []*rpc.Interface{{
			UUID: id, Version: testVersion, Name: "test",
			Operations: []rpc.Operation{
				opEcho: {Name: "Echo", Handle: func(_ context.Context, call *rpc.Call) error {
					call.Out.Bytes(call.In.Bytes(rpc.MaxStub))
					return nil
				}},
				opRepeat: {Name: "Repeat", Handle: func(_ context.Context, call *rpc.Call) error {
					if n := call.In.U32(); n <= 2*rpc.MaxStub {
						call.Out.Bytes(make([]byte, n))
					}
					return nil
				}},
				opFault: {Name: "Fault", Handle: func(_ context.Context, call *rpc.Call) error {
					return rpc.Fault(call.In.U32())
				}},
				opFail:   {Name: "Fail", Handle: func(context.Context, *rpc.Call) error { return errBroken }},
				opAbsent: {Name: "Absent"},
			},
		}},
	}
}

// peer is a client of a Conn.
type peer struct {
	t    testing.TB
	conn *rpc.Conn
}

func newPeer(t testing.TB) *peer {
	t.Helper()
	return &peer{t, rpc.NewConn(testEndpoint(t), &rpc.Caller{Account: "alice"})}
}

func (p *peer) Send(pdu []byte) {
	p.t.Helper()
	if err := p.conn.Write(context.Background(), pdu); err != nil {
		p.t.Fatalf("Write(%x): %v", pdu, err)
	}
}

func (p *peer) Receive() []byte { return p.conn.Read() }

// answer is the one answer that waits.
func (p *peer) answer() rpctest.Answer {
	p.t.Helper()
	pdu := p.Receive()
	if pdu == nil {
		p.t.Fatal("no answer")
	}
	return rpctest.Parse(p.t, pdu)
}

// silent fails if an answer waits.
func (p *peer) silent() {
	p.t.Helper()
	if pdu := p.Receive(); pdu != nil {
		p.t.Fatalf("an answer that nobody waits for: %+v", rpctest.Parse(p.t, pdu))
	}
}

// closed checks whether the connection has ended.
func (p *peer) closed(want bool) {
	p.t.Helper()
	err := p.conn.Write(context.Background(), nil)
	if p.conn.Closed() != want || errors.Is(err, rpc.ErrClosed) != want {
		p.t.Errorf("Closed() = %v, Write: %v; want closed: %v", p.conn.Closed(), err, want)
	}
}

func ndr20(id uint16) rpctest.Offer {
	return rpctest.Offer{ID: id, UUID: testUUID, Version: testVersion, Transfer: []rpctest.Syntax{{UUID: rpctest.NDR20, Version: 2}}}
}

// bind sends a bind and returns its answer.
func (p *peer) bind(offers ...rpctest.Offer) rpctest.Answer {
	p.t.Helper()
	p.Send(rpctest.PDU(rpctest.Header{Kind: rpctest.Bind, Flags: rpctest.First | rpctest.Last, CallID: 1},
		rpctest.BindBody(p.t, 4280, 0, offers...)))
	return p.answer()
}

// request sends one fragment of a call.
func (p *peer) request(callID uint32, flags uint8, context, opnum uint16, stub []byte) {
	p.t.Helper()
	p.Send(rpctest.PDU(rpctest.Header{Kind: rpctest.Request, Flags: flags, CallID: callID}, rpctest.RequestBody(context, opnum, stub)))
}

const whole = rpctest.First | rpctest.Last

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
