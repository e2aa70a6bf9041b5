package server

import (
	"slices"
	"time"

	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/policy"
	"github.com/signet-smb/signet/vfs"
)

// Noncomplying lists the sessions, by SessionID, that could not be signed in
// under policy p as they are, or not be connected to a share as they are, at a
// time: they do not sign, or do not seal, where they would have to, or speak a
// dialect or use an algorithm that is not allowed.
func (s *Server) Noncomplying(p *policy.Snapshot, at time.Time) []uint64 {
	var ids []uint64
	for _, ss := range s.signedIn() {
		if !ss.complies(p, at) {
			ids = append(ids, uint64(ss.id))
		}
	}
	slices.Sort(ids)
	return ids
}

// complies reports whether the session could be signed in under p as it is. One
// that is ending does.
func (ss *session) complies(p *policy.Snapshot, at time.Time) bool {
	ss.mu.RLock()
	defer ss.mu.RUnlock()
	sec := ss.primary
	if ss.closed || sec == nil {
		return true
	}
	n := ss.negotiated
	row := slices.IndexFunc(dialects, func(d dialect) bool { return d.revision == n.dialect })
	said := p.Judge(partyOf(ss.connection.address, ss.identity), "", at)
	in := situation(p, n, sec.kind, 0, said.Words())
	in.Server.AllowGuest = true // who is one, is one
	switch {
	case !ss.satisfiesLocked(policy.Decide(in), policy.Plain):
		return false
	case row < 0 || !dialects[row].allowed(p):
		return false
	case n.cipher != smb2.CipherNone && !slices.Contains(policy.Get(p, policy.EncryptionCiphers), policy.Cipher(n.cipher)):
		return false
	}
	for _, t := range ss.trees {
		under := *t
		under.policy = p
		words := p.Judge(t.party, vfs.Fold(t.share.Name), at).Words()
		if !t.refused && !ss.satisfiesLocked(under.decide(identities[sec.kind], true, words), t.demands.decision.Outcome) {
			return false
		}
	}
	return n.dialect != smb2.Dialect311 || n.signing == smb2.SigningAESCMAC ||
		slices.Contains(policy.Get(p, policy.SigningAlgorithms), policy.SigningAlgorithm(n.signing))
}

// satisfiesLocked reports whether the session does what d demands, of itself or
// of one of its tree connects, of which outcome was decided. The caller holds
// ss.mu.
func (ss *session) satisfiesLocked(d policy.Decision, outcome policy.Outcome) bool {
	switch {
	case refused(d) != nil:
		return false
	case ss.primary.encryptData || outcome == policy.Sealed:
		return true
	case d.Outcome == policy.Sealed:
		return false
	}
	return d.Outcome != policy.Signed || ss.demanded || outcome == policy.Signed
}
