package server

import (
	"sync/atomic"
	"time"

	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/ntstatus"
)

// What the server counts, for [Server.Metrics]. A request adds to a few words
// of memory and takes no lock; connections share the words of a shard, so that
// two of them seldom write to the same cache line.

// counterShards is how many sets of counters there are. Connections take turns.
const counterShards = 16

// DurationBounds are the upper bounds of the buckets of [CommandMetrics]. The
// last bucket has none.
var DurationBounds = [...]time.Duration{
	25 * time.Microsecond, 100 * time.Microsecond, 250 * time.Microsecond,
	time.Millisecond, 2500 * time.Microsecond, 10 * time.Millisecond, 25 * time.Millisecond,
	100 * time.Millisecond, 250 * time.Millisecond, time.Second, 2500 * time.Millisecond, 10 * time.Second,
}

// counters is what the connections of one shard have counted. They only grow.
// Safe for concurrent use.
type counters struct {
	commands [smb2.CommandCount]commandCounters
	proofs   [sealedProof + 1]atomic.Uint64 // verified requests, by what they came with
	received atomic.Uint64                  // bytes of messages
	sent     atomic.Uint64
	_        [64]byte // the next shard begins on another cache line
}

// commandCounters is what was counted of one command.
type commandCounters struct {
	buckets     [len(DurationBounds) + 1]atomic.Uint64 // requests that did not wait, by how long they took
	nanoseconds atomic.Uint64                          // that these took together
	waited      atomic.Uint64                          // requests that had an interim response
	failed      atomic.Uint64                          // of both, those with an error status
}

// note counts a request that was handled with status. took is from the look at
// its signature to its result.
func (c *commandCounters) note(took time.Duration, waited bool, status ntstatus.Status) {
	if status.IsError() {
		c.failed.Add(1)
	}
	if waited {
		c.waited.Add(1)
		return
	}
	i := 0
	for i < len(DurationBounds) && took > DurationBounds[i] {
		i++
	}
	c.buckets[i].Add(1)
	c.nanoseconds.Add(uint64(took))
}

// Refusal is why the server refused a client, or what a client asked for.
type Refusal uint8

// Refusals.
const (
	RefusedSignature        Refusal = iota // a request bore a wrong signature
	RefusedDecryption                      // a sealed message was altered or forged
	RefusedUnsigned                        // a request came without the protection that is required
	RefusedEncryption                      // a client cannot encrypt where that is required
	RefusedNegotiation                     // the negotiation was altered on its way
	RefusedDialect                         // no dialect in common
	RefusedSMB1                            // of those, clients that speak SMB1 only
	RefusedSignIn                          // a sign-in failed
	RefusedGuest                           // a guest or anonymous user was not let in
	RefusedName                            // the client meant a server of another name
	RefusedShare                           // a user was refused at a share
	RefusedRights                          // a request asked for more than its user may
	RefusedRole                            // a remote procedure needs a role that its user has not
	RefusedProtocol                        // a message broke the protocol, and its connection was closed
	LimitConnections                       // too many connections
	LimitPendingConnections                // too many on which nobody has signed in
	LimitSignInTime                        // nobody signed in in time
	LimitMemory                            // a connection held most while memory was short
	LimitSessions                          // too many sessions, or sign-ins in progress
	LimitTreeConnects                      // too many tree connects
	LimitOpens                             // too many open files
	LimitWaiting                           // too many requests that wait
	refusalCount
)

// refusalWords are the words for refusals, in lower case with underscores.
var refusalWords = [refusalCount]string{
	RefusedSignature: "signature", RefusedDecryption: "decryption", RefusedUnsigned: "unsigned", RefusedEncryption: "encryption",
	RefusedNegotiation: "negotiation", RefusedDialect: "dialect", RefusedSMB1: "smb1", RefusedSignIn: "sign_in", RefusedGuest: "guest",
	RefusedName: "server_name", RefusedShare: "share", RefusedRights: "rights", RefusedRole: "role", RefusedProtocol: "protocol",
	LimitConnections: "limit_connections", LimitPendingConnections: "limit_pending_connections", LimitSignInTime: "limit_sign_in_time",
	LimitMemory: "limit_memory", LimitSessions: "limit_sessions", LimitTreeConnects: "limit_tree_connects", LimitOpens: "limit_opens",
	LimitWaiting: "limit_waiting",
}

// Refusals returns all of them.
func Refusals() (all []Refusal) {
	for why := range refusalCount {
		all = append(all, why)
	}
	return all
}

// String is the word for r.
func (r Refusal) String() string { return refusalWords[r] }

// allCounters is what a server counts. Safe for concurrent use; the zero value
// is ready.
type allCounters struct {
	shards   [counterShards]counters
	next     atomic.Uint32 // of the shard for the next connection
	refusals [refusalCount]atomic.Uint64
	accepted atomic.Uint64 // connections
	signIns  atomic.Uint64 // sessions that became valid
}

// shard is the one for a new connection.
func (a *allCounters) shard() *counters {
	a.accepted.Add(1)
	return &a.shards[a.next.Add(1)%counterShards]
}

// uptime is how long the server exists, by a clock that only goes on.
func (s *Server) uptime() time.Duration { return time.Since(s.started) }

// count counts a refusal.
func (s *Server) count(why Refusal) { s.counters.refusals[why].Add(1) }
