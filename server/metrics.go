package server

import (
	"time"

	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/policy"
)

// Metrics is what the server has counted since it was made, and what there is
// of everything now. Nothing in it names a user, a client, a share or a file.
type Metrics struct {
	Received, Sent uint64 // bytes of messages, without the frame headers of [MS-SMB2] 2.1
	Accepted       uint64 // connections
	SignIns        uint64 // sessions that were set up
	Commands       []CommandMetrics
	Requests       ProtectionMetrics
	Refusals       []RefusalMetrics // each [Refusal] once

	Connections, PendingConnections int // all; of those, the ones on which nobody has signed in
	Sessions                        []SessionMetrics
	Opens                           int // files, directories and pipes
	Waiting                         int // requests that have an interim response
	Credits                         int // that clients hold
	Memory                          int64
	Limits                          LimitMetrics
	Signing                         bool // the server requires it of every session
	Shutting                        bool // Shutdown was called
}

// CommandMetrics is what was counted of one command.
type CommandMetrics struct {
	Command string        // as [MS-SMB2] 2.2.1.2 calls it: "READ"
	Buckets []uint64      // requests, by [DurationBounds]: each counts what is in no earlier one; those that waited are not among them
	Took    time.Duration // all requests in Buckets together
	Waited  uint64        // requests that had an interim response
	Failed  uint64        // requests with an error status, those that waited included
}

// ProtectionMetrics counts requests that were verified, by what proved them.
// Plain are those that nobody demanded anything of.
type ProtectionMetrics struct{ Signed, Sealed, Plain uint64 }

// RefusalMetrics is how often something was refused.
type RefusalMetrics struct {
	Reason Refusal
	Count  uint64
}

// SessionMetrics is how many signed-in sessions are alike.
type SessionMetrics struct {
	Dialect           string // "3.1.1"
	SigningAlgorithm  string // "" for sessions without a key
	Cipher            string // "" where none was negotiated
	Signed, Encrypted bool   // as in [SessionInfo]
	Count             int
}

// LimitMetrics are the limits in force; docs/limits.md says what they are.
type LimitMetrics struct {
	Connections, Sessions, Opens int
	Memory                       int64 // bytes
}

// Metrics returns the server's counters. It takes the time of a look at every
// session and connection.
func (s *Server) Metrics() Metrics {
	m := Metrics{Accepted: s.counters.accepted.Load(), SignIns: s.counters.signIns.Load(), Memory: s.memory.held.Load()}
	s.sumCounters(&m)
	for why := range refusalCount {
		m.Refusals = append(m.Refusals, RefusalMetrics{why, s.counters.refusals[why].Load()})
	}
	m.Sessions = alike(s.Sessions())
	m.Opens = s.openQuota.count()
	m.Connections, m.PendingConnections = s.clients.counts()
	for _, c := range s.connectionList() {
		c.mu.Lock()
		m.Waiting += len(c.asyncs)
		m.Credits += c.window.available
		c.mu.Unlock()
	}
	p := s.policy()
	m.Signing = policy.Get(p, policy.RequireSecuritySignature)
	m.Limits = LimitMetrics{
		Connections: s.maxConnections(p), Opens: s.maxOpens(p),
		Sessions: int(policy.Get(p, policy.MaxSessions)), Memory: int64(policy.Get(p, policy.MaxMemoryInMB)) << 20,
	}
	m.Shutting = s.isClosed()
	return m
}

// sumCounters adds the shards up.
func (s *Server) sumCounters(m *Metrics) {
	m.Commands = make([]CommandMetrics, smb2.CommandCount)
	for i := range m.Commands {
		m.Commands[i] = CommandMetrics{Command: smb2.Command(i).String(), Buckets: make([]uint64, len(DurationBounds)+1)}
	}
	for i := range s.counters.shards {
		shard := &s.counters.shards[i]
		m.Received += shard.received.Load()
		m.Sent += shard.sent.Load()
		m.Requests.Plain += shard.proofs[noProof].Load()
		m.Requests.Signed += shard.proofs[signedProof].Load()
		m.Requests.Sealed += shard.proofs[sealedProof].Load()
		for j := range m.Commands {
			from, to := &shard.commands[j], &m.Commands[j]
			for k := range to.Buckets {
				to.Buckets[k] += from.buckets[k].Load()
			}
			to.Took += time.Duration(from.nanoseconds.Load())
			to.Waited += from.waited.Load()
			to.Failed += from.failed.Load()
		}
	}
}

// alike counts sessions by what they have in common.
func alike(sessions []SessionInfo) (all []SessionMetrics) {
	place := make(map[SessionMetrics]int)
	for i := range sessions {
		info := &sessions[i]
		kind := SessionMetrics{
			Dialect: info.Dialect, SigningAlgorithm: info.SigningAlgorithm, Cipher: info.Cipher, Signed: info.Signed, Encrypted: info.Encrypted,
		}
		at, ok := place[kind]
		if !ok {
			at = len(all)
			place[kind] = at
			all = append(all, kind)
		}
		all[at].Count++
	}
	return all
}
