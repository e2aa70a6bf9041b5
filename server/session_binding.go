package server

import (
	"strings"

	"github.com/signet-smb/signet/auth"
	"github.com/signet-smb/signet/event"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/transform"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/policy"
)

// isBinding reports whether r asks to bind a session to its connection.
func (r *request) isBinding() bool {
	if r.header.Command != smb2.CommandSessionSetup {
		return false
	}
	var req smb2.SessionSetupRequest
	return r.decode(&req) == nil && req.Flags&smb2.SessionSetupBinding != 0
}

// authenticateBinding verifies a binding SESSION_SETUP: with Session.SigningKey
// of a session that is another connection's so far. It looks at nothing that
// the signature does not cover, and changes nothing. [MS-SMB2] 3.3.5.5, 3.3.5.2.4.
//
// The order of the checks is Windows', which compares algorithms when it
// verifies, before dialects; smbtorture's smb2.session.bind_negative shows it.
func (r *request) authenticateBinding() (*authenticated, error) {
	c := r.conn
	if !policy.Get(c.policy, policy.EnableMultiChannel) {
		return nil, ntstatus.RequestNotAccepted
	}
	if own := c.session(r.sessionID); own != nil {
		// The answer is protected as all others are on this channel.
		r.security = own.security(c)
		if r.chain.sealedBy != 0 {
			r.sealing = r.security
		}
		return nil, ntstatus.RequestNotAccepted
	}
	ss := c.server.session(r.sessionID)
	if ss == nil {
		c.forgetExchange(r.sessionID)
		return nil, ntstatus.UserSessionDeleted
	}
	if !r.header.Is(smb2.FlagSigned) {
		return nil, ntstatus.InvalidParameter
	}
	key, err := ss.bindingKey(c.negotiated.Load())
	if err != nil {
		return nil, err
	}
	if !key.signer.Verify(r.message, clientRole) {
		r.refused(event.BadSignature, ntstatus.AccessDenied, errBadSignature)
		return nil, ntstatus.AccessDenied
	}
	r.security = key
	if err := ss.admitsChannel(c.negotiated.Load()); err != nil {
		return nil, err
	}
	ss.touch()
	return &authenticated{request: r, session: ss, binding: true}, nil
}

// bindingKey returns what verifies a binding request that comes by a
// connection on which n was settled, and protects the answers until the
// channel has a key of its own. [MS-SMB2] 3.3.5.5, 3.3.4.1.1.
//
// Deviation: a session that signs with AES-GMAC is not bound. All channels
// would sign their legs with one key, and the nonce of AES-GMAC is the
// MessageId, which begins anew with each connection: two answers under one
// nonce give the key away. Where several channels are enabled, NEGOTIATE
// prefers the other algorithms, so that only clients without them get here.
func (ss *session) bindingKey(n *negotiated) (*sessionSecurity, error) {
	ss.mu.RLock()
	primary := ss.primary
	ss.mu.RUnlock()
	gmac := ss.negotiated.signing == smb2.SigningAESGMAC
	switch {
	case primary == nil: // still in progress
		return nil, ntstatus.RequestNotAccepted
	case primary.kind != auth.User || primary.signer == nil:
		return nil, ntstatus.NotSupported
	case gmac && n.signing != smb2.SigningAESGMAC:
		return nil, ntstatus.RequestOutOfSequence
	case gmac || n.signing == smb2.SigningAESGMAC:
		return nil, ntstatus.NotSupported
	}
	return &sessionSecurity{kind: primary.kind, signer: primary.signer, signingRequired: true}, nil
}

// admitsChannel compares what was settled on a further connection with what
// the session began with. [MS-SMB2] 3.3.5.5.
func (ss *session) admitsChannel(n *negotiated) error {
	switch first := ss.negotiated; {
	case n.dialect < smb2.Dialect300:
		return ntstatus.RequestNotAccepted
	case n.dialect != first.dialect, n.cipher != first.cipher, (n.capabilities^first.capabilities)&smb2.CapNotifications != 0:
		return ntstatus.InvalidParameter
	}
	return nil
}

// bind makes the connection a channel of x's session once the same user has
// authenticated on it. The channel's signing key is its own; everything else
// is the session's. [MS-SMB2] 3.3.5.5.3.
func (a *authenticated) bind(x *exchange, n *negotiated, req *smb2.SessionSetupRequest) (smb2.SessionFlags, error) {
	id, key := x.acceptor.Identity(), x.acceptor.SessionKey()
	if id.Kind != auth.User || key == nil {
		return 0, ntstatus.NotSupported
	}
	if !x.session.treatsAlike(a.conn) {
		return 0, ntstatus.AccessDenied
	}
	keys := transform.DeriveKeys(n.dialect, smb2.CipherNone, key, x.preauth)
	signer, err := transform.NewSigner(n.signing, keys.Signing[:])
	if err != nil {
		return 0, err
	}
	channel, err := x.session.addChannel(a.conn, id, func(primary *sessionSecurity) *sessionSecurity {
		sec := *primary // opener and sealer above all: one key, one count of nonces
		sec.keys, sec.signer = keys, signer
		sec.clientRequires = (req.SecurityMode|n.clientSecurityMode)&smb2.SigningRequired != 0
		if sec.clientRequires && !sec.encryptData {
			sec.signingRequired = true
		}
		return &sec
	})
	if err != nil {
		return 0, err
	}
	a.conn.becomeSignedIn()
	a.security = channel
	a.mustSign = true
	a.conn.log.Info("channel bound", "session", x.session.id.String(), "user", id.Account, "signing", n.signing.String())
	if channel.encryptData {
		return smb2.SessionEncryptData, nil
	}
	return 0, nil
}

// treatsAlike reports whether no rule tells the client's address on c from the
// one that the session was judged by: what a rule says of one address must not
// hold for another.
func (ss *session) treatsAlike(c *connection) bool {
	ss.mu.RLock()
	address := ss.connection.address
	ss.mu.RUnlock()
	return ss.policy.TreatsAlike(address, c.address) && ss.server.policy().TreatsAlike(address, c.address)
}

// addChannel enters c into ChannelList, and the session into the connection's
// table, if id is still the session's user. derive makes the channel's
// security of the session's; it must not block.
func (ss *session) addChannel(c *connection, id *auth.Identity, derive func(primary *sessionSecurity) *sessionSecurity) (*sessionSecurity, error) {
	ss.mu.Lock()
	defer ss.mu.Unlock()
	switch {
	case ss.closed:
		return nil, ntstatus.UserSessionDeleted
	case !sameUser(ss.identity, id):
		return nil, ntstatus.AccessDenied
	case len(ss.channels) >= int(policy.Get(ss.policy, policy.MaxChannelPerSession)):
		return nil, ntstatus.InsufficientResources
	}
	sec := derive(ss.primary)
	ss.channels[c] = sec
	ss.demanded, ss.byClient = ss.demanded || sec.signingRequired, ss.byClient || sec.clientRequires
	c.addSession(ss) // under ss.mu: close finds it there, or is before us
	return sec, nil
}

// removeChannel takes c, which is gone, from ChannelList. The session ends
// with its last channel; else all that it has open stays, and removeChannel
// reports that it survives. [MS-SMB2] 3.3.7.1.
func (ss *session) removeChannel(c *connection) (survives bool) {
	finish := func() {}
	ss.mu.Lock()
	sec := ss.channels[c]
	if !ss.closed {
		delete(ss.channels, c)
		if len(ss.channels) == 0 {
			finish = ss.closeLocked()
		} else if ss.connection == c {
			ss.connection = nil
			for other := range ss.channels {
				if ss.connection == nil || other.since.Before(ss.connection.since) {
					ss.connection = other
				}
			}
		}
	}
	survives = !ss.closed
	ss.mu.Unlock()
	c.removeSession(ss)
	finish()
	if sec != nil {
		sec.wipe()
	}
	return survives
}

// sameUser reports whether two authentications were of one user.
func sameUser(a, b *auth.Identity) bool {
	return a.Kind == b.Kind && a.SID == b.SID && strings.EqualFold(a.Account, b.Account)
}
