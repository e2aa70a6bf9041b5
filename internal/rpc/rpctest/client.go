package rpctest

import (
	"testing"
)

// Pipe carries PDUs, one per message.
type Pipe interface {
	Send(pdu []byte)
	// Receive returns the next PDU; nil: none will come.
	Receive() []byte
}

// Client calls operations of one interface. Its methods fail the test on
// anything but an orderly answer.
type Client struct {
	t        testing.TB
	pipe     Pipe
	fragment int
	callID   uint32
}

// Dial binds to an interface at the usual fragment size of Samba's clients.
func Dial(t testing.TB, pipe Pipe, uuid string, version uint32) *Client {
	t.Helper()
	c := &Client{t: t, pipe: pipe}
	c.callID++
	pipe.Send(PDU(Header{Kind: Bind, Flags: First | Last, CallID: c.callID}, BindBody(t, 4280, 0, Offer{
		UUID: uuid, Version: version, Transfer: []Syntax{{NDR20, 2}},
	})))
	a := c.receive()
	if a.Kind != BindAck || len(a.Results) != 1 || a.Results[0].Result != 0 {
		t.Fatalf("bind to %s: %+v", uuid, a)
	}
	c.fragment = int(a.Receive)
	return c
}

func (c *Client) receive() Answer {
	c.t.Helper()
	pdu := c.pipe.Receive()
	if pdu == nil {
		c.t.Fatal("no answer")
	}
	return Parse(c.t, pdu)
}

// Call runs one operation and returns its results, or the status of a fault.
func (c *Client) Call(opnum uint16, stub []byte) (result []byte, fault uint32) {
	c.t.Helper()
	c.callID++
	room := c.fragment - 24
	flags := uint8(First)
	for {
		n := min(room, len(stub))
		if n == len(stub) {
			flags |= Last
		}
		c.pipe.Send(PDU(Header{Kind: Request, Flags: flags, CallID: c.callID}, RequestBody(0, opnum, stub[:n])))
		if stub = stub[n:]; len(stub) == 0 {
			break
		}
		flags = 0
	}
	for first := true; ; first = false {
		a := c.receive()
		if a.CallID != c.callID || first != (a.Flags&First != 0) {
			c.t.Fatalf("answer to call %d: call %d, flags %#x, first: %v", c.callID, a.CallID, a.Flags, first)
		}
		if a.Kind == Fault {
			return nil, a.Status
		}
		if rest := int(a.Hint); rest < len(a.Stub) || (rest == len(a.Stub)) != (a.Flags&Last != 0) {
			c.t.Fatalf("alloc_hint %d with %d bytes, flags %#x", a.Hint, len(a.Stub), a.Flags)
		}
		result = append(result, a.Stub...)
		if a.Flags&Last != 0 {
			return result, 0
		}
	}
}
