package rpc

import (
	"context"
	"errors"

	"github.com/signet-smb/signet/internal/rpc/ndr"
	"github.com/signet-smb/signet/internal/wire"
)

// assembly is a call in the making.
type assembly struct {
	id             uint32
	context        uint16
	opnum          uint16
	representation uint8
	security       *security // in which it is called; nil: the transport's
	stub           []byte
	fragments      int
}

// receiveRequest takes a fragment of a call. [C706] 12.6.4.9.
func (c *Conn) receiveRequest(ctx context.Context, h header, f fragment) {
	body := reader{wire.NewReader(f), h.bigEndian()}
	body.Skip(headerSize)
	body.U32() // alloc_hint: how much the client thinks will come; it proves nothing
	contextID := body.U16()
	opnum := body.U16()
	if h.flags&flagObject != 0 {
		body.Skip(16) // no interface here has objects
	}
	if body.Err() != nil || !c.bound || h.length > maxFragment {
		c.abort(h.callID, 0, FaultProtocol)
		return
	}
	s, stub, fault := c.open(h, f, body.Offset())
	switch {
	case fault != 0:
		c.abort(h.callID, contextID, fault)
		return
	case h.flags&flagFirst != 0:
		if c.call != nil {
			// Fragments of two calls must not mix. [MS-RPCE] 3.3.1.5.8.
			c.abort(c.call.id, c.call.context, FaultProtocol)
			return
		}
		c.lastCall = h.callID
		if c.contexts[contextID] == nil {
			c.send(appendFault(h.callID, contextID, flagDidNotExecute, FaultUnknownIf))
			return // what follows of this call is old, see below
		}
		c.call = &assembly{
			id: h.callID, context: contextID, opnum: opnum, representation: h.representation,
			security: s,
		}
	case c.call == nil:
		// A call that has had its fault already is still coming in.
		if c.lastCall-h.callID >= oldCall {
			c.abort(h.callID, contextID, FaultProtocol)
		}
		return
	case !c.call.continues(h, contextID, opnum, s):
		c.abort(c.call.id, c.call.context, FaultProtocol)
		return
	}
	a := c.call
	a.fragments++
	if len(a.stub)+len(stub) > MaxStub || a.fragments > maxFragments {
		c.abort(a.id, a.context, FaultAccessDenied) // [MS-RPCE] 3.3.3.5.4
		return
	}
	if h.flags&flagLast == 0 {
		a.stub = append(a.stub, stub...)
		return
	}
	c.call = nil
	if a.fragments > 1 {
		stub = append(a.stub, stub...)
	}
	stub, ok := c.verified(a, stub)
	if !ok {
		c.abort(a.id, a.context, FaultAccessDenied) // [MS-RPCE] 2.2.2.13
		return
	}
	c.run(ctx, a, stub)
}

// continues reports whether a further fragment is one of a, in the security
// context in which it began. [MS-RPCE] 2.2.2.11.
func (a *assembly) continues(h header, context, opnum uint16, s *security) bool {
	return a.id == h.callID && a.context == context && a.opnum == opnum &&
		a.representation == h.representation && a.security == s
}

// shield protects the call's fragments; nil: the transport does.
func (a *assembly) shield() *shield {
	if a.security == nil {
		return nil
	}
	return &a.security.shield
}

// callerOf is who calls.
func (c *Conn) callerOf(a *assembly) *Caller {
	if a.security != nil {
		return a.security.caller
	}
	return c.caller
}

// run executes a call and queues its answer.
func (c *Conn) run(ctx context.Context, a *assembly, stub []byte) {
	if c.queued >= maxBacklog { // many calls in one write
		c.send(appendFault(a.id, a.context, flagDidNotExecute, FaultServerTooBusy))
		return
	}
	i := c.contexts[a.context]
	if int(a.opnum) >= len(i.Operations) || i.Operations[a.opnum].Handle == nil {
		c.send(appendFault(a.id, a.context, flagDidNotExecute, FaultOperationRange))
		return
	}
	o := &i.Operations[a.opnum]
	caller := c.callerOf(a)
	c.handles.owner = a.security
	call := &Call{Caller: caller, In: ndr.NewReader(stub), Out: ndr.NewWriter(), Handles: &c.handles}
	if a.representation == bigEndian {
		call.In = ndr.NewBigEndianReader(stub)
	}
	if c.endpoint.Refused != nil {
		call.refused = func(needs Role) { c.endpoint.Refused(caller, i, o.Name, needs) }
	}
	if !call.Allow(ctx, o.Needs) {
		c.send(appendFault(a.id, a.context, 0, FaultAccessDenied))
		return
	}
	err := o.Handle(ctx, call)
	result := call.Out.Finish()
	switch {
	case call.In.Err() != nil:
		err = FaultBadStub // [MS-RPCE] 3.1.3.5.2
	case err == nil && len(result) > MaxStub:
		err = FaultOutTooBig
	}
	if err != nil {
		status := faultOf(err)
		if status == FaultBadStub {
			c.malformed(status)
		}
		if status == FaultUnspecified && c.endpoint.Failed != nil {
			c.endpoint.Failed(i, i.Operations[a.opnum].Name, err)
		}
		c.send(appendFault(a.id, a.context, 0, status))
		return
	}
	c.respond(a, result)
}

// faultOf is the status for an operation's error.
func faultOf(err error) Fault {
	if f, ok := errors.AsType[Fault](err); ok {
		return f
	}
	if _, ok := errors.AsType[*wire.Error](err); ok {
		return FaultBadStub
	}
	return FaultUnspecified
}

// respond queues the fragments of a response. alloc_hint is what is left with
// this fragment. [C706] 12.6.4.10, [MS-RPCE] 2.2.2.6.
func (c *Conn) respond(a *assembly, result []byte) {
	room := a.shield().room(c.fragment, responseHeaderSize)
	flags := flagFirst
	for {
		n := min(room, len(result))
		if n == len(result) {
			flags |= flagLast
		}
		p := newPacket(packetResponse, flags, a.id)
		p.U32(uint32(len(result)))
		p.U16(a.context)
		p.U8(0) // cancel_count
		p.U8(0)
		p.Bytes(result[:n])
		c.send(a.shield().finish(p, responseHeaderSize))
		result = result[n:]
		if len(result) == 0 {
			return
		}
		flags = 0
	}
}
