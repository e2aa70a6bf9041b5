package spnego

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/signet-smb/signet/auth"
	"github.com/signet-smb/signet/ntstatus"
)

// stage says what an exchange waits for.
type stage uint8

const (
	wantFirst stage = iota // the first token, of any form
	wantResp               // a NegTokenResp
	wantRaw                // a token of the mechanism itself
	wantMIC                // a NegTokenResp with nothing but the client's mechListMIC
	finished               // nothing: done or failed
)

// acceptor is the server's side of one exchange. It implements
// [auth.Acceptor].
type acceptor struct {
	server *Server
	stage  stage
	legs   int

	mech        *Mechanism
	context     auth.Acceptor
	mechList    []byte // DER of the client's list: what the MICs sign
	micRequired bool   // mech is not the client's first choice
	micChecked  bool   // the client's MIC came and is right
	announced   bool   // supportedMech was sent
	done        bool
}

// Accept takes a token: SPNEGO, or of a mechanism whose row allows it.
//
// Errors of the mechanism are passed on, with a token that says "rejected".
// What is no token, or offers nothing that is in the table, fails with
// InvalidParameter; a wrong or missing mechListMIC with LogonFailure.
func (a *acceptor) Accept(ctx context.Context, token []byte) (out []byte, done bool, err error) {
	a.legs++
	if len(token) > maxToken || a.legs > maxLegs {
		return a.fail(ntstatus.InvalidParameter, "too long", nil)
	}
	switch a.stage {
	case wantFirst:
		if mech := a.rawMechanism(token); mech != nil {
			a.mech, a.context = mech, mech.NewAcceptor()
			a.stage = wantRaw
			return a.acceptRaw(ctx, token)
		}
		return a.acceptInit(ctx, token)
	case wantRaw:
		return a.acceptRaw(ctx, token)
	case wantResp, wantMIC:
		return a.acceptResp(ctx, token)
	default:
		return a.fail(ntstatus.InvalidParameter, "token behind the end of the exchange", nil)
	}
}

// Identity is who the client is, once done.
func (a *acceptor) Identity() *auth.Identity {
	if !a.done {
		return nil
	}
	return a.context.Identity()
}

// SessionKey is the mechanism's session key, once done.
func (a *acceptor) SessionKey() []byte {
	if !a.done {
		return nil
	}
	return a.context.SessionKey()
}

// Protection implements [auth.Protector], if the mechanism does.
func (a *acceptor) Protection(sealing bool) (auth.Protection, error) {
	return protectionOf(a.context, a.done, sealing)
}

func (a *acceptor) rawMechanism(token []byte) *Mechanism {
	for i, m := range a.server.Mechanisms {
		if m.IsRaw != nil && m.IsRaw(token) {
			return &a.server.Mechanisms[i]
		}
	}
	return nil
}

// acceptRaw passes tokens through. The Linux client does without SPNEGO.
func (a *acceptor) acceptRaw(ctx context.Context, token []byte) ([]byte, bool, error) {
	out, done, err := a.context.Accept(ctx, token)
	if err != nil || done {
		a.stage = finished
	}
	a.done = done && err == nil
	return out, a.done, err
}

// acceptInit chooses the mechanism: the first of the client's that we have.
//
// Deviation: RFC 4178 5 wants the list signed also where the client's first
// choice is not ours. Windows and Samba do not ask a client that prefers NTLM,
// and many such clients cannot; what was taken from a list shows to the client,
// whose first choice it was.
func (a *acceptor) acceptInit(ctx context.Context, token []byte) ([]byte, bool, error) {
	m, err := decodeInit(token)
	if err != nil {
		return a.fail(ntstatus.InvalidParameter, "NegTokenInit", err)
	}
	preferred := false
	for i, o := range m.MechTypes {
		if a.mech = a.server.find(o); a.mech != nil {
			preferred = i == 0
			break
		}
	}
	if a.mech == nil {
		return a.fail(ntstatus.InvalidParameter, fmt.Sprintf("no common mechanism; the client offers %v", m.MechTypes), nil)
	}
	a.context = a.mech.NewAcceptor()
	a.mechList = bytes.Clone(m.MechList)
	a.stage = wantResp
	if !preferred {
		// The optimistic token is of a mechanism that we lack: not looked at.
		a.micRequired = true
		return a.reply(negTokenResp{State: requestMIC})
	}
	if m.MechToken == nil {
		return a.reply(negTokenResp{State: acceptIncomplete})
	}
	return a.step(ctx, m.MechToken, m.MechListMIC)
}

// acceptResp takes a further token of the client.
func (a *acceptor) acceptResp(ctx context.Context, token []byte) ([]byte, bool, error) {
	m, err := decodeResp(token)
	if err != nil {
		return a.fail(ntstatus.InvalidParameter, "NegTokenResp", err)
	}
	if m.State == rejected {
		return a.fail(ntstatus.LogonFailure, "the client gave up", nil)
	}
	if a.stage == wantMIC {
		return a.complete(nil, m.MechListMIC)
	}
	return a.step(ctx, m.ResponseToken, m.MechListMIC)
}

// step gives the mechanism its token.
func (a *acceptor) step(ctx context.Context, token, mic []byte) ([]byte, bool, error) {
	out, done, err := a.context.Accept(ctx, token)
	if err != nil {
		return a.reject(out), false, err
	}
	if !done {
		return a.reply(negTokenResp{State: acceptIncomplete, ResponseToken: out})
	}
	return a.complete(out, mic)
}

// complete ends the exchange, if the signatures of the list of mechanisms
// allow it. RFC 4178 5.
func (a *acceptor) complete(out, mic []byte) ([]byte, bool, error) {
	signer, _ := a.context.(Signer)
	if id := a.context.Identity(); id != nil && id.Kind == auth.Guest {
		mic = nil // only the client knows what key it made that with
	}
	if mic != nil {
		err := errors.New("the mechanism cannot sign")
		if signer != nil {
			err = signer.VerifyMIC(a.mechList, mic)
		}
		if err != nil {
			return a.fail(ntstatus.LogonFailure, "wrong mechListMIC: the list of mechanisms was changed on its way", err)
		}
		a.micChecked = true
	}
	resp := negTokenResp{State: acceptCompleted, ResponseToken: out}
	missing := a.micRequired && !a.micChecked && !a.keyless()
	if missing && (out == nil || a.stage == wantMIC) {
		return a.fail(ntstatus.LogonFailure, "mechListMIC is missing", nil)
	}
	// Ours goes out if the client sent one, or first if the last token of the
	// mechanism is ours: then the client's follows.
	if mic != nil && a.stage != wantMIC || missing {
		if signer == nil {
			return a.fail(ntstatus.LogonFailure, "the mechanism cannot sign", nil)
		}
		var err error
		if resp.MechListMIC, err = signer.GetMIC(a.mechList); err != nil {
			return a.fail(ntstatus.LogonFailure, "mechListMIC", err)
		}
	}
	if missing {
		resp.State = acceptIncomplete
		a.stage = wantMIC
		return a.reply(resp)
	}
	a.stage = finished
	a.done = true
	token, _, err := a.reply(resp)
	a.done = err == nil
	return token, a.done, err
}

// keyless reports whether the client has proved nothing, so that it has no
// choice of mechanism to protect either.
func (a *acceptor) keyless() bool {
	id := a.context.Identity()
	return id != nil && id.Kind != auth.User
}

// reply encodes a token that goes on. The first names the mechanism.
func (a *acceptor) reply(m negTokenResp) ([]byte, bool, error) {
	if !a.announced {
		m.SupportedMech = a.mech.OID
		a.announced = true
	}
	out, err := m.encode()
	if err != nil {
		a.stage = finished
		return nil, false, fmt.Errorf("spnego: %w", err)
	}
	return out, false, nil
}

// reject ends the exchange and makes the token that says so; out is the
// mechanism's last word, or nil.
func (a *acceptor) reject(out []byte) []byte {
	a.stage = finished
	token, _ := negTokenResp{State: rejected, ResponseToken: out}.encode() // nil if out is too long for DER
	return token
}

// fail ends the exchange with an error of the negotiation itself.
func (a *acceptor) fail(status ntstatus.Status, reason string, cause error) ([]byte, bool, error) {
	f := &auth.Failure{Status: status, Mechanism: "SPNEGO", Reason: reason, Err: cause}
	if a.context != nil {
		if id := a.context.Identity(); id != nil {
			f.Account, f.Domain, f.Workstation = id.Account, id.Domain, id.Workstation
		}
	}
	return a.reject(nil), false, f
}
