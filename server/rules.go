package server

import (
	"cmp"
	"net"
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/signet-smb/signet/auth"
	"github.com/signet-smb/signet/event"
	"github.com/signet-smb/signet/policy"
)

// What rules say is asked three times: of an address at NEGOTIATE, of a session
// at SESSION_SETUP, of a tree connect at TREE_CONNECT. What comes of it is kept
// with what it is about, and with it the times from which more is demanded: so
// the end of an exception holds to the moment, whoever looks at the clock, and
// no request asks any rule.

// addressOf is the address that rules know a client by; the zero value if it
// has none.
func addressOf(a net.Addr) netip.Addr {
	tcp, ok := a.(*net.TCPAddr)
	if !ok {
		return netip.Addr{}
	}
	ip, _ := netip.AddrFromSlice(tcp.IP)
	return ip.Unmap().WithZone("")
}

// partyOf is whom rules are asked about. Only a user has an account: the name
// of a guest is worth nothing.
func partyOf(address netip.Addr, id *auth.Identity) policy.Party {
	p := policy.Party{Address: address}
	if id.Kind == auth.User {
		p.Account = auth.Upcase(id.Account)
	}
	return p
}

// moment is a time in nanoseconds since 1970; 0 never comes.
type moment int64

func momentOf(t time.Time) moment {
	if t.IsZero() {
		return 0
	}
	return moment(t.UnixNano())
}

// hasCome reports whether it is m, or later.
func (m moment) hasCome() bool { return m != 0 && time.Now().UnixNano() >= int64(m) }

// earlier returns the earlier of two moments.
func (m moment) earlier(other moment) moment {
	if m == 0 || other != 0 && other < m {
		return other
	}
	return m
}

// verdict is what is decided of a session, or of a tree connect, now and later.
// Immutable.
type verdict struct {
	decision policy.Decision  // of who signs when it must
	words    policy.RuleWords // what rules said
	signFrom moment           // from when on what is not protected is refused
	sealFrom moment           // from when on what is not sealed is refused
	// laxity is by which rule there is less protection now than from one of
	// those times on; nil: by none.
	laxity *laxity
}

// laxity is a rule by which somebody is let in who will be refused: an exception
// until its end, or a rule that warns until its date.
type laxity struct {
	signing, encryption *policy.Rule // nil: not by a rule
	told                atomic.Bool  // of a request that was not signed
}

// judge decides by decide what is demanded of p in its session, or at the share
// of that folded name, under s, now and at every time from which rules say
// something else.
func judge(s *policy.Snapshot, p policy.Party, share string, decide func(policy.RuleWords) policy.Decision) verdict {
	now := time.Now()
	said := s.Judge(p, share, now)
	words := said.Words()
	v := verdict{decision: decide(words), words: words}
	for at := s.NextChange(p, share, now); !at.IsZero() && v.sealFrom == 0; at = s.NextChange(p, share, at) {
		later := s.Judge(p, share, at)
		switch decide(later.Words()).Outcome {
		case policy.Signed:
			if v.decision.Outcome == policy.Plain && v.signFrom == 0 {
				v.signFrom = momentOf(at)
			}
		case policy.Sealed, policy.Refused:
			if v.decision.Outcome == policy.Plain || v.decision.Outcome == policy.Signed {
				v.sealFrom = momentOf(at)
			}
		}
	}
	l := new(laxity)
	if v.signFrom != 0 {
		l.signing = cmp.Or(said.Signing.By, said.Signing.Asked)
	}
	if v.sealFrom != 0 {
		l.encryption = cmp.Or(said.Encryption.By, said.Encryption.Asked, said.Signing.Asked) // the last of a guest
	}
	if l.signing != nil || l.encryption != nil {
		v.laxity = l
	}
	return v
}

// reasonOf says by which rule somebody is let in.
func reasonOf(r *policy.Rule) string { return "rule " + r.Name + ", " + r.String() }

// kindOfLaxity is the event of somebody who is let in by rule r.
func kindOfLaxity(r *policy.Rule) *event.Kind {
	if r.Exempts() {
		return event.ExceptionUsed
	}
	return event.RuleWillRefuse
}

// noteUnsealed tells, once it is set up, of a session, or of a tree connect to
// share, that is not sealed by a rule.
func (a *authenticated) noteUnsealed(ss *session, share string, l *laxity) {
	if l == nil || l.encryption == nil {
		return
	}
	e := ss.event(kindOfLaxity(l.encryption))
	e.Share, e.Reason = share, reasonOf(l.encryption)
	a.conn.tellOfLaxity(e)
}

// noteUnsigned tells of the first request about what l is of that is let
// through without protection.
func (r *request) noteUnsigned(ss *session, share string, l *laxity) {
	if l == nil || l.signing == nil || l.told.Swap(true) {
		return
	}
	e := ss.event(kindOfLaxity(l.signing))
	e.Command, e.MessageID, e.TreeID = r.header.Command.String(), uint64(r.header.MessageID), uint32(r.treeID)
	e.Share, e.Reason = share, reasonOf(l.signing)
	r.conn.tellOfLaxity(e)
}

// tellOfLaxity tells by an event, or else in the log, of a client that was let in.
func (c *connection) tellOfLaxity(e event.Event) {
	if !c.raise(e) {
		c.warn(e.Kind.Text, "user", e.User, "share", e.Share, "reason", e.Reason)
	}
}
