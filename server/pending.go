package server

import (
	"context"
	"fmt"

	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/policy"
)

// errCancelled ends the wait of a request that the client cancelled. Back ends
// may return it as the cause of their context's end.
var errCancelled = fmt.Errorf("cancelled by the client: %w", ntstatus.Cancelled)

// pending must be called by a handler before it waits for anything but the
// disk. It sends an interim response, gives the received message back (no
// slice of it may be used afterwards) unless it is a CREATE, and from then on
// a.ctx ends when the client cancels. The handler then simply goes on.
// [MS-SMB2] 3.3.4.2.
//
// Inside a compound only the last element may wait, and CREATE, for an oplock to
// break; for any other it returns InternalError. <266> If too many requests of the connection wait already it
// returns InsufficientResources. <242>
func (a *authenticated) pending() error {
	ch, c := a.chain, a.conn
	create := a.header.Command == smb2.CommandCreate
	if !a.isLast() && !create {
		return ntstatus.InternalError
	}
	c.replaceReader(ch)
	ctx, cancel := context.WithCancelCause(c.ctx)
	limit := int(policy.Get(c.policy, policy.AsynchronousCredits))
	c.mu.Lock()
	if len(c.asyncs) >= limit {
		c.mu.Unlock()
		c.server.count(LimitWaiting)
		cancel(nil)
		return ntstatus.InsufficientResources
	}
	c.lastAsync++
	a.asyncID = c.lastAsync
	a.cancel = cancel
	if a.tree != nil {
		a.cancelDemands = a.tree.demands.demanded()
	}
	cancelled := a.cancelled.session == a.sessionID && a.cancelled.proof >= a.cancelDemands
	c.asyncs[a.asyncID] = a.request
	c.mu.Unlock()
	if cancelled {
		cancel(errCancelled)
	}
	a.ctx = ctx
	if !create { // which may have to begin again from its name, and others may follow
		ch.releaseMessage()
	}

	// The interim response leaves together with the replies before it, and is
	// never signed; it is sealed when the request was.
	a.status = ntstatus.Pending
	at := a.place()
	ch.reply(ch.elements[ch.replied : at+1])
	ch.replied = at
	a.status = ntstatus.Success
	return nil
}

// isLast reports whether a is the last element of its chain.
func (a *authenticated) isLast() bool { return a.place() == len(a.chain.elements)-1 }

// place is which element of its chain a is.
func (a *authenticated) place() int {
	i := 0
	for a.request != &a.chain.elements[i] {
		i++
	}
	return i
}

// cancellation is a CANCEL: whose it is, and what shows that it is theirs.
type cancellation struct {
	session smb2.SessionID
	proof   proof
}

// cancelRequest ends the wait of the request that h, the header of the CANCEL
// by, names. A session cancels its own requests only, and nobody without a
// session any; and a request about a share needs a CANCEL with the proof that
// the share demands: else an unsigned CANCEL would end what only signed requests
// may begin. It reports false if that was missing. [MS-SMB2] 3.3.5.16.
func (c *connection) cancelRequest(h *smb2.Header, by cancellation) bool {
	if by.session == 0 {
		return true
	}
	c.mu.Lock()
	target := c.requests[h.MessageID]
	if h.Is(smb2.FlagAsyncCommand) {
		target = c.asyncs[h.AsyncID]
	}
	var end context.CancelCauseFunc
	proven := true
	switch {
	case target == nil:
	case target.cancel == nil:
		// pending compares: only then are session and share known.
		if target.cancelled.session != by.session || target.cancelled.proof < by.proof {
			target.cancelled = by
		}
	case target.sessionID == by.session:
		end, proven = target.cancel, by.proof >= target.cancelDemands
	}
	c.mu.Unlock()
	if end != nil && proven {
		end(errCancelled)
	}
	return proven
}
