package smbtest

import (
	"github.com/signet-smb/signet/auth"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/transform"
	"github.com/signet-smb/signet/ntstatus"
)

// Join makes p, which has negotiated, name first's session and sign with the
// session's key, as binding requests are. It is not bound by that.
func (p *Peer) Join(first *Peer) {
	p.SessionID, p.TreeID = first.SessionID, first.TreeID
	// A client that binds an AES-GMAC session repeats nonces: the protocol would
	// have it so, and the server has to stand it.
	p.Signer = first.sessionSigner().Unwatched()
	p.session = p.Signer
}

// sessionSigner signs with Session.SigningKey.
func (p *Peer) sessionSigner() *transform.Signer {
	if p.session != nil {
		return p.session
	}
	return p.Signer
}

// BindRequest is one leg of a binding with the given token.
func (p *Peer) BindRequest(token []byte) *smb2.SessionSetupRequest {
	return &smb2.SessionSetupRequest{Flags: smb2.SessionSetupBinding, SecurityMode: p.Mode, SecurityBuffer: token}
}

// Bind binds first's session to p's connection and returns the last answer. If
// it succeeds p signs with the key of its channel, and seals as first does.
func (p *Peer) Bind(first *Peer, init auth.Initiator) Reply {
	p.t.Helper()
	p.Join(first)
	ctx := p.t.Context()
	preauth := p.Preauth
	token, _, err := init.Step(ctx, nil)
	if err != nil {
		p.t.Fatalf("first token: %v", err)
	}
	for {
		msg := p.Encode(Element{Message: p.BindRequest(token)})
		preauth.Update(msg)
		if p.Tamper != nil {
			p.Tamper(&preauth)
		}
		p.SendRaw(msg)
		replies, ok := p.receive(func(r *Reply) {
			if r.Header.Status != ntstatus.Success && r.Header.Status != ntstatus.MoreProcessingRequired {
				return
			}
			var res smb2.SessionSetupResponse
			r.Decode(p.t, &res)
			if token, _, err = init.Step(ctx, res.SecurityBuffer); err != nil {
				p.t.Fatalf("next token: %v", err)
			}
			if r.Header.Status == ntstatus.Success {
				p.derive(init.SessionKey(), preauth)
				p.sealer, p.opener = first.sealer, first.opener
			}
		})
		if !ok {
			p.t.Fatal("binding SESSION_SETUP: the server closed the connection")
		}
		r := replies[0]
		if r.Header.Status != ntstatus.MoreProcessingRequired {
			return r
		}
		preauth.Update(r.Raw)
	}
}
