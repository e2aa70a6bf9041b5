package server

import (
	"cmp"
	"maps"
	"slices"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/fsa"
	"github.com/signet-smb/signet/internal/smb2"
)

// tellBreaks tells clients of all breaks that there are now. Whoever has done
// something to a file calls it before he answers for it, or waits. It waits for
// no client.
func (s *Server) tellBreaks() {
	if !s.store.HasBreaks() {
		return
	}
	s.telling.Lock()
	defer s.telling.Unlock()
	for b, ok := s.store.NextBreak(); ok; b, ok = s.store.NextBreak() {
		s.tellBreak(&b)
	}
}

// tellBreak sends the notification of b by the first connection that can take
// it. If there is none, the client has lost what it cached. The caller holds
// s.telling.
func (s *Server) tellBreak(b *fsa.Break) {
	var by *connection
	switch holder := b.Owner().(type) {
	case *oplockHolder:
		by = holder.tellBreak(b)
	case *session:
		by = s.tellLeaseBreak(holder, b)
	}
	if by == nil {
		b.Lost()
		return
	}
	b.Sent(by)
}

// tellBreak sends an oplock break notification, sealed where the session is. It
// returns by which channel; nil if none can take it. [MS-SMB2] 3.3.4.6.
func (h *oplockHolder) tellBreak(b *fsa.Break) *connection {
	m := &smb2.OplockBreakNotification{OplockLevel: oplockLevel(b.To), FileID: h.open.id}
	for _, ch := range h.session.channelsInOrder() {
		if ch.conn.notify(h.session.id, ch.security, m) {
			return ch.conn
		}
	}
	return nil
}

// tellLeaseBreak sends a lease break notification by a connection of the
// client, if there is one by a channel of ss. A lease is no session's, so its
// notification is not sealed: nothing could say by whose key. [MS-SMB2] 3.3.4.7.
func (s *Server) tellLeaseBreak(ss *session, b *fsa.Break) *connection {
	m := &smb2.LeaseBreakNotification{
		LeaseKey:          b.Key.Key,
		CurrentLeaseState: smb2.LeaseState(b.From),
		NewLeaseState:     smb2.LeaseState(b.To),
	}
	if !b.Final {
		m.Flags = smb2.LeaseBreakAckRequired
	}
	if b.V2 {
		m.NewEpoch = b.Epoch
	}
	for _, ch := range ss.channelsInOrder() {
		if ch.conn.isOf(b.Key.Client) && ch.conn.notify(0, nil, m) {
			return ch.conn
		}
	}
	for _, c := range s.connectionsOf(b.Key.Client) {
		if c.notify(0, nil, m) {
			return c
		}
	}
	return nil
}

// channel is a connection and what protects the session on it.
type channel struct {
	conn     *connection
	security *sessionSecurity
}

// channelsInOrder returns the session's channels, the oldest connection first.
func (ss *session) channelsInOrder() []channel {
	ss.mu.RLock()
	defer ss.mu.RUnlock()
	channels := make([]channel, 0, len(ss.channels))
	for c, sec := range ss.channels {
		channels = append(channels, channel{c, sec})
	}
	slices.SortFunc(channels, func(a, b channel) int { return a.conn.since.Compare(b.conn.since) })
	return channels
}

// isOf says whether c is a connection of that client.
func (c *connection) isOf(client dtyp.GUID) bool {
	n := c.negotiated.Load()
	return n != nil && n.clientGUID == client
}

// connectionsOf returns the connections of a client on which somebody has signed
// in, the oldest first.
func (s *Server) connectionsOf(client dtyp.GUID) []*connection {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.SortedFunc(func(yield func(*connection) bool) {
		for c := range maps.Keys(s.connections) {
			if c.signedIn.Load() && c.isOf(client) && !yield(c) {
				return
			}
		}
	}, func(a, b *connection) int { return cmp.Compare(a.since.UnixNano(), b.since.UnixNano()) })
}

// tellAgain repeats by another connection what clients may not have got by gone:
// those whose sessions it was a channel of, and its client's others, which share
// its leases. [MS-SMB2] 3.3.4.6, 3.3.4.7.
func (s *Server) tellAgain(gone *connection, survivors []*session) {
	sessions := make(map[*session]bool)
	for _, ss := range survivors {
		sessions[ss] = true
	}
	if n := gone.negotiated.Load(); n != nil {
		for _, c := range s.connectionsOf(n.clientGUID) {
			for _, ss := range c.sessionList() {
				sessions[ss] = true
			}
		}
	}
	s.telling.Lock()
	defer s.telling.Unlock()
	for ss := range sessions {
		ss.mu.RLock()
		opens := slices.Collect(maps.Values(ss.opens))
		ss.mu.RUnlock()
		for _, o := range opens {
			if o.handle == nil {
				continue
			}
			if b, ok := o.handle.Untold(gone); ok {
				s.tellBreak(&b)
			}
		}
	}
}
