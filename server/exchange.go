package server

import (
	"sync"

	"github.com/signet-smb/signet/auth"
	"github.com/signet-smb/signet/internal/transform"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/policy"
)

// purpose is what an authentication is for.
type purpose uint8

const (
	forNewSession       purpose = iota
	forReauthentication         // of a valid session: keys stay, nothing is hashed
	forBinding                  // of a valid session to a further connection
)

// exchange is one authentication in progress, keyed by connection and
// SessionId: the GSS context and what the specification hangs on
// PreauthSession. It runs one leg at a time: mu is held from the request's
// hash until the reply is hashed and queued.
type exchange struct {
	session  *session
	acceptor auth.Acceptor
	purpose  purpose

	mu      sync.Mutex
	preauth transform.PreauthHash
	legs    int // tokens that the mechanism was given
	ended   bool
}

// hashRequest adds a SESSION_SETUP request to the hash, as it came over the
// wire, the signature of a binding one included. [MS-SMB2] 3.3.5.5.3.
func (x *exchange) hashRequest(msg []byte) {
	if x.purpose != forReauthentication {
		x.preauth.Update(msg)
	}
}

// hashReply adds a reply to the hash, signature included, unless it is the
// last one.
func (x *exchange) hashReply(status ntstatus.Status, msg []byte) {
	if x.purpose != forReauthentication && status == ntstatus.MoreProcessingRequired {
		x.preauth.Update(msg)
	}
}

// exchangeFor returns the exchange that a SESSION_SETUP request goes on with,
// or begins. ss is the session that the request names, nil for a new one.
func (c *connection) exchangeFor(ss *session, why purpose) (x *exchange, err error) {
	if ss == nil {
		if err := c.reserveSession(); err != nil {
			return nil, err
		}
		defer func() {
			if err != nil {
				c.server.sessionQuota.giveBack(c.client)
			}
		}()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if ss != nil {
		if x := c.exchanges[ss.id]; x != nil {
			if x.purpose != why {
				return nil, ntstatus.RequestNotAccepted // the session has become valid, or bound, meanwhile
			}
			return x, nil
		}
		if why == forNewSession {
			return nil, ntstatus.UserSessionDeleted
		}
	}
	// Each holds a GSS context for a stranger.
	if len(c.exchanges) >= int(policy.Get(c.policy, policy.MaxPendingSessionPerConnection)) {
		c.server.count(LimitSessions)
		return nil, ntstatus.RequestNotAccepted
	}
	if ss == nil && len(c.sessions) >= int(policy.Get(c.policy, policy.MaxSessionPerConnection)) {
		c.server.count(LimitSessions)
		return nil, ntstatus.InsufficientResources
	}
	x = &exchange{
		session:  ss,
		acceptor: c.server.authenticator.NewAcceptor(),
		purpose:  why,
		preauth:  c.negotiated.Load().preauth,
	}
	if ss == nil {
		x.session = newSession(c)
		c.sessions[x.session.id] = x.session
	}
	c.exchanges[x.session.id] = x
	return x, nil
}

// end takes x out of its connection's table. The caller holds x.mu.
func (x *exchange) end(c *connection) {
	x.ended = true
	c.mu.Lock()
	if c.exchanges[x.session.id] == x {
		delete(c.exchanges, x.session.id)
	}
	c.mu.Unlock()
}

// abort ends x, and the session that would have begun or been renewed by it:
// a failed authentication leaves nothing behind, a failed re-authentication
// ends the session on all channels. A failed binding says nothing about the
// session, which goes on without this channel. [MS-SMB2] 3.3.5.5.3.
func (x *exchange) abort(c *connection) {
	x.end(c)
	if x.purpose != forBinding {
		x.session.close()
	}
}
