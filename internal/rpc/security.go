package rpc

import (
	"context"
	"errors"

	"github.com/signet-smb/signet/auth"
	"github.com/signet-smb/signet/internal/wire"
)

// provider is an auth_type: which protocol authenticates. [MS-RPCE] 2.2.1.1.7.
type provider uint8

const (
	providerSPNEGO provider = 0x09
	providerNTLM   provider = 0x0A
)

// Level is how a client's calls are protected. [MS-RPCE] 2.2.1.1.8.
type Level uint8

// The levels.
const (
	LevelNone      Level = 1
	LevelConnect   Level = 2 // who the client is, and no more
	levelCall      Level = 3 // the same as LevelPacket
	LevelPacket    Level = 4 // with NTLM the same as LevelIntegrity
	LevelIntegrity Level = 5 // signed
	LevelPrivacy   Level = 6 // signed and encrypted
)

func (l Level) known() bool { return l >= LevelConnect && l <= LevelPrivacy }

// protected reports whether each fragment of a call is signed.
func (l Level) protected() bool { return l > LevelConnect }

const (
	// maxSecurity is how many security contexts a connection may have. Clients
	// use one; [MS-RPCE] 3.3.1.5.4 lets a server have fewer than 2,000.
	maxSecurity = 8
	// maxLegs is how many tokens an authentication may take.
	maxLegs = 8
)

// Authentication is one exchange by which a client proves at the level of its
// calls who it is. It is used by one goroutine at a time.
type Authentication interface {
	// Accept takes the client's next token as [auth.Acceptor] does. Once done,
	// Caller and Protection answer.
	Accept(ctx context.Context, token []byte) (out []byte, done bool, err error)
	// Caller is who the client is when it calls at a level.
	Caller(level Level) *Caller
	// Protection protects its calls, as [auth.Protector] has it.
	Protection(sealing bool) (auth.Protection, error)
}

// security is a security context of a connection. [MS-RPCE] 3.1.1.1.1.
type security struct {
	shield
	exchange Authentication // until it is done
	legs     int
	caller   *Caller // nil until the client has proved who it is
	failed   bool    // the last token came where nothing can be answered
}

// errLegs is of an authentication that does not end.
var errLegs = errors.New("rpc: an authentication that does not end")

// authenticate takes a token of a bind, alter_context or auth3 for the security
// context that it names, which begins with it if there is none. [MS-RPCE]
// 3.3.1.5.2.1. The error is a [Fault], or the mechanism's.
func (c *Conn) authenticate(ctx context.Context, cred *credentials) (s *security, out []byte, err error) {
	s = c.security[cred.context]
	switch {
	case s == nil && len(c.security) > 0 && !c.multiplex, s == nil && len(c.security) >= maxSecurity:
		return nil, nil, FaultProtocol // [MS-RPCE] 3.3.1.5.4
	case s == nil:
		s = &security{
			shield:   shield{provider: cred.provider, level: cred.level, id: cred.context},
			exchange: c.endpoint.Authenticate(),
		}
		c.security[cred.context] = s
	case s.caller != nil || s.failed || !s.is(cred):
		return nil, nil, FaultProtocol
	}
	if s.legs++; s.legs > maxLegs {
		return nil, nil, errLegs
	}
	out, done, err := s.exchange.Accept(ctx, cred.token)
	if err != nil || !done {
		return s, out, err
	}
	if s.level.protected() {
		// [MS-RPCE] 3.3.1.5.2.2: a provider without it has failed.
		if s.protection, err = s.exchange.Protection(s.level == LevelPrivacy); err != nil {
			return s, nil, err
		}
	}
	s.caller = s.exchange.Caller(s.level)
	s.exchange = nil
	return s, out, nil
}

// receiveAuth3 takes the third leg of NTLM, to which there is no answer: what
// is wrong with it, the first call is told. [MS-RPCE] 3.3.1.5.2.1.
func (c *Conn) receiveAuth3(ctx context.Context, h header, f fragment) {
	if h.authLength == 0 {
		return // of an authentication that did not begin
	}
	cred, _, ok := f.credentials(h, headerSize)
	if !ok || c.endpoint.Authenticate == nil || c.security[cred.context] == nil {
		c.abort(h.callID, 0, FaultProtocol)
		return
	}
	s, _, err := c.authenticate(ctx, &cred)
	switch {
	case s == nil:
		c.abort(h.callID, 0, FaultProtocol)
	case err != nil || s.caller == nil:
		s.failed = true
	}
}

// headerSigning notes whether header signing is agreed on, which the first PDU
// with credentials decides. What signatures cover does not depend on it, see
// [shield]. [MS-RPCE] 3.3.1.5.2.2.
func (c *Conn) headerSigning(h header) {
	if len(c.security) == 0 {
		c.signsHeaders = h.flags&flagHeaderSign != 0
	}
}

// answerFlags are those of a bind_ack or alter_context_resp to h.
func (c *Conn) answerFlags(h header) packetFlags {
	if h.authLength != 0 && c.signsHeaders {
		return h.flags & flagHeaderSign
	}
	return 0
}

// open checks and decrypts a fragment of a call and returns its parameters; head
// is the length of its header. s is the security context in which it is called,
// nil for that of the transport. A fault means that the connection cannot go on.
func (c *Conn) open(h header, f fragment, head int) (s *security, stub []byte, fault Fault) {
	if h.authLength == 0 {
		s, fault = c.bare()
		r := wire.NewReader(f)
		r.Skip(head)
		return s, r.Rest(), fault
	}
	cred, parts, ok := f.credentials(h, head)
	if !ok {
		return nil, nil, FaultProtocol
	}
	s = c.security[cred.context]
	switch {
	case s == nil, s.failed:
		return nil, nil, FaultAccessDenied
	case s.caller == nil || !s.is(&cred):
		return nil, nil, FaultProtocol
	}
	stub, err := s.shield.open(h, f, head, &cred, &parts)
	if err != nil {
		return nil, nil, FaultSecurityPackage
	}
	return s, stub, 0
}

// bare is the security context of a call without credentials: the transport's,
// if no other was agreed on with the bind, or the only one, if that asks for none
// with each call. [MS-RPCE] 3.3.1.5.4.
func (c *Conn) bare() (s *security, fault Fault) {
	if !c.secureBind {
		return nil, 0
	}
	if len(c.security) == 1 {
		for _, s := range c.security {
			if s.level == LevelConnect && s.caller != nil {
				return s, 0
			}
		}
	}
	return nil, FaultAccessDenied
}
