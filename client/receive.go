package client

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"time"

	"github.com/signet-smb/signet/internal/bufpool"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/transform"
	"github.com/signet-smb/signet/ntstatus"
)

// readLoop receives until the connection ends.
func (c *connection) readLoop() {
	for {
		buf, err := c.transport.Read(c)
		if errors.Is(err, io.EOF) {
			err = errHungUp
		}
		if err == nil {
			err = c.receive(buf)
			buf.Release()
			// Who waited for it goes first, on this very thread: it may send the
			// next request before the read loop waits in the kernel.
			runtime.Gosched()
		}
		if err != nil {
			c.fail(err)
			return
		}
	}
}

// receive takes one message apart. An error ends the connection: it is a
// *ProtocolError if the server has said what it must not. [MS-SMB2] 3.2.5.1.
func (c *connection) receive(buf *bufpool.Buf) error {
	msg := buf.B
	sealed := false
	var sessionID smb2.SessionID
	switch smb2.Protocol(msg) {
	case smb2.ProtocolSMB2:
	case smb2.ProtocolTransform:
		h, err := smb2.DecodeTransformHeader(msg)
		if err != nil {
			return violation("3.2.5.1.1.1", "%v", err)
		}
		s := c.session.Load()
		if s == nil || s.id != h.SessionID {
			return violation("3.2.5.1.1.1", "a message sealed for a session that there is not")
		}
		keys := s.keys.Load()
		if keys.Opener == nil {
			return violation("3.2.5.1.1.1", "a sealed message in a session without a cipher")
		}
		if msg, err = keys.Opener.Open(msg); err != nil {
			return &DecryptError{SessionID: uint64(h.SessionID), Err: err}
		}
		sealed, sessionID = true, h.SessionID
	default:
		return violation("3.2.5.1", "a message that is not SMB2")
	}
	n := 0
	for e, err := range smb2.Chain(msg) {
		if err != nil {
			return violation("3.2.5.1.9", "%v", err)
		}
		if n++; !e.Header.Is(smb2.FlagServerToRedir) {
			return violation("3.2.5.1", "a request instead of an answer")
		}
		if sealed && e.Header.SessionID != sessionID {
			return violation("3.2.5.1.1.1", "a message of session %v sealed for session %v", e.Header.SessionID, sessionID)
		}
		if err := c.receiveElement(e, buf, sealed); err != nil {
			return err
		}
	}
	if n == 0 {
		return violation("3.2.5.1", "an empty message")
	}
	c.mu.Lock()
	c.received = time.Now()
	c.mu.Unlock()
	return nil
}

// receiveElement takes one answer. What nobody asked for is dropped.
func (c *connection) receiveElement(e smb2.Element, buf *bufpool.Buf, sealed bool) error {
	h := &e.Header
	if h.MessageID == smb2.UnsolicitedMessageID {
		return c.unsolicited(e, sealed)
	}
	c.mu.Lock()
	k := c.calls[h.MessageID]
	c.mu.Unlock()
	if k == nil {
		return nil // [MS-SMB2] 3.2.5.1.2
	}
	if h.Command != k.command {
		return violation("3.2.5.1", "%v answered as %v", k.command, h.Command)
	}
	interim := h.Status == ntstatus.Pending
	if interim && !h.Is(smb2.FlagAsyncCommand) {
		return violation("3.2.5.1.5", "%v answered as pending, without a name to cancel it by", k.command)
	}
	verified, err := k.verify(e, sealed, interim)
	if err != nil {
		return err
	}
	if interim {
		return c.interim(k, h)
	}
	r := reply{conn: c, header: *h, message: e.Message, buf: buf, unverified: !verified}
	c.deliver(k, r)
	if h.Status == ntstatus.UserSessionDeleted && k.command != smb2.CommandSessionSetup {
		return fmt.Errorf("the server has ended the session: %w", h.Status)
	}
	return nil
}

// verify reports whether e, the answer to k, proves to come from the server;
// or an error, if it had to. What must be proved follows from the state of the
// session when the request was sent, not from what the answer says of itself.
// [MS-SMB2] 3.2.5.1.1, 3.2.5.1.3.
//
// An answer to NEGOTIATE or SESSION_SETUP is verified by who waits for it: the
// key is made of it; unless the session has one.
func (k *call) verify(e smb2.Element, sealed, interim bool) (bool, error) {
	if k.session == nil || k.command == smb2.CommandNegotiate || k.command == smb2.CommandSessionSetup && !k.renews {
		return false, nil
	}
	h := &e.Header
	switch {
	case k.session.id != h.SessionID && !mayBeUnproved(h):
		return false, violation("3.2.5.1.3", "%v answered in session %v", k.command, h.SessionID)
	case sealed:
		return true, nil
	case k.protect.seal:
		if mayBeUnproved(h) {
			return false, nil
		}
		return false, &SignatureError{Command: k.command.String(), MessageID: uint64(h.MessageID), Status: h.Status, Want: "sealed"}
	case interim:
		return false, nil // never signed: [MS-SMB2] 3.3.4.1.1
	}
	keys := k.session.keys.Load()
	must := k.protect.sign || k.session.signingRequired
	if claims := h.Is(smb2.FlagSigned) && k.session.proved(); !must && !claims {
		return false, nil
	}
	if keys.Signer.Verify(e.Message, transform.Server) {
		return true, nil
	}
	if mayBeUnproved(h) {
		return false, nil
	}
	return false, &SignatureError{Command: k.command.String(), MessageID: uint64(h.MessageID), Status: h.Status, Want: "signed"}
}

// mayBeUnproved reports whether an answer that proves nothing is taken as the
// failure that it says: servers have no key any more, or none yet, when they
// send these. Without this nobody would hear of a server's restart.
func mayBeUnproved(h *smb2.Header) bool {
	if h.Is(smb2.FlagSigned) && h.Signature != [16]byte{} {
		return false
	}
	switch h.Status {
	case ntstatus.UserSessionDeleted, ntstatus.NetworkSessionExpired, ntstatus.NetworkNameDeleted,
		ntstatus.FileClosed, ntstatus.InvalidParameter:
		return true
	}
	return false
}

// interim notes that k will take a while: its credits come now. [MS-SMB2]
// 3.2.5.1.5.
func (c *connection) interim(k *call, h *smb2.Header) error {
	c.mu.Lock()
	if k.pending {
		c.mu.Unlock()
		return violation("3.2.5.1.5", "a second interim response to %v", k.command)
	}
	k.pending = true
	k.asyncID = h.AsyncID
	c.credits.outstanding--
	c.credits.returned(k.ask, h.Credits)
	c.credits.grant()
	abandoned := k.abandoned
	more := c.together.answered(k)
	c.mu.Unlock()
	if more {
		c.sendTogether()
	}
	if abandoned { // the CANCEL without a name may have come too early
		c.cancel(k, h.AsyncID)
	}
	return nil
}

// deliver gives r to who waits for k.
func (c *connection) deliver(k *call, r reply) {
	c.mu.Lock()
	if c.calls[k.id] != k { // the connection has ended
		c.mu.Unlock()
		return
	}
	delete(c.calls, k.id)
	if k.pending {
		c.credits.returned(0, r.header.Credits)
	} else {
		c.credits.outstanding--
		c.credits.returned(k.ask, r.header.Credits)
	}
	c.credits.grant()
	more := c.together.answered(k)
	abandoned := k.abandoned
	if !abandoned {
		r.buf.Retain()
		k.reply = r
		close(k.answered)
	}
	c.mu.Unlock()
	if abandoned && k.orphan != nil {
		k.orphan(r)
	}
	if more {
		c.sendTogether()
	}
}
