package server

import (
	"errors"

	"github.com/signet-smb/signet/event"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/policy"
)

// What a share demands beyond what the session has to do anyway: that every
// message about it is sealed, or signed. Sealing has a place in the protocol.
// Signing has not, so the server tells every client at NEGOTIATE that signing
// is required as soon as one share does; where none of those is used, an
// unsigned request is not refused for it.

// protects reports whether the share demands anything.
func (sh *Share) protects() bool { return sh.EncryptData || sh.RequireSecuritySignature }

// checkShareProtection refuses to connect who could not do what the share
// demands. reason is for administrators. [MS-SMB2] 3.3.5.7.
func (a *authenticated) checkShareProtection(t *treeConnect) (reason, err error) {
	if !t.share.protects() {
		return nil, nil
	}
	// The session is there already, under what was demanded then.
	d := policy.Decide(policy.Situation{
		Server:     policy.ServerDemands{RejectUnencrypted: policy.Get(t.policy, policy.RejectUnencryptedAccess), AllowGuest: true},
		Client:     policy.ClientDemands{AllowGuest: true},
		Share:      policy.ShareDemands{RequireSigning: t.share.RequireSecuritySignature, EncryptData: t.share.EncryptData},
		Identity:   identities[a.security.kind],
		Dialect:    policy.Dialect(a.conn.negotiated.Load().dialect),
		CanSign:    a.proof() >= signedProof,
		CanEncrypt: a.security.opener != nil,
	})
	return decided(d), refused(d)
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

// demands is what the share asks of each request about it in a session with
// sec: a client that can encrypt must. [MS-SMB2] 3.3.5.2.11.
func (sh *Share) demands(sec *sessionSecurity) proof {
	switch {
	case sh.EncryptData && sec.opener != nil:
		return sealedProof
	case sh.RequireSecuritySignature:
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
// its share demands. The reply is protected all the same.
// [MS-SMB2] 3.3.5.2.11, 3.3.4.1.4.
func (a *authenticated) checkProtection() error {
	demanded := a.tree.share.demands(a.security)
	if demanded == sealedProof {
		a.sealing = a.security
	}
	if a.proof() >= demanded {
		return nil
	}
	a.mustSign = true
	return a.withoutProof()
}

// flags are those of the share in the reply to a client that speaks dialect.
// [MS-SMB2] 3.3.5.7.
func (sh *Share) flags(dialect smb2.Dialect) smb2.ShareFlags {
	flags := smb2.ShareFlagManualCaching
	if sh.AccessBasedEnumeration {
		flags |= smb2.ShareFlagAccessBasedEnum
	}
	if sh.EncryptData && dialect >= smb2.Dialect300 {
		flags |= smb2.ShareFlagEncryptData
	}
	return flags
}

// protectionLocked says what the shares that ss is connected to demand of all it does
// in files: false without any. The caller holds ss.mu.
func (ss *session) protectionLocked(sec *sessionSecurity) (signed, sealed bool) {
	files := 0
	signed, sealed = true, true
	for _, t := range ss.trees {
		if t.isPipe() {
			continue
		}
		files++
		encrypts := t.share.EncryptData && sec.opener != nil
		sealed = sealed && encrypts
		signed = signed && (encrypts || t.share.RequireSecuritySignature)
	}
	return signed && files > 0, sealed && files > 0
}
