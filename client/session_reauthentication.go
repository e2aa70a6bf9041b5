package client

import (
	"context"
	"errors"

	"github.com/signet-smb/signet/auth/ntlm"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/ntstatus"
)

// Reauthenticate signs in once more in the same session, as the same user: what
// is open stays open, and no key changes. Sessions do so by themselves when the
// server says that the sign-in has expired. If it fails the session ends.
// [MS-SMB2] 3.2.4.2.3.1.
func (s *Session) Reauthenticate(ctx context.Context) error {
	on, err := s.alive(ctx)
	if err == nil {
		err = on.renew(ctx, s.dialer, on.renewals.Load())
	}
	return fail("sign in", s.Server(), err)
}

// renew signs in once more, unless somebody has done so since the count of
// renewals was seen. [MS-SMB2] 3.2.5.1.6.
func (s *session) renew(ctx context.Context, d *Dialer, seen uint32) error {
	if err := s.renewing.enter(ctx); err != nil {
		return err
	}
	defer s.renewing.leave()
	if s.renewals.Load() != seen {
		return nil
	}
	err := s.reauthenticate(ctx, d)
	if err == nil {
		s.renewals.Add(1)
		return nil
	}
	if ctx.Err() == nil {
		s.conn.fail(err) // a session that is half renewed is of no use
	}
	return err
}

// reauthenticate is the exchange. Its answers prove what all of the session's
// do, and the last one always. [MS-SMB2] 3.2.5.3.2.
func (s *session) reauthenticate(ctx context.Context, d *Dialer) error {
	c := s.conn
	init, err := d.initiator(s.settings, c.server)
	if err != nil {
		return err
	}
	token, done, err := init.Step(ctx, nil)
	if err != nil {
		return err
	}
	for range maxLegs {
		replies, err := c.do(ctx, request{session: s, protect: s.protectAlways(), message: &smb2.SessionSetupRequest{
			SecurityMode: c.negotiated.clientMode, Capabilities: c.negotiated.clientCaps & smb2.CapDFS, SecurityBuffer: token,
		}})
		if err != nil {
			return err
		}
		r := &replies[0]
		status := r.header.Status
		if status != ntstatus.Success && status != ntstatus.MoreProcessingRequired {
			r.release()
			return status
		}
		var res smb2.SessionSetupResponse
		if err := r.decode(&res); err != nil {
			r.release()
			return err
		}
		if status == ntstatus.MoreProcessingRequired || !done || len(res.SecurityBuffer) > 0 {
			token, done, err = init.Step(ctx, res.SecurityBuffer)
		}
		unverified, flags := r.unverified, res.SessionFlags
		r.release()
		switch {
		case errors.Is(err, ntlm.ErrReflected):
			return selfRefused(c.server)
		case err != nil:
			return err
		case status == ntstatus.MoreProcessingRequired:
			continue
		case !done:
			return violation("3.2.5.3.2", "the sign-in succeeds before it is over")
		case s.identify(flags) != s.identity:
			return lessProved(c.server, "The server took the user for "+s.identify(flags).String()+", and before for "+s.identity.String()+".")
		case unverified && s.proved():
			return &SignatureError{Command: smb2.CommandSessionSetup.String(), Status: status, Want: "signed"}
		}
		return nil
	}
	return violation("3.2.5.3.2", "a sign-in of more than %d legs", maxLegs)
}
