package client

import (
	"errors"

	"github.com/signet-smb/signet/event"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/policy"
)

// EventSink is told what an administrator may want to know of. Record is
// called from many goroutines and must return at once, without calling the
// client.
type EventSink interface {
	Record(e event.Event)
}

// raise tells of an event about c's server, if anybody listens.
func (c *connection) raise(kind *event.Kind, reason string) {
	if c.events == nil {
		return
	}
	e := event.Event{Kind: kind, Client: c.server, Reason: reason}
	if c.negotiated.dialect != 0 {
		e.Dialect = c.negotiated.dialect.String()
	}
	if s := c.session.Load(); s != nil {
		e.User, e.SessionID = s.user, uint64(s.id)
	}
	c.events.Record(e)
}

// raiseFor tells of why the connection ends, if that is an event.
func (c *connection) raiseFor(err error) {
	if errors.Is(err, errAltered) {
		c.raise(event.ClientNegotiateValidationFailed, err.Error())
		return
	}
	if _, ok := errors.AsType[*DecryptError](err); ok {
		c.raise(event.ReplyCannotBeDecrypted, err.Error())
		return
	}
	if e, ok := errors.AsType[*SignatureError](err); ok {
		kind := event.SignatureValidationFailed
		if e.Want == "sealed" {
			kind = event.UnencryptedMessage
		}
		c.raise(kind, err.Error())
	}
}

// audit tells of a server that lacks something, where the policy wants to know.
func (c *connection) audit(s *settings) {
	n := &c.negotiated
	if s.auditEncryption && n.cipher == smb2.CipherNone {
		c.raise(event.ServerDoesNotSupportEncryption, "there is no cipher in common")
	}
	if s.auditSigning && n.serverMode&smb2.SigningEnabled == 0 {
		c.raise(event.ServerDoesNotSupportSigning, "it does not say that it can sign")
	}
}

// auditGuest tells of a sign-in after which the server took the user for a
// guest.
func (s *session) auditGuest(d policy.Decision) {
	if s.identity != policy.Guest {
		return
	}
	if d.Outcome == policy.Refused {
		s.conn.raise(event.InsecureGuestLogonRefused, d.Reason)
	} else if s.settings.auditGuest {
		s.conn.raise(event.InsecureGuestLogonAllowed, d.Reason)
	}
}
