package server

import (
	"errors"
	"net/netip"

	"github.com/signet-smb/signet/auth"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/policy"
)

// identities are auth's kinds in the words of policy.
var identities = map[auth.Kind]policy.Identity{
	auth.User: policy.User, auth.Guest: policy.Guest, auth.Anonymous: policy.Anonymous,
}

// situation is what [policy.Decide] is asked about a session under snapshot s
// and what rules say of it: of a client that signs when it must, until it is
// known to do otherwise, and that would stay a guest. client are its
// SecurityMode bits.
func situation(s *policy.Snapshot, n *negotiated, kind auth.Kind, client smb2.SecurityMode, rules policy.RuleWords) policy.Situation {
	return policy.Situation{
		Client: policy.ClientDemands{RequireSigning: client&smb2.SigningRequired != 0, AllowGuest: true},
		Server: policy.ServerDemands{
			RequireSigning:    policy.Get(s, policy.RequireSecuritySignature),
			EncryptData:       policy.Get(s, policy.EncryptData),
			RejectUnencrypted: policy.Get(s, policy.RejectUnencryptedAccess),
			AllowGuest:        policy.Get(s, policy.EnableGuestAccess),
		},
		Rules:      policy.RuleDemands{Session: rules},
		Identity:   identities[kind],
		Dialect:    policy.Dialect(n.dialect),
		CanSign:    true,
		CanEncrypt: n.cipher != smb2.CipherNone,
	}
}

// judgeSession decides what is demanded of the session of id, whose client is at
// address, under snapshot s. client are its SecurityMode bits.
func judgeSession(s *policy.Snapshot, n *negotiated, address netip.Addr, id *auth.Identity, client smb2.SecurityMode) verdict {
	return judgeKeys(s, n, address, id, id.Kind, client)
}

// judgeKeys is judgeSession for a session whose keys are those of a sign-in of
// the given kind, whoever id is.
func judgeKeys(s *policy.Snapshot, n *negotiated, address netip.Addr, id *auth.Identity, keys auth.Kind, client smb2.SecurityMode) verdict {
	return judge(s, partyOf(address, id), "", func(rules policy.RuleWords) policy.Decision {
		return policy.Decide(situation(s, n, keys, client, rules))
	})
}

// refused is the status with which the server refuses by d; nil if it does
// not. What the client will refuse is its own business.
func refused(d policy.Decision) error {
	if d.Outcome != policy.Refused || d.By != policy.ServerSide {
		return nil
	}
	return ntstatus.Status(d.Status)
}

// decided is a refusal, as the reason of one.
type decided policy.Decision

// Error says why, to people.
func (d decided) Error() string { return d.Reason }

// cannotEncrypt reports whether reason is that a client cannot encrypt.
func cannotEncrypt(reason error) bool {
	d, ok := errors.AsType[decided](reason)
	return ok && (d.Rule == policy.RuleServerEncrypts || d.Rule == policy.RuleShareEncrypts)
}
