package rpc_test

import (
	"bytes"
	"reflect"
	"testing"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/rpc"
	"github.com/signet-smb/signet/internal/rpc/rpctest"
)

// What Windows answers to odd binds is taken from what Samba's
// python/samba/tests/dcerpc/raw_protocol.py expects of it.

// TestBindIsAnsweredByteForByte is the usual bind of Samba's clients to srvsvc
// and its answer, laid out from [C706] 12.6.4.3 and 12.6.4.4.
func TestBindIsAnsweredByteForByte(t *testing.T) {
	const request = `
		05 00 0b 03  ; version 5.0, bind, first and last fragment
		10000000  ; little-endian, ASCII, IEEE
		4800 0000  ; 72 bytes, no credentials
		01000000  ; call
		b810 b810  ; 4280 bytes each way
		00000000  ; new association
		01 00 0000  ; one context
		0000 01 00  ; context 0 with one transfer syntax
		c84f324b 7016 d301 1278 5a47bf6ee188  ; srvsvc
		03000000  ; 3.0
		045d888a eb1c c911 9fe8 08002b104860  ; NDR
		02000000  ; 2.0`
	const response = `
		05 00 0c 03  ; version 5.0, bind_ack
		10000000
		4400 0000  ; 68 bytes
		01000000  ; call
		b810 b810  ; 4280 bytes each way
		01500000  ; association
		0d00  ; length of the endpoint
		5c504950455c73727673766300  ; \PIPE\srvsvc with NUL
		00  ; padding to 4
		01 00 0000  ; one result
		0000 0000  ; acceptance
		045d888a eb1c c911 9fe8 08002b104860
		02000000`
	id, err := dtyp.ParseGUID("4b324fc8-1670-01d3-1278-5a47bf6ee188")
	if err != nil {
		t.Fatal(err)
	}
	e := testEndpoint(t)
	e.Name = `\PIPE\srvsvc`
	e.Interfaces = []*rpc.Interface{{UUID: id, Version: 3}}
	p := &peer{t, rpc.NewConn(e, &rpc.Caller{})}
	p.Send(unhex(t, request))
	if got, want := p.Receive(), unhex(t, response); !bytes.Equal(got, want) {
		t.Errorf("bind_ack\n     %x\nwant %x", got, want)
	}
	p.silent()
	p.closed(false)
}

func TestEachOfferIsAnsweredInItsPlace(t *testing.T) {
	ndr, err := dtyp.ParseGUID(rpctest.NDR20)
	if err != nil {
		t.Fatal(err)
	}
	accepted := rpctest.Result{Transfer: ndr, Version: 2}
	offer := func(id uint16, uuid string, version uint32, transfer ...rpctest.Syntax) rpctest.Offer {
		return rpctest.Offer{ID: id, UUID: uuid, Version: version, Transfer: transfer}
	}
	ndr20 := rpctest.Syntax{UUID: rpctest.NDR20, Version: 2}
	ndr64 := rpctest.Syntax{UUID: rpctest.NDR64, Version: 1}
	features := func(bits string) rpctest.Syntax {
		return rpctest.Syntax{UUID: "6cb71c2c-9812-4540-" + bits + "00-000000000000", Version: 1}
	}
	for _, c := range []struct {
		name  string
		offer rpctest.Offer
		want  rpctest.Result
	}{
		{"the interface", offer(0, testUUID, testVersion, ndr20), accepted},
		{"an older minor version", offer(0, testUUID, 3|1<<16, ndr20), accepted},
		{"a newer minor version", offer(0, testUUID, 3|3<<16, ndr20), rpctest.Result{Result: 2, Reason: 1}},
		{"another major version", offer(0, testUUID, 2|2<<16, ndr20), rpctest.Result{Result: 2, Reason: 1}},
		{"another interface", offer(0, rpctest.NDR20, testVersion, ndr20), rpctest.Result{Result: 2, Reason: 1}},
		{"NDR64 only", offer(0, testUUID, testVersion, ndr64), rpctest.Result{Result: 2, Reason: 2}},
		{"NDR20 of another version", offer(0, testUUID, testVersion, rpctest.Syntax{UUID: rpctest.NDR20, Version: 1}), rpctest.Result{Result: 2, Reason: 2}},
		{"NDR64 or NDR20", offer(0, testUUID, testVersion, ndr64, ndr20), accepted},
		{"no transfer syntax", offer(0, testUUID, testVersion), rpctest.Result{Result: 2, Reason: 2}},
		// [MS-RPCE] 3.3.1.5.3
		{"both features", offer(0, testUUID, testVersion, features("03")), rpctest.Result{Result: 3, Reason: 2}},
		{"orphans only", offer(0, testUUID, testVersion, features("02")), rpctest.Result{Result: 3, Reason: 2}},
		{"reserved features", offer(0, testUUID, testVersion, features("fd")), rpctest.Result{Result: 3, Reason: 0}},
		{"no features", offer(0, testUUID, testVersion, features("00")), rpctest.Result{Result: 3, Reason: 0}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := newPeer(t)
			// The odd one between two good ones.
			c.offer.ID = 8
			a := p.bind(offer(7, testUUID, testVersion, ndr20), c.offer, offer(9, testUUID, testVersion, ndr20))
			if want := []rpctest.Result{accepted, c.want, accepted}; a.Kind != rpctest.BindAck || !reflect.DeepEqual(a.Results, want) {
				t.Errorf("offer %+v:\n got %+v\nwant %+v", c.offer, a, want)
			}
			p.closed(false)
		})
	}
}

func TestFragmentSizeIsTheSmallestOfAllWithinBounds(t *testing.T) {
	for _, c := range []struct{ client, want uint16 }{
		{0xFFFF, 5840}, {5840, 5840}, {4280, 4280}, {3199, 3192}, {2048, 2048}, {1, 2048}, {0, 2048},
	} {
		p := newPeer(t)
		p.Send(rpctest.PDU(rpctest.Header{Kind: rpctest.Bind, Flags: whole | rpctest.ConcMpx, CallID: 9},
			rpctest.BindBody(t, c.client, 0x77, ndr20(0))))
		a := p.answer()
		if a.Transmit != c.want || a.Receive != c.want || a.Group != 0x77 || a.CallID != 9 || a.Flags != whole|rpctest.ConcMpx {
			t.Errorf("client's sizes %d: %+v, want %d", c.client, a, c.want)
		}
	}
}

func TestBindsThatCannotBeAreRefusedAndEndTheConnection(t *testing.T) {
	body := rpctest.BindBody(t, 4280, 0, ndr20(0))
	bind := rpctest.Header{Kind: rpctest.Bind, Flags: whole, CallID: 4}
	auth := func(kind, level byte) rpctest.Header {
		h := bind
		h.Auth = append([]byte{kind, level, 0, 0, 1, 0, 0, 0}, "NTLMSSP"...)
		return h
	}
	changed := func(at int, to byte) []byte {
		pdu := rpctest.PDU(bind, body)
		pdu[at] = to
		return pdu
	}
	for _, c := range []struct {
		name   string
		pdu    []byte
		reason uint16
	}{
		{"no context", rpctest.PDU(bind, rpctest.BindBody(t, 4280, 0)), 0},
		{"cut off inside a context", rpctest.PDU(bind, body[:len(body)-1]), 4},
		{"cut off before the contexts", rpctest.PDU(bind, body[:11]), 4},
		{"NTLM", rpctest.PDU(auth(10, 6), body), 8},
		{"SPNEGO", rpctest.PDU(auth(9, 2), body), 8},
		{"credentials at level none", rpctest.PDU(auth(0, 1), body), 0},
		{"credentials at level 0", rpctest.PDU(auth(10, 0), body), 0},
		{"credentials at an unknown level", rpctest.PDU(auth(10, 7), body), 0},
		{"credentials longer than the fragment", changed(10, 0xFF), 4},
		{"version 4", changed(0, 4), 4},
		{"version 5.1", changed(1, 1), 4},
		{"EBCDIC", changed(4, 0x11), 4},
		{"shorter than its header", changed(8, 15), 4},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := newPeer(t)
			p.Send(c.pdu)
			if a := p.answer(); a.Kind != rpctest.BindNak || a.Reason != c.reason || a.CallID != 4 {
				t.Errorf("bind %x:\n got %+v, want bind_nak with reason %d", c.pdu, a, c.reason)
			}
			p.silent()
			p.closed(true)
		})
	}
}

func TestBindingTwiceEndsTheConnection(t *testing.T) {
	p := newPeer(t)
	p.bind(ndr20(0))
	if a := p.bind(ndr20(1)); a.Kind != rpctest.BindNak || a.Reason != 0 {
		t.Errorf("second bind: %+v, want bind_nak without reason", a)
	}
	p.closed(true)
}

func TestAlterContextAddsContexts(t *testing.T) {
	p := newPeer(t)
	group := p.bind(ndr20(0)).Group
	p.Send(rpctest.PDU(rpctest.Header{Kind: rpctest.AlterContext, Flags: whole, CallID: 2}, rpctest.BindBody(t, 2048, 1, ndr20(5))))
	a := p.answer()
	if a.Kind != rpctest.AlterResponse || a.Receive != 4280 || a.Group != group || a.Endpoint != "" || a.Results[0].Result != 0 {
		t.Errorf("alter_context: %+v, want acceptance, sizes and group as bound", a)
	}
	p.request(3, whole, 5, opEcho, []byte{0, 0, 0, 0})
	if a := p.answer(); a.Kind != rpctest.Response || a.Context != 5 {
		t.Errorf("call in the new context: %+v", a)
	}
}

func TestAlterContextsThatCannotBeEndTheConnection(t *testing.T) {
	alter := rpctest.Header{Kind: rpctest.AlterContext, Flags: whole, CallID: 2}
	auth := alter
	auth.Auth = append([]byte{10, 6, 0, 0, 1, 0, 0, 0}, "NTLMSSP"...)
	for _, c := range []struct {
		name   string
		bound  bool
		pdu    []byte
		flags  uint8
		status rpc.Fault
	}{
		{"before a bind", false, rpctest.PDU(alter, rpctest.BindBody(t, 4280, 0, ndr20(0))), whole | rpctest.DidNotExecute, rpc.FaultProtocol},
		{"no context", true, rpctest.PDU(alter, rpctest.BindBody(t, 4280, 0)), whole | rpctest.DidNotExecute, rpc.FaultProtocol},
		{"credentials", true, rpctest.PDU(auth, rpctest.BindBody(t, 4280, 0, ndr20(0))), whole, rpc.FaultAccessDenied},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := newPeer(t)
			if c.bound {
				p.bind(ndr20(0))
			}
			p.Send(c.pdu)
			if a := p.answer(); a.Kind != rpctest.Fault || a.Flags != c.flags || rpc.Fault(a.Status) != c.status {
				t.Errorf("got %+v, want fault %v, flags %#x", a, c.status, c.flags)
			}
			p.closed(true)
		})
	}
}

func TestContextsAreCounted(t *testing.T) {
	p := newPeer(t)
	var offers []rpctest.Offer
	for id := range uint16(65) {
		offers = append(offers, ndr20(id))
	}
	a := p.bind(offers...)
	if first, last := a.Results[63], a.Results[64]; first.Result != 0 || last.Result != 2 || last.Reason != 3 {
		t.Errorf("context 64: %+v, context 65: %+v; want accepted, local limit", first, last)
	}
}
