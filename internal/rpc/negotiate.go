package rpc

import (
	"context"
	"errors"
	"slices"

	"github.com/signet-smb/signet/internal/wire"
)

// receiveBind takes a bind, the first PDU of a connection. [C706] 12.6.4.3.
func (c *Conn) receiveBind(ctx context.Context, h header, f fragment) {
	if c.bound {
		c.refuseBind(h, nakNotSpecified)
		return
	}
	body, cred, ok := f.bindBody(h)
	if !ok {
		c.refuseBind(h, nakProtocolVersion)
		return
	}
	if cred != nil {
		if reason, ok := cred.refusal(c.endpoint.Authenticate != nil); !ok {
			c.refuseBind(h, reason)
			return
		}
	}
	b := decodeBind(body)
	switch {
	case body.Err() != nil:
		c.refuseBind(h, nakProtocolVersion)
		return
	case len(b.contexts) == 0:
		c.refuseBind(h, nakNotSpecified)
		return
	}
	answers := c.negotiate(b.contexts)
	var token []byte
	if cred != nil {
		c.secureBind = true
		c.headerSigning(h)
		var err error
		if _, token, err = c.authenticate(ctx, cred); err != nil {
			c.refuseBind(h, nakInvalidChecksum)
			return
		}
	}
	c.bound = true
	c.fragment = min(max(int(min(b.maxTransmit, b.maxReceive)), minFragment), maxFragment) &^ 7
	// Deviation: an association that we do not know is joined, not refused.
	// All that its connections would share are context handles, and those are
	// each connection's own here.
	if c.group = b.group; c.group == 0 {
		c.group = c.endpoint.NewGroup()
	}
	c.send(appendBindAck(packetBindAck, h.flags&flagConcMpx|c.answerFlags(h), h.callID, c.fragment, c.group, c.endpoint.Name, answers, cred, token))
}

// bindBody is the body of a bind or alter_context, and what stands behind it; ok
// is false if their lengths are at odds with each other.
func (f fragment) bindBody(h header) (body reader, cred *credentials, ok bool) {
	if h.authLength == 0 {
		body = reader{wire.NewReader(f), h.bigEndian()}
		body.Skip(headerSize)
		return body, nil, true
	}
	found, parts, ok := f.credentials(h, headerSize)
	return reader{wire.NewReader(parts.body), h.bigEndian()}, &found, ok
}

// refuseBind ends a connection that was not to be.
func (c *Conn) refuseBind(h header, reason nakReason) {
	if reason == nakProtocolVersion {
		c.malformed(FaultProtocol)
	}
	c.send(appendBindNak(h.callID, reason))
	c.close()
}

// receiveAlter takes an alter_context, which adds contexts, goes on with an
// authentication or begins one. Its sizes and its association are ignored.
// [C706] 12.6.4.1, [MS-RPCE] 3.3.1.5.2.1.
func (c *Conn) receiveAlter(ctx context.Context, h header, f fragment) {
	body, cred, ok := f.bindBody(h)
	if cred != nil {
		if _, usable := cred.refusal(c.endpoint.Authenticate != nil); ok && !usable {
			c.abort(h.callID, 0, FaultAccessDenied)
			return
		}
	}
	b := decodeBind(body)
	if !ok || !c.bound || body.Err() != nil || len(b.contexts) == 0 {
		c.send(appendFault(h.callID, 0, flagDidNotExecute, FaultProtocol))
		c.close()
		return
	}
	answers := c.negotiate(b.contexts)
	var token []byte
	if cred != nil {
		c.headerSigning(h)
		var err error
		if _, token, err = c.authenticate(ctx, cred); err != nil {
			c.abort(h.callID, 0, faultOfSecurity(err))
			return
		}
	}
	c.send(appendBindAck(packetAlterResponse, c.answerFlags(h), h.callID, c.fragment, c.group, "", answers, cred, token))
}

// faultOfSecurity is the status for an authentication that failed: of what the
// mechanism says a client learns that it is refused.
func faultOfSecurity(err error) Fault {
	if f, ok := errors.AsType[Fault](err); ok {
		return f
	}
	return FaultAccessDenied
}

// negotiate answers each offer in its place. [MS-RPCE] 3.3.1.5.6.
func (c *Conn) negotiate(offers []offer) []answer {
	answers := make([]answer, 0, len(offers))
	for i := range offers {
		answers = append(answers, c.consider(&offers[i]))
	}
	return answers
}

// consider answers one offer, and enters the context if it is accepted.
func (c *Conn) consider(o *offer) answer {
	supported := uint8(keepOnOrphan)
	if c.endpoint.Authenticate != nil {
		supported |= multiplexSecurity
	}
	if a, ok := o.features(supported); ok {
		c.multiplex = c.multiplex || a.reason&multiplexSecurity != 0
		return a
	}
	i := c.find(o.abstract)
	if i == nil {
		return answer{result: resultProviderRejection, reason: reasonAbstractSyntax}
	}
	known := c.contexts[o.id]
	switch {
	case known != nil && known != i:
		return answer{result: resultProviderRejection, reason: reasonAbstractSyntax}
	case !slices.Contains(o.transfers, ndr20):
		return answer{result: resultProviderRejection, reason: reasonTransferSyntax}
	case known == nil && len(c.contexts) >= maxContexts:
		return answer{result: resultProviderRejection, reason: reasonLocalLimit}
	}
	c.contexts[o.id] = i
	return answer{result: resultAcceptance, transfer: ndr20}
}

// find returns the interface that a client asks for, or nil.
func (c *Conn) find(s Syntax) *Interface {
	for _, i := range c.endpoint.Interfaces {
		if i.serves(s) {
			return i
		}
	}
	return nil
}
