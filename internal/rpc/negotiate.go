package rpc

import (
	"slices"

	"github.com/signet-smb/signet/internal/wire"
)

// receiveBind takes a bind, the first PDU of a connection. [C706] 12.6.4.3.
func (c *Conn) receiveBind(h header, body *wire.Reader) {
	if c.bound {
		c.refuseBind(h, nakNotSpecified)
		return
	}
	if h.authLength != 0 {
		c.refuseBind(h, refusal(h, body))
		return
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
	c.bound = true
	c.fragment = min(max(int(min(b.maxTransmit, b.maxReceive)), minFragment), maxFragment) &^ 7
	// Deviation: an association that we do not know is joined, not refused.
	// All that its connections would share are context handles, and those are
	// each connection's own here.
	if c.group = b.group; c.group == 0 {
		c.group = c.endpoint.NewGroup()
	}
	c.send(appendBindAck(packetBindAck, h.flags&flagConcMpx, h.callID, c.fragment, c.group, c.endpoint.Name, c.negotiate(b.contexts)))
}

// refuseBind ends a connection that was not to be.
func (c *Conn) refuseBind(h header, reason nakReason) {
	if reason == nakProtocolVersion {
		c.malformed(FaultProtocol)
	}
	c.send(appendBindNak(h.callID, reason))
	c.close()
}

// receiveAlter takes an alter_context, which adds contexts. Its sizes and its
// association are ignored. [C706] 12.6.4.1.
func (c *Conn) receiveAlter(h header, body *wire.Reader) {
	if h.authLength != 0 {
		c.abort(h.callID, 0, FaultAccessDenied)
		return
	}
	b := decodeBind(body)
	if !c.bound || body.Err() != nil || len(b.contexts) == 0 {
		c.send(appendFault(h.callID, 0, flagDidNotExecute, FaultProtocol))
		c.close()
		return
	}
	c.send(appendBindAck(packetAlterResponse, 0, h.callID, c.fragment, c.group, "", c.negotiate(b.contexts)))
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
	if a, ok := o.features(); ok {
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
