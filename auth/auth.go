// Package auth is how a peer proves who it is: the vocabulary that mechanisms
// ([MS-NLMP] NTLM, Kerberos) and their negotiation ([MS-SPNG], RFC 4178) share
// with the server and the client. There is no SMB in it.
package auth

import (
	"context"

	"github.com/signet-smb/signet/dtyp"
)

// Kind tells a user from those who proved nothing.
type Kind uint8

// Kinds of identity. They are never mixed: a guest is not an anonymous, and
// neither is a user.
const (
	User Kind = iota + 1
	Guest
	Anonymous
)

// Identity is who a completed exchange found the peer to be. Immutable.
type Identity struct {
	Kind        Kind
	Account     string // the account's name as stored, without domain
	Domain      string // as the peer sent it
	Workstation string // the client's own name as it sent it; unproved
	TargetName  string // the service the peer meant to reach, as it said so under its key: an SPN; or empty
	HasTarget   bool   // whether it said so at all
	SID         dtyp.SID
	Mechanism   string // "NTLMv2", "Kerberos"
}

// Acceptor is the server's side of one exchange: one GSS context. It is used
// by one goroutine at a time and thrown away after the exchange.
type Acceptor interface {
	// Accept takes the peer's token and returns the token to send back.
	// done tells that the exchange is complete: Identity and SessionKey answer
	// from then on. On failure the error is or wraps the ntstatus.Status to
	// answer (LogonFailure, AccountDisabled, InvalidParameter, …), where a peer
	// is at fault a *[Failure], and out may carry a last token. token is at
	// most 64 KiB and not kept.
	Accept(ctx context.Context, token []byte) (out []byte, done bool, err error)
	// Identity is who the peer is, once done.
	Identity() *Identity
	// SessionKey is the GSS session key, at least 16 bytes for NTLM, once
	// done; nil for an identity that has none.
	SessionKey() []byte
}

// Initiator is the client's side of one exchange. It is used by one goroutine
// at a time.
type Initiator interface {
	// Step takes the peer's token, nil at first, and returns the token to
	// send. done tells that nothing more need come from the peer.
	Step(ctx context.Context, token []byte) (out []byte, done bool, err error)
	// SessionKey is the GSS session key, once done.
	SessionKey() []byte
}
