package server

import (
	"errors"

	"github.com/signet-smb/signet/auth"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/transform"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/policy"
)

// sessionSetup handles SESSION_SETUP. [MS-SMB2] 3.3.5.5.
func sessionSetup(a *authenticated) (smb2.Message, error) {
	var req smb2.SessionSetupRequest
	if err := a.decode(&req); err != nil {
		return nil, err
	}
	c := a.conn
	n := c.negotiated.Load()
	if len(a.chain.elements) > 1 {
		// A leg ends when its reply is hashed, and replies of a compound are
		// made together: a second leg behind it would wait for ever.
		return nil, ntstatus.InvalidParameter
	}
	why := forNewSession
	switch {
	case a.binding:
		why = forBinding
	case a.security != nil:
		why = forReauthentication
	}
	if why == forReauthentication && a.security.signer != nil && a.chain.sealedBy == 0 && !a.header.Is(smb2.FlagSigned) {
		// A re-authentication must be protected, required or not: it would
		// put the session into a stranger's hands.
		return nil, ntstatus.AccessDenied
	}
	x, err := c.exchangeFor(a.session, why)
	if err != nil {
		return nil, err
	}
	x.mu.Lock()
	a.exchange = x // unlocked when the reply is queued
	if x.ended {
		return nil, ntstatus.UserSessionDeleted
	}
	if why == forNewSession {
		c.server.addSession(x.session)
	}
	a.sessionID = x.session.id
	x.hashRequest(a.message)

	out, done, err := a.accept(x, req.SecurityBuffer)
	switch {
	case err != nil:
		if !x.ended {
			a.refuse(x, err)
		}
		return nil, err
	case !done:
		return &smb2.SessionSetupResponse{SecurityBuffer: out}, ntstatus.MoreProcessingRequired
	}
	finish := a.signIn
	switch why {
	case forReauthentication:
		finish = a.reauthenticate
	case forBinding:
		finish = a.bind
	}
	flags, err := finish(x, n, &req)
	if err != nil {
		a.refuse(x, err)
		return nil, err
	}
	x.end(c)
	return &smb2.SessionSetupResponse{SessionFlags: flags, SecurityBuffer: out}, nil
}

// signIn makes x's session valid and returns the flags of the reply.
// [MS-SMB2] 3.3.5.5.3.
func (a *authenticated) signIn(x *exchange, n *negotiated, req *smb2.SessionSetupRequest) (smb2.SessionFlags, error) {
	ss, c := x.session, a.conn
	id := x.acceptor.Identity()
	flags, err := a.admitKind(ss, id, id.Kind)
	if err != nil {
		return 0, err
	}
	// Deviation: 3.3.5.5.3 would set SigningRequired for every session that is
	// not sealed; that contradicts the rest of it, and Windows.
	v := judgeSession(ss.policy, n, c.address, id, req.SecurityMode|n.clientSecurityMode)
	sec, err := newSecurity(x, n, id.Kind, v.decision.Outcome == policy.Sealed)
	if err != nil {
		return 0, err
	}
	sec.signingRequired = v.decision.Outcome == policy.Signed
	sec.signFrom, sec.sealFrom, sec.laxity = v.signFrom, v.sealFrom, v.laxity
	sec.serverRequires = judgeSession(ss.policy, n, c.address, id, 0).decision.Outcome == policy.Signed
	sec.clientRequires = (req.SecurityMode|n.clientSecurityMode)&smb2.SigningRequired != 0
	if sec.encryptData {
		flags |= smb2.SessionEncryptData
	}
	c.server.closePrevious(ss, id, req.PreviousSessionID)
	if !ss.makeValid(id, sec) {
		return 0, ntstatus.UserSessionDeleted
	}
	c.becomeSignedIn()
	c.server.counters.signIns.Add(1)
	a.security = sec
	a.mustSign = id.Kind == auth.User
	a.auditSignIn(ss, id, n, req.SecurityMode|n.clientSecurityMode)
	c.sawSignIn(id, n, req.SecurityMode|n.clientSecurityMode)
	a.noteUnsealed(ss, "", sec.laxity)
	c.log.Info("logon", "session", ss.id.String(), "user", id.Account, "mechanism", id.Mechanism,
		"dialect", n.dialect.String(), "signing", n.signing.String(), "required", sec.signingRequired, "sealed", sec.encryptData)
	return flags, nil
}

// admitKind refuses who cannot do what the server demands, or meant another
// server, and returns the flags that tell who is no user. keys is the kind of
// the sign-in whose keys protect the session.
func (a *authenticated) admitKind(ss *session, id *auth.Identity, keys auth.Kind) (flags smb2.SessionFlags, err error) {
	v := judgeKeys(ss.policy, ss.negotiated, a.conn.address, id, keys, 0)
	if status := refused(v.decision); status != nil {
		return 0, refusal(id, status, decided(v.decision))
	}
	if err := a.checkTarget(ss.policy, id); err != nil {
		return 0, refusal(id, ntstatus.AccessDenied, err)
	}
	switch id.Kind {
	case auth.Guest:
		flags |= smb2.SessionIsGuest
	case auth.Anonymous:
		flags |= smb2.SessionIsNull
	}
	return flags, nil
}

// refuse ends x, whose user was refused with err.
func (a *authenticated) refuse(x *exchange, err error) {
	a.conn.server.count(x.refusal(err))
	a.refusedSignIn(x.session, err)
	x.abort(a.conn)
}

// refusal is as what the end of x with err is counted.
func (x *exchange) refusal(err error) Refusal {
	_, byPolicy := errors.AsType[decided](err)
	switch {
	case cannotEncrypt(err):
		return RefusedEncryption
	case errors.Is(err, errNoTarget), errors.Is(err, errWrongTarget):
		return RefusedName
	case byPolicy && x.acceptor.Identity().Kind != auth.User:
		return RefusedGuest
	case byPolicy:
		return RefusedUnsigned
	}
	return RefusedSignIn
}

// refusal is why somebody is not let in who has proved who he is.
func refusal(id *auth.Identity, status error, cause error) error {
	f := &auth.Failure{
		Mechanism: id.Mechanism, Account: id.Account, Domain: id.Domain, Workstation: id.Workstation,
		Reason: "refused", Err: cause,
	}
	f.Status, _ = errors.AsType[ntstatus.Status](status)
	return f
}

// newSecurity derives the keys of a session from the finished exchange x.
// Guests and anonymous users have no cipher keys. [MS-SMB2] 3.3.5.5.3.
func newSecurity(x *exchange, n *negotiated, kind auth.Kind, encrypt bool) (*sessionSecurity, error) {
	sec := &sessionSecurity{kind: kind}
	key := x.acceptor.SessionKey()
	if key == nil {
		return sec, nil
	}
	suite := transform.Suite{Dialect: n.dialect, Algorithm: n.signing, Cipher: n.cipher}
	side, err := transform.NewSide(transform.Server, suite, x.session.id, key, x.preauth)
	if err != nil {
		return nil, err
	}
	sec.keys, sec.signer = side.Keys, side.Signer
	if kind != auth.User || n.cipher == smb2.CipherNone {
		return sec, nil
	}
	sec.opener, sec.sealer = side.Opener, side.Sealer
	sec.encryptData = encrypt
	return sec, nil
}

// closePrevious ends the session that the client had before it lost its
// connection, if it is the same user's. It returns when the session's opens
// are closed and its deletes are done. [MS-SMB2] 3.3.5.5.3.
func (s *Server) closePrevious(ss *session, id *auth.Identity, previous smb2.SessionID) {
	if previous == 0 || previous == ss.id || id.Kind != auth.User {
		return // without a name nobody is the same as before
	}
	old := s.session(previous)
	if old == nil {
		return
	}
	if who := old.who(); who == nil || !sameUser(who, id) {
		return
	}
	old.close()
}
