package server

import (
	"slices"

	"github.com/signet-smb/signet/auth"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/policy"
)

// Noncomplying lists the sessions, by SessionID, that could not be signed in
// under policy s as they are: they do not sign, or do not seal, where they
// would have to, or speak a dialect or use an algorithm that is not allowed.
func (s *Server) Noncomplying(p *policy.Snapshot) []uint64 {
	var ids []uint64
	for _, ss := range s.signedIn() {
		if !ss.complies(p) {
			ids = append(ids, uint64(ss.id))
		}
	}
	slices.Sort(ids)
	return ids
}

// complies reports whether the session could be signed in under p as it is. One
// that is ending does.
func (ss *session) complies(p *policy.Snapshot) bool {
	ss.mu.RLock()
	defer ss.mu.RUnlock()
	sec := ss.primary
	if ss.closed || sec == nil {
		return true
	}
	n := ss.negotiated
	sign, seal := policy.Get(p, policy.RequireSecuritySignature), policy.Get(p, policy.EncryptData)
	row := slices.IndexFunc(dialects, func(d dialect) bool { return d.revision == n.dialect })
	switch {
	case sec.kind != auth.User && (sign || seal):
		return false
	case sign && !ss.demanded && !sec.encryptData:
		return false
	case seal && !sec.encryptData && (sec.opener != nil || policy.Get(p, policy.RejectUnencryptedAccess)):
		return false
	case row < 0 || !dialects[row].allowed(p):
		return false
	case n.cipher != smb2.CipherNone && !slices.Contains(policy.Get(p, policy.EncryptionCiphers), policy.Cipher(n.cipher)):
		return false
	}
	return n.dialect != smb2.Dialect311 || n.signing == smb2.SigningAESCMAC ||
		slices.Contains(policy.Get(p, policy.SigningAlgorithms), policy.SigningAlgorithm(n.signing))
}
