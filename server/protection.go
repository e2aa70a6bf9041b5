package server

import (
	"errors"

	"github.com/signet-smb/signet/auth"
	"github.com/signet-smb/signet/event"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/policy"
	"github.com/signet-smb/signet/vfs"
)

// What a share, or a rule for it, demands beyond what the session has to do
// anyway: that every message about it is sealed, or signed. Sealing has a place in
// the protocol.
// Signing has not, so the server tells every client at NEGOTIATE that signing
// is required as soon as one share or rule does; where none of those is used, an
// unsigned request is not refused for it.

// checkShareProtection decides what is demanded of requests about t, which who
// wants to connect, and refuses who could not do that. reason is for
// administrators. [MS-SMB2] 3.3.5.7.
func (a *authenticated) checkShareProtection(t *treeConnect, who *auth.Identity) (reason, err error) {
	t.party = partyOf(a.conn.address, who)
	t.dialect, t.canSeal = a.conn.negotiated.Load().dialect, a.security.opener != nil
	kind := identities[a.security.kind]
	t.demands = t.judge(kind)
	if a.security.encryptData {
		t.demands.laxity = nil // nothing goes without protection
	}
	d := t.decide(kind, a.proof() >= signedProof, t.demands.words)
	return decided(d), refused(d)
}

// judge decides what is demanded of requests about t. The session is there
// already, under what was demanded then.
func (t *treeConnect) judge(who policy.Identity) verdict {
	return judge(t.policy, t.party, vfs.Fold(t.share.Name), func(rules policy.RuleWords) policy.Decision {
		return t.decide(who, true, rules)
	})
}

// decide decides what is demanded of requests about t by its share, and by what
// rules say.
func (t *treeConnect) decide(who policy.Identity, signs bool, rules policy.RuleWords) policy.Decision {
	return policy.Decide(policy.Situation{
		Server:     policy.ServerDemands{RejectUnencrypted: policy.Get(t.policy, policy.RejectUnencryptedAccess), AllowGuest: true},
		Client:     policy.ClientDemands{AllowGuest: true},
		Share:      policy.ShareDemands{RequireSigning: t.share.RequireSecuritySignature, EncryptData: t.share.EncryptData},
		Rules:      policy.RuleDemands{Share: rules},
		Identity:   who,
		Dialect:    policy.Dialect(t.dialect),
		CanSign:    signs,
		CanEncrypt: t.canSeal,
	})
}

// proof is what shows that a request is its session's. A greater one serves
// where a smaller one is demanded.
type proof uint8

const (
	noProof     proof = iota
	signedProof       // its signature
	sealedProof       // the cipher's tag
)

// proof is what r came with. It was verified.
func (r *request) proof() proof {
	switch {
	case r.chain.sealedBy != 0:
		return sealedProof
	case r.header.Is(smb2.FlagSigned):
		return signedProof
	}
	return noProof
}

// demanded is what v asks of each request. [MS-SMB2] 3.3.5.2.11.
func (v *verdict) demanded() proof {
	switch {
	case v.decision.Outcome == policy.Sealed || v.sealFrom.hasCome():
		return sealedProof
	case v.decision.Outcome == policy.Signed || v.signFrom.hasCome():
		return signedProof
	}
	return noProof
}

// errNoProof is why a request was refused that was not protected.
var errNoProof = errors.New("neither signed nor sealed, which the session or the share requires")

// withoutProof refuses r, and tells if it had none at all.
func (r *request) withoutProof() error {
	if r.proof() == noProof {
		r.refused(event.UnsignedRefused, ntstatus.AccessDenied, errNoProof)
	}
	return ntstatus.AccessDenied
}

// checkProtection refuses a request about a tree connect that does not come as
// was decided of it. The reply is protected all the same.
// [MS-SMB2] 3.3.5.2.11, 3.3.4.1.4.
func (a *authenticated) checkProtection() error {
	v := &a.tree.demands
	if v.decision.Outcome == policy.Sealed {
		a.sealing = a.security
	}
	proof := a.proof()
	if proof < v.demanded() {
		a.mustSign = true
		return a.withoutProof()
	}
	if proof == noProof {
		a.noteUnsigned(a.session, a.tree.share.Name, v.laxity)
	}
	return nil
}

// flags are those of the share in the reply to a client that speaks dialect.
// [MS-SMB2] 3.3.5.7.
func (t *treeConnect) flags(dialect smb2.Dialect) smb2.ShareFlags {
	flags := smb2.ShareFlagManualCaching
	if t.share.AccessBasedEnumeration {
		flags |= smb2.ShareFlagAccessBasedEnum
	}
	if (t.share.EncryptData || t.demands.decision.Outcome == policy.Sealed) && dialect >= smb2.Dialect300 {
		flags |= smb2.ShareFlagEncryptData
	}
	return flags
}

// protectionLocked says what the shares that ss is connected to demand of all it does
// in files: false without any. The caller holds ss.mu.
func (ss *session) protectionLocked() (signed, sealed bool) {
	files := 0
	signed, sealed = true, true
	for _, t := range ss.trees {
		if t.isPipe() {
			continue
		}
		files++
		outcome := t.demands.decision.Outcome
		sealed = sealed && outcome == policy.Sealed
		signed = signed && (outcome == policy.Sealed || outcome == policy.Signed)
	}
	return signed && files > 0, sealed && files > 0
}
