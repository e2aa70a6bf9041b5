package client

import (
	"context"
	"errors"
	"fmt"

	"github.com/signet-smb/signet/auth/ntlm"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/transform"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/policy"
)

// maxLegs bounds an authentication: NTLM needs two, Kerberos at most three.
const maxLegs = 8

// setup signs in: it makes the session and its keys. [MS-SMB2] 3.2.4.2.3,
// 3.2.5.3. previous is the session that it takes the place of, or 0.
func (s *session) setup(ctx context.Context, d *Dialer, previous smb2.SessionID) error {
	c := s.conn
	preauth := c.negotiated.preauth
	init, token, done, err := d.begin(ctx, s.settings, c.server)
	if err != nil {
		return err
	}
	for range maxLegs {
		if _, err := c.acquire(ctx, 1, 1, 1); err != nil {
			return err
		}
		sent, k, err := c.submitHashed(request{session: s, message: &smb2.SessionSetupRequest{
			SecurityMode: c.negotiated.clientMode, Capabilities: c.negotiated.clientCaps & smb2.CapDFS, PreviousSessionID: previous, SecurityBuffer: token,
		}})
		if err != nil {
			return err
		}
		r, err := c.wait(ctx, k)
		if err != nil {
			return err
		}
		preauth.Update(sent)
		var res smb2.SessionSetupResponse
		// A refusal comes before any question of signatures: a wrong password
		// is a wrong password.
		if status := r.header.Status; status != ntstatus.Success && status != ntstatus.MoreProcessingRequired {
			r.release()
			return init.failure(status)
		}
		if err := smb2.Decode(r.message, &res); err != nil {
			r.release()
			return violation("3.2.5.3", "%v", err)
		}
		if s.id != 0 && r.header.SessionID != s.id || r.header.SessionID == 0 {
			r.release()
			return violation("3.2.5.3", "the session changes from %v to %v while it is made", s.id, r.header.SessionID)
		}
		s.id = r.header.SessionID
		if r.header.Status == ntstatus.Success {
			err := s.conclude(ctx, init, done, &r, &res, preauth)
			r.release()
			return err
		}
		preauth.Update(r.message)
		token, done, err = init.Step(ctx, res.SecurityBuffer)
		r.release()
		if errors.Is(err, ntlm.ErrReflected) {
			return selfRefused(c.server)
		}
		if err != nil {
			return err
		}
	}
	return violation("3.2.5.3", "a sign-in of more than %d legs", maxLegs)
}

// conclude takes the last answer, in which the server says who the user is to
// it, and proves that it has the session's key. [MS-SMB2] 3.2.5.3.1.
func (s *session) conclude(ctx context.Context, init *signIn, done bool, r *reply, res *smb2.SessionSetupResponse, preauth transform.PreauthHash) error {
	n := &s.conn.negotiated
	s.user, s.asked = init.user(), init.identity()
	s.identity = s.identify(res.SessionFlags)
	if !done || len(res.SecurityBuffer) > 0 {
		_, finished, err := init.Step(ctx, res.SecurityBuffer)
		if s.identity == policy.User && (err != nil || !finished) {
			if err == nil {
				err = violation("3.2.5.3.1", "the sign-in succeeds before it is over")
			}
			return err
		}
	}
	s.user, s.asked = init.user(), init.identity() // as the last token has it
	s.mechanism, s.ntlmReason = init.mechanism(), init.fallback()
	decision := s.decide()
	s.auditGuest(decision)
	if decision.Outcome == policy.Refused {
		return refusedBy(s.conn.server, decision)
	}
	if s.identity != policy.User {
		return nil // no key: nothing is signed or sealed
	}
	key := init.SessionKey()
	if len(key) == 0 {
		return fmt.Errorf("the mechanism has made no session key")
	}
	side, err := transform.NewSide(transform.Client, transform.Suite{Dialect: n.dialect, Algorithm: n.algorithm, Cipher: n.cipher}, s.id, key, preauth)
	clear(key)
	if err != nil {
		return err
	}
	if !side.Signer.Verify(r.message, transform.Server) {
		if s.mayProveNothing(r) {
			return nil
		}
		return s.notSigned(r)
	}
	s.encryptData = s.settings.requireEncryption || res.SessionFlags&smb2.SessionEncryptData != 0
	if s.encryptData && side.Sealer == nil {
		return violation("3.2.5.3.1", "a session to be sealed without a cipher")
	}
	s.signingRequired = !s.encryptData && (s.settings.requireSigning || n.serverMode&smb2.SigningRequired != 0)
	s.keys.Store(side)
	s.conn.session.Store(s)
	s.auditNTLM()
	return nil
}

// identify is who the server says the user is. Whoever signed in with a name
// and is nobody to the server is a guest like others.
func (s *session) identify(flags smb2.SessionFlags) policy.Identity {
	switch {
	case flags&smb2.SessionIsGuest != 0:
		return policy.Guest
	case s.asked == policy.Anonymous:
		return policy.Anonymous
	case flags&smb2.SessionIsNull != 0:
		return policy.Guest
	}
	return policy.User
}

// decide asks the policy about the session, once the server has said who the
// user is.
func (s *session) decide() policy.Decision {
	n := &s.conn.negotiated
	return policy.Decide(policy.Situation{
		Client: s.settings.demands(),
		Server: policy.ServerDemands{
			AllowGuest: true, // it has just let one in
		},
		Identity:   s.identity,
		Dialect:    policy.Dialect(n.dialect),
		CanSign:    true,
		CanEncrypt: n.cipher != smb2.CipherNone,
	})
}

// mayProveNothing reports whether the last answer to the sign-in may go without
// a signature: the server cannot sign, and nobody asks for it. Such a session
// has no key, as a guest's. A dialect of 3.1.1 has no such servers. [MS-SMB2]
// 3.2.5.3.1.
func (s *session) mayProveNothing(r *reply) bool {
	n := &s.conn.negotiated
	return n.dialect != smb2.Dialect311 && n.serverMode&smb2.SigningRequired == 0 &&
		!s.settings.requireSigning && !s.settings.requireEncryption &&
		!r.header.Is(smb2.FlagSigned) && r.header.Signature == [16]byte{}
}

// notSigned is the refusal of a server whose last answer to the sign-in does
// not prove that it has the session's key.
func (s *session) notSigned(r *reply) error {
	if r.header.Is(smb2.FlagSigned) && r.header.Signature != [16]byte{} {
		return &SignatureError{Command: r.header.Command.String(), MessageID: uint64(r.header.MessageID), Status: r.header.Status, Want: "signed"}
	}
	server := s.conn.server
	return &Refusal{
		Server: server, Rule: RuleUnsigned,
		Reason: "The server does not sign: its last answer to the sign-in proves nothing, so it may come from somebody else.",
		Remedies: []Remedy{
			{On: server, Setting: "server.RequireSecuritySignature", Value: "True"},
		},
	}
}
