package ntlm

import (
	"bytes"
	"context"
	"crypto/hmac"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"

	"github.com/signet-smb/signet/auth"
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/ntstatus"
)

// stage says which message an exchange waits for.
type stage uint8

const (
	wantFirst  stage = iota // NEGOTIATE; as initiator: nothing yet sent
	wantSecond              // AUTHENTICATE; as initiator: CHALLENGE
	finished                // none: done or failed
)

// acceptor is the server's side of one exchange. It implements
// [auth.Acceptor].
type acceptor struct {
	server *Server
	stage  stage

	negotiate       []byte // both messages as they crossed the wire, for the MIC
	challenge       []byte
	flags           flags // of CHALLENGE
	serverChallenge [8]byte

	session  *session       // once done
	identity *auth.Identity // once done
}

// Accept takes NEGOTIATE and then AUTHENTICATE.
//
// Every logon refused for a wrong user, password, response or MIC fails with
// LogonFailure; a message that is built wrongly, whoever the user is, with
// InvalidParameter.
func (a *acceptor) Accept(ctx context.Context, token []byte) (out []byte, done bool, err error) {
	if err := Available(); err != nil {
		return nil, false, err
	}
	if len(token) > maxMessage {
		return nil, false, a.malformed("message too long", nil)
	}
	switch a.stage {
	case wantFirst:
		out, err = a.acceptNegotiate(token)
		return out, false, err
	case wantSecond:
		a.stage = finished
		err = a.acceptAuthenticate(ctx, token)
		return nil, err == nil, err
	default:
		return nil, false, a.malformed("message behind the end of the exchange", nil)
	}
}

// Identity is who the client is, once done.
func (a *acceptor) Identity() *auth.Identity { return a.identity }

// SessionKey is the ExportedSessionKey, 16 bytes, in a slice of its own; nil
// until done.
func (a *acceptor) SessionKey() []byte {
	if a.session == nil {
		return nil
	}
	return bytes.Clone(a.session.key[:])
}

// GetMIC signs the one message that SPNEGO has signed.
func (a *acceptor) GetMIC(message []byte) ([]byte, error) {
	if a.session == nil {
		return nil, errNoSigning
	}
	return a.session.sign(serverToClient, message)
}

// VerifyMIC tells why mic is not the client's signature of message, or nil.
func (a *acceptor) VerifyMIC(message, mic []byte) error {
	if a.session == nil {
		return errNoSigning
	}
	return a.session.verify(clientToServer, message, mic)
}

// supported are the flags that CHALLENGE returns if NEGOTIATE asks for them.
const supported = flagUnicode | flagOEM | flagSign | flagSeal | flagExtendedSession |
	flag128 | flag56 | flagKeyExchange

// acceptNegotiate makes the CHALLENGE. [MS-NLMP] 3.2.5.1.1.
func (a *acceptor) acceptNegotiate(token []byte) ([]byte, error) {
	n, err := decodeNegotiate(token)
	if err != nil {
		return nil, a.malformed("NEGOTIATE", err)
	}
	if err := a.server.random(a.serverChallenge[:]); err != nil {
		return nil, fmt.Errorf("ntlm: challenge: %w", err)
	}
	a.flags = n.Flags&supported |
		flagRequestTarget | flagNTLM | flagAlwaysSign | flagTargetServer | flagTargetInfo | flagVersion
	if a.flags.has(flagUnicode) {
		a.flags &^= flagOEM // 2.2.2.5: UTF-16 wins
	}
	info := a.server.targetInfo()
	// A client that finds the time sends a MIC (3.1.5.1.2), so that nobody
	// between us can take flags out of the messages.
	info = info.set(avTimestamp, binary.LittleEndian.AppendUint64(nil, uint64(a.server.now())))
	a.negotiate = bytes.Clone(token)
	a.challenge = challenge{
		TargetName:      a.server.NetBIOSName,
		Flags:           a.flags,
		ServerChallenge: a.serverChallenge,
		TargetInfo:      info,
	}.encode()
	a.server.issued.note(a.serverChallenge)
	a.stage = wantSecond
	return a.challenge, nil
}

// acceptAuthenticate judges the AUTHENTICATE. [MS-NLMP] 3.2.5.1.2.
//
// All that depends on the message alone is judged before an account is looked
// up, so that its status says nothing about accounts. From there on an unknown
// name runs the computation of a known one.
//
// Deviation: the age of the response is not judged; nor does Windows since
// 2012 ([MS-NLMP] <69>). The challenge is good for this exchange only. Nor is
// a second try made with an empty domain: the key is made of what the client
// sent.
func (a *acceptor) acceptAuthenticate(ctx context.Context, token []byte) error {
	m, err := decodeAuthenticate(token, a.flags.has(flagUnicode))
	if err != nil {
		return a.malformed("AUTHENTICATE", err)
	}
	s := &session{flags: a.flags & m.Flags}
	encrypted, err := keyExchange(s.flags, m.EncryptedSessionKey)
	if err != nil {
		return a.refuse(m, ntstatus.InvalidParameter, "malformed session key", err)
	}
	if m.anonymous() {
		s.anonymous = true
		a.finish(m, s, [16]byte{}, encrypted)
		a.identity = &auth.Identity{Kind: auth.Anonymous, SID: dtyp.SIDAnonymous}
		a.describe(m, response{})
		return nil
	}
	if len(m.NTResponse) <= maxV1Response {
		return a.refuse(m, ntstatus.LogonFailure, "LM and NTLMv1 are not accepted", nil)
	}
	resp, err := decodeResponse(m.NTResponse)
	if err != nil {
		return a.refuse(m, ntstatus.InvalidParameter, "malformed NTLMv2 response", err)
	}

	account, err := a.server.Accounts.NTHash(ctx, auth.AccountName(m.User))
	known := err == nil
	if !known && !errors.Is(err, fs.ErrNotExist) {
		return a.refuse(m, ntstatus.InternalError, "account look-up failed", err)
	}
	if !known {
		account = Account{} // the hash of zeros stands in for it
	}
	key := account.NTHash.responseKey(m.User, m.Domain)
	want := proof(key, a.serverChallenge, resp.Blob)
	if !hmac.Equal(want[:], resp.Proof) || !known {
		if !known && a.server.Guests != nil && a.server.Guests() {
			// Whatever key the client has made of its password, it is not
			// known here: nothing can be signed, nor a MIC verified.
			a.identity = &auth.Identity{Kind: auth.Guest, Account: "Guest", SID: dtyp.SIDBuiltinGuests}
			a.describe(m, resp)
			return nil
		}
		if !known {
			return a.refuse(m, ntstatus.LogonFailure, "no such account", nil)
		}
		return a.refuse(m, ntstatus.LogonFailure, "wrong password", nil)
	}
	a.finish(m, s, sessionBaseKey(key, want), encrypted)
	if resp.Attributes.flags()&avFlagMIC != 0 {
		mic := messagesMIC(s.key, a.negotiate, a.challenge, token)
		if m.MIC == nil || !hmac.Equal(mic[:], m.MIC) {
			a.session = nil
			return a.refuse(m, ntstatus.LogonFailure, "wrong MIC: the messages were changed on their way", nil)
		}
	}
	if account.Disabled {
		a.session = nil
		return a.refuse(m, ntstatus.AccountDisabled, "the account is disabled", nil)
	}
	a.identity = &auth.Identity{Kind: auth.User, Account: account.Name, SID: account.SID}
	a.describe(m, resp)
	return nil
}

// anonymous reports whether m asks for a session of nobody. The flag of that
// name is not looked at, nor does Windows ([MS-NLMP] <28>).
func (m *authenticate) anonymous() bool {
	return m.User == "" && len(m.NTResponse) == 0 &&
		(len(m.LMResponse) == 0 || len(m.LMResponse) == 1 && m.LMResponse[0] == 0)
}

// keyExchange checks the encrypted session key against the negotiated flags;
// nil means that there is none to decrypt.
//
// [MS-NLMP] 3.1.5.1.2 makes one only beside SIGN or SEAL; a key that comes
// without them is taken too, as Samba's clients mean it.
func keyExchange(f flags, encrypted []byte) (*[16]byte, error) {
	if !f.has(flagKeyExchange) || len(encrypted) == 0 && f&(flagSign|flagSeal) == 0 {
		return nil, nil
	}
	if len(encrypted) != 16 {
		return nil, fmt.Errorf("EncryptedRandomSessionKey of %d bytes", len(encrypted))
	}
	return (*[16]byte)(bytes.Clone(encrypted)), nil
}

// finish sets the session's key. An anonymous client's base key is zeros:
// [MS-NLMP] 3.2.5.1.2.
func (a *acceptor) finish(m authenticate, s *session, base [16]byte, encrypted *[16]byte) {
	s.key = base
	if encrypted != nil {
		s.key = exchangeKey(base, *encrypted)
	}
	a.session = s
}

// describe adds what the client said of itself.
func (a *acceptor) describe(m authenticate, resp response) {
	a.identity.Domain = m.Domain
	a.identity.Workstation = m.Workstation
	a.identity.Mechanism = mechanism
	if resp.Attributes.flags()&avFlagUntrustedTarget == 0 {
		a.identity.TargetName = resp.Attributes.text(avTargetName)
		a.identity.HasTarget = resp.Attributes.has(avTargetName)
	}
}

// refuse makes the error of a logon that named somebody.
func (a *acceptor) refuse(m authenticate, status ntstatus.Status, reason string, cause error) error {
	return &auth.Failure{
		Status: status, Mechanism: mechanism,
		Account: m.User, Domain: m.Domain, Workstation: m.Workstation,
		Reason: reason, Err: cause,
	}
}

// malformed makes the error of a message that cannot be read.
func (a *acceptor) malformed(what string, cause error) error {
	a.stage = finished
	return &auth.Failure{
		Status: ntstatus.InvalidParameter, Mechanism: mechanism,
		Reason: what, Err: cause,
	}
}
