package client

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/signet-smb/signet/auth/ntlm"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/transform"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/policy"
)

// bind makes c, on which was negotiated, a further channel of s. The requests
// are signed with the session's key, the last answer with the channel's, which
// proves that the server is the same. [MS-SMB2] 3.2.4.2.3, 3.2.5.3.3.
func (s *session) bind(ctx context.Context, d *Dialer, c *connection) (*session, error) {
	n := &c.negotiated
	if err := n.alike(&s.conn.negotiated); err != nil {
		return nil, err
	}
	init, token, done, err := d.after(s).begin(ctx, s.settings, c.server)
	if err != nil {
		return nil, err
	}
	ch := &session{
		conn: c, settings: s.settings, user: s.user, asked: s.asked, mechanism: s.mechanism, opens: s.opens, channels: s.channels,
		id: s.id, identity: s.identity, signingRequired: s.signingRequired, encryptData: s.encryptData,
		renewing: s.renewing, renewals: s.renewals, since: time.Now(), replaced: s.replaced,
	}
	ch.validated.Store(true)
	primary := s.keys.Load()
	ch.keys.Store(primary) // until it has its own
	preauth := n.preauth
	for range maxLegs {
		if _, err := c.acquire(ctx, 1, 1, 1); err != nil {
			return nil, err
		}
		sent, k, err := c.submitHashed(request{session: ch, binding: true, protect: protection{sign: true}, message: &smb2.SessionSetupRequest{
			Flags: smb2.SessionSetupBinding, SecurityMode: n.clientMode, Capabilities: n.clientCaps & smb2.CapDFS, SecurityBuffer: token,
		}})
		if err != nil {
			return nil, err
		}
		r, err := c.wait(ctx, k)
		if err != nil {
			return nil, err
		}
		preauth.Update(sent)
		status := r.header.Status
		var res smb2.SessionSetupResponse
		switch {
		case status != ntstatus.Success && status != ntstatus.MoreProcessingRequired:
			err = status
		case r.header.SessionID != s.id:
			err = violation("3.2.5.3.3", "the session changes from %v to %v while it is bound", s.id, r.header.SessionID)
		default:
			err = r.decode(&res)
		}
		if err != nil {
			r.release()
			return nil, err
		}
		if status == ntstatus.Success {
			err := ch.bound(ctx, init.Step, init.SessionKey, done, &r, &res, preauth, primary)
			r.release()
			return ch, err
		}
		preauth.Update(r.message)
		token, done, err = init.Step(ctx, res.SecurityBuffer)
		r.release()
		if errors.Is(err, ntlm.ErrReflected) {
			return nil, selfRefused(c.server)
		}
		if err != nil {
			return nil, err
		}
	}
	return nil, violation("3.2.5.3.3", "a sign-in of more than %d legs", maxLegs)
}

// bound takes the last answer, and makes the channel's key.
func (s *session) bound(ctx context.Context, step func(context.Context, []byte) ([]byte, bool, error), sessionKey func() []byte, done bool,
	r *reply, res *smb2.SessionSetupResponse, preauth transform.PreauthHash, primary *transform.Side,
) error {
	if !done || len(res.SecurityBuffer) > 0 {
		if _, finished, err := step(ctx, res.SecurityBuffer); err != nil {
			return err
		} else if !finished {
			return violation("3.2.5.3.3", "the sign-in succeeds before it is over")
		}
	}
	if s.identify(res.SessionFlags) != policy.User {
		return lessProved(s.conn.server, "The server took the user for a guest on a further connection.")
	}
	key := sessionKey()
	if len(key) == 0 {
		return fmt.Errorf("the mechanism has made no session key")
	}
	n := &s.conn.negotiated
	own := transform.DeriveKeys(n.dialect, smb2.CipherNone, key, preauth)
	clear(key)
	signer, err := transform.NewSigner(n.algorithm, own.Signing[:])
	if err != nil {
		return err
	}
	if !signer.Verify(r.message, transform.Server) {
		return &SignatureError{Command: r.header.Command.String(), Status: r.header.Status, Want: "signed"}
	}
	// Sealer and opener are the session's: one key, one count of nonces.
	s.keys.Store(&transform.Side{Keys: own, Signer: signer, Sealer: primary.Sealer, Opener: primary.Opener})
	s.conn.session.Store(s)
	return nil
}
