package server

import (
	"errors"

	"github.com/signet-smb/signet/auth"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/policy"
)

// identities are auth's kinds in the words of policy.
var identities = map[auth.Kind]policy.Identity{
	auth.User: policy.User, auth.Guest: policy.Guest, auth.Anonymous: policy.Anonymous,
}

// situation is what [policy.Decide] is asked about a session under snapshot s:
// of a client that signs when it must, until it is known to do otherwise, and
// that would stay a guest. client are its SecurityMode bits.
func situation(s *policy.Snapshot, n *negotiated, kind auth.Kind, client smb2.SecurityMode) policy.Situation {
	return policy.Situation{
		Client: policy.ClientDemands{RequireSigning: client&smb2.SigningRequired != 0, AllowGuest: true},
		Server: policy.ServerDemands{
			RequireSigning:    policy.Get(s, policy.RequireSecuritySignature),
			EncryptData:       policy.Get(s, policy.EncryptData),
			RejectUnencrypted: policy.Get(s, policy.RejectUnencryptedAccess),
			AllowGuest:        policy.Get(s, policy.EnableGuestAccess),
		},
		Identity:   identities[kind],
		Dialect:    policy.Dialect(n.dialect),
		CanSign:    true,
		CanEncrypt: n.cipher != smb2.CipherNone,
	}
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
