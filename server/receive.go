package server

import (
	"github.com/signet-smb/signet/event"
	"github.com/signet-smb/signet/internal/bufpool"
	"github.com/signet-smb/signet/internal/smb2"
)

// The way of a request, in the order of [MS-SMB2] 3.3.5.2:
//
//	connection.readLoop       connection.go  a frame from the socket
//	connection.receive        receive.go     .2, .2.1    unseal, split the compound
//	connection.admit          receive.go     .2.2, .2.3  state, message id, credits
//	chain.run, request.run    dispatch.go    worker      one element after the other;
//	                                         a reader (reader.go) if it will not take long
//	request.authenticate      dispatch.go    .2.4, .2.9  signature, session
//	authenticated.resolve     dispatch.go    .2.7, .2.11 tree connect, open
//	the command's handler     <command>.go   .3 to .22
//	chain.complete            send.go        the way back

// receive takes one frame. It owns buf. An error ends the connection.
func (c *connection) receive(buf *bufpool.Buf) error {
	ch := &chain{conn: c, buf: buf, held: c.arrived(buf)}
	msg := buf.B
	c.tally.received.Add(uint64(len(msg)))
	var err error
	switch smb2.Protocol(msg) {
	case smb2.ProtocolSMB2:
	case smb2.ProtocolTransform:
		msg, err = c.unseal(ch, msg)
	case smb2.ProtocolSMB1:
		err = c.negotiateSMB1(ch, msg)
		ch.release()
		return err
	default:
		err = &Disconnect{"3.3.5.2", "not an SMB2 message"}
	}
	if err == nil {
		err = c.admit(ch, msg)
	}
	if err != nil {
		ch.release()
		return err
	}
	// Only NEGOTIATE may come before the dialect is settled, and nothing else
	// may be looked at until it is; CANCEL must not wait behind what it is to
	// cancel.
	if c.negotiated.Load() == nil || len(ch.elements) == 1 && ch.elements[0].row.inline {
		return ch.run()
	}
	if c.isQuick(ch) {
		return c.runQuick(ch)
	}
	c.workers.Go(func() {
		if err := ch.run(); err != nil {
			c.disconnect(err)
		}
	})
	return nil
}

// unseal decrypts a message in place. [MS-SMB2] 3.3.5.2.1.1.
func (c *connection) unseal(ch *chain, msg []byte) ([]byte, error) {
	const section = "3.3.5.2.1.1"
	h, err := smb2.DecodeTransformHeader(msg)
	if err != nil {
		return nil, &Disconnect{section, err.Error()}
	}
	ss := c.session(h.SessionID)
	if ss == nil {
		return nil, &Disconnect{section, "sealed message for an unknown session"}
	}
	sec := ss.security(c)
	if sec == nil || sec.opener == nil {
		// No cipher, not signed in yet, guest or anonymous.
		return nil, &Disconnect{section, "sealed message for a session without cipher keys"}
	}
	plain, err := sec.opener.Open(msg)
	if err != nil {
		return nil, c.raiseAnd(ss.event(event.CannotDecrypt), &Disconnect{section, err.Error()})
	}
	if smb2.Protocol(plain) != smb2.ProtocolSMB2 {
		return nil, &Disconnect{section, "no SMB2 message inside the sealed one"}
	}
	ch.sealedBy = ss.id
	return plain, nil
}

// admit splits msg into its elements and takes each into RequestList, in the
// order they came. [MS-SMB2] 3.3.5.2, 3.3.5.2.2, 3.3.5.2.3.
func (c *connection) admit(ch *chain, msg []byte) error {
	ch.elements = ch.one[:0]
	for e, err := range smb2.Chain(msg) {
		if err != nil {
			return &Disconnect{"3.3.5.2.6", err.Error()}
		}
		ch.elements = append(ch.elements, request{
			conn: c, chain: ch, ctx: c.ctx,
			header: e.Header, message: e.Message,
			sessionID: e.Header.SessionID, treeID: e.Header.TreeID,
		})
	}
	if len(ch.elements) == 0 {
		return &Disconnect{"3.3.5.2.6", "empty message"}
	}
	var prev *request
	for i := range ch.elements {
		r := &ch.elements[i]
		if err := r.check(i, len(msg)); err != nil {
			return err
		}
		if r.header.Command == smb2.CommandCancel {
			continue // it has no sequence number, 3.3.5.16
		}
		r.note(prev)
		prev = r
		if err := c.register(r); err != nil {
			return err
		}
	}
	return nil
}

// check makes the tests that end the connection when they fail. i is the
// element's place in its chain, size the length of the whole chain in bytes.
func (r *request) check(i, size int) error {
	h := &r.header
	if h.Command >= smb2.CommandCount || h.Is(smb2.FlagServerToRedir) {
		return &Disconnect{"3.3.5.2.6", "no request of this protocol"}
	}
	r.row = &commands[h.Command]
	if sealedBy := r.chain.sealedBy; sealedBy != 0 {
		related := h.Is(smb2.FlagRelatedOperation)
		if i == 0 && related || !related && h.SessionID != sealedBy {
			return &Disconnect{"3.3.5.2.1.1", "sealed by one session, meant for another"}
		}
	}
	if h.Command == smb2.CommandNegotiate && len(r.chain.elements) > 1 {
		return &Disconnect{"3.3.5.4", "NEGOTIATE in a compound"}
	}
	if h.Command != smb2.CommandNegotiate && r.conn.negotiated.Load() == nil {
		return &Disconnect{"3.3.5.2.2", "request before NEGOTIATE"}
	}
	n := r.conn.negotiated.Load()
	if size > maxFrameBeforeSession && n != nil && (!n.multiCredit() || !r.row.large && len(r.chain.elements) == 1) {
		return &Disconnect{"3.3.5.2", "request too large for its command"}
	}
	return nil
}

// register uses up the request's message ids and enters it into RequestList.
// [MS-SMB2] 3.3.5.2.3.
func (c *connection) register(r *request) error {
	h := &r.header
	charge := r.creditCharge()
	c.mu.Lock()
	ok := c.window.take(h.MessageID, charge)
	if ok {
		c.requests[h.MessageID] = r
	}
	c.mu.Unlock()
	if !ok {
		return &Disconnect{"3.3.5.2.3", "message id outside the window"}
	}
	if r.row.largeReply {
		// The reply may need as much memory as the credits allow.
		r.chain.held += charge * creditSize
		c.budget.hold(charge * creditSize)
	}
	return nil
}
