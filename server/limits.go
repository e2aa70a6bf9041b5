package server

import (
	"math"
	"slices"

	"github.com/signet-smb/signet/internal/bufpool"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/policy"
)

// This file is where the limits of policy meet what clients ask for. Those on
// connections as such are in client_table.go.

const (
	// frugalAbove is how many bytes messages of which a part has come may hold,
	// all together, before an announcement buys next to nothing.
	frugalAbove = 16 << 20
	// pipeMemory is how many bytes the pipes of a session may hold: calls that
	// have not come whole, and answers that were not read.
	pipeMemory = 2 << 20
	// descriptorReserve is what is left to the process itself: listeners,
	// databases, the roots of shares.
	descriptorReserve = 64
)

// maxConnections is how many connections the server can have: they take a
// quarter of the process's descriptors at most.
func (s *Server) maxConnections(p *policy.Snapshot) int {
	limit := int(policy.Get(p, policy.MaxConnections))
	if s.descriptors > 0 {
		limit = max(1, min(limit, s.descriptors/4))
	}
	return limit
}

// connectionLimits are the limits for the table of clients.
func (c *connection) connectionLimits() connectionLimits {
	l := connectionLimits{
		all:           c.server.maxConnections(c.policy),
		each:          int(policy.Get(c.policy, policy.MaxConnectionsPerAddress)),
		pending:       int(policy.Get(c.policy, policy.MaxPendingConnections)),
		pendingOfEach: int(policy.Get(c.policy, policy.MaxPendingConnectionsPerAddress)),
	}
	// A connection that never signs in must not be able to fill a table.
	l.pending = max(1, min(l.pending, l.all/2))
	l.pendingOfEach = max(1, min(l.pendingOfEach, l.pending/2))
	return l
}

// maxOpens is how many opens the server can have: each may take two
// descriptors, the file's and the handle's.
func (s *Server) maxOpens(p *policy.Snapshot) int {
	limit := int(policy.Get(p, policy.MaxOpenFiles))
	if d := s.descriptors; d > 0 {
		limit = min(limit, max(1, (d-d/4-descriptorReserve)/2))
	}
	return limit
}

// openSlot is the right to have one open. The zero value is none.
type openSlot struct {
	session *session
	client  clientAddr
}

// reserveOpen counts one open more, before anything is opened for it.
// [MS-SMB2] 3.3.5.9.
func (a *authenticated) reserveOpen() (openSlot, error) {
	c := a.conn
	if int(a.session.numOpens.Add(1)) > int(policy.Get(c.policy, policy.MaxOpenFilesPerSession)) {
		a.session.numOpens.Add(-1)
		c.server.count(LimitOpens)
		return openSlot{}, ntstatus.TooManyOpenedFiles
	}
	verdict := c.server.openQuota.take(c.client, c.server.maxOpens(c.policy), int(policy.Get(c.policy, policy.MaxOpenFilesPerAddress)))
	if verdict == quotaTaken {
		return openSlot{a.session, c.client}, nil
	}
	a.session.numOpens.Add(-1)
	c.server.count(LimitOpens)
	if verdict == quotaExhausted {
		c.warn("open refused", "err", "too many open files in the server")
	}
	return openSlot{}, ntstatus.TooManyOpenedFiles
}

// giveBack ends the right.
func (o openSlot) giveBack() {
	if o.session != nil {
		o.session.numOpens.Add(-1)
		o.session.server.openQuota.giveBack(o.client)
	}
}

// reserveSession counts one session more of c's client. What it gives must be
// given back by the session's end. [MS-SMB2] 3.3.5.5.
func (c *connection) reserveSession() error {
	limit := int(policy.Get(c.policy, policy.MaxSessions))
	if c.server.sessionQuota.take(c.client, limit, limit) != quotaTaken {
		c.server.count(LimitSessions)
		c.warn("logon refused", "err", "too many sessions in the server")
		return ntstatus.InsufficientResources
	}
	return nil
}

// reserveTree makes sure that there will be room for one tree connect more,
// until done is called. [MS-SMB2] 3.3.5.7.
func (ss *session) reserveTree(limit int) (done func(), err error) {
	ss.mu.Lock()
	defer ss.mu.Unlock()
	if len(ss.trees)+ss.connecting >= limit {
		return nil, ntstatus.InsufficientResources
	}
	ss.connecting++
	return func() {
		ss.mu.Lock()
		ss.connecting--
		ss.mu.Unlock()
	}, nil
}

// frames is a connection as the owner of the message that is coming in. It
// implements transport.Owner.
type frames connection

// MaxFrame implements transport.Owner.
func (f *frames) MaxFrame() int {
	if f.signedIn.Load() {
		return maxFrame
	}
	return maxFrameBeforeSession
}

// Thrifty implements transport.Owner: strangers are short of words, and a crowd
// that announces what it never sends shall have no memory for it.
func (f *frames) Thrifty() bool {
	return !f.signedIn.Load() || f.server.memory.partial.Load() > frugalAbove
}

// Answered implements transport.Owner: nothing is in progress but what waits
// anyhow.
func (f *frames) Answered() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.requests) == len(f.asyncs)
}

// Hold implements transport.Owner.
func (f *frames) Hold(n int) {
	f.partial.Add(int64(n))
	f.server.memory.partial.Add(int64(n))
	f.budget.hold(n)
	if n > 0 {
		f.server.reclaim((*connection)(f).maxMemory())
	}
}

// arrived ends the count of a message as one that is coming in; its memory
// stays counted in the budget. It returns that memory in bytes.
func (c *connection) arrived(buf *bufpool.Buf) int {
	n := bufpool.Cap(len(buf.B))
	c.partial.Add(-int64(n))
	c.server.memory.partial.Add(-int64(n))
	return n
}

// maxMemory is how many bytes all connections may hold before the server is
// short of memory.
func (c *connection) maxMemory() int64 {
	return int64(policy.Get(c.policy, policy.MaxMemoryInMB)) << 20
}

// reclaim closes connections if messages of which a part has come hold more
// than a quarter of plenty, or everything together twice of it: of the address
// that holds most the one that does, until a quarter of the bound is free.
// Their clients have stopped sending, or reading, in the middle.
func (s *Server) reclaim(plenty int64) {
	if s.memory.partial.Load() > plenty/4 {
		s.cutOff(plenty/4, func(c *connection) int64 { return c.partial.Load() })
	}
	if s.memory.held.Load() > 2*plenty {
		s.cutOff(2*plenty, func(c *connection) int64 { return c.budget.holds() })
	}
}

// holder is a connection that cutOff may close.
type holder struct {
	conn *connection
	held int64
}

// cutOff closes connections until the others hold three quarters of limit at
// most, if they hold more than limit. held tells what one holds.
func (s *Server) cutOff(limit int64, held func(*connection) int64) {
	s.reclaiming.Lock()
	defer s.reclaiming.Unlock()
	total := int64(0)
	clients := make(map[clientAddr][]holder)
	sums := make(map[clientAddr]int64)
	s.mu.Lock()
	for c := range s.connections {
		if n := held(c); n > 0 && c.ctx.Err() == nil { // else it is on its way out
			clients[c.client] = append(clients[c.client], holder{c, n})
			sums[c.client] += n
			total += n
		}
	}
	s.mu.Unlock()
	if total <= limit {
		return
	}
	for _, of := range clients {
		slices.SortFunc(of, func(a, b holder) int { return int(min(max(a.held-b.held, math.MinInt32), math.MaxInt32)) })
	}
	for total > limit-limit/4 {
		var worst clientAddr
		for who, n := range sums {
			if n > sums[worst] {
				worst = who
			}
		}
		of := clients[worst]
		last := of[len(of)-1]
		clients[worst] = of[:len(of)-1]
		sums[worst] -= last.held
		total -= last.held
		last.conn.disconnect(errMemory)
		s.count(LimitMemory)
		last.conn.warn("connection closed by the server", "reason", errMemory)
	}
}
