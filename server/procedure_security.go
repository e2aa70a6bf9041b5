package server

import (
	"context"
	"errors"

	"github.com/signet-smb/signet/auth"
	"github.com/signet-smb/signet/internal/rpc"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/policy"
)

// errNobody is why who proved nothing cannot authenticate calls.
var errNobody = errors.New("nobody, or a guest, authenticates no calls")

// errCannotProtect is why a mechanism cannot authenticate calls.
var errCannotProtect = errors.New("server: the mechanism protects no messages")

// callSecurity is one authentication of remote procedure calls, by what a
// session signs in with. It implements [rpc.Authentication].
//
// The account that is proved is who calls, as [MS-RPCE] 3.3.1.5.2.1 has it. What
// it may do is what both it and the session's user may, and where calls are not
// signed, as at level CONNECT, it may not administer: a proof that was relayed
// into somebody else's session opens nothing there that was not open before.
type callSecurity struct {
	pipe     *pipe
	acceptor auth.Acceptor
	legs     int
}

// Accept implements [rpc.Authentication]. It takes as long as a sign-in does,
// and counts as one; what fails is told in the same way.
func (x *callSecurity) Accept(ctx context.Context, token []byte) (out []byte, done bool, err error) {
	a := x.pipe.writer
	x.legs++
	refuse := func(err error) { a.refusedCalls(x.pipe, err) }
	out, done, told, err := a.judge(a.session.policy, x.acceptor, x.legs, token, refuse)
	if err == nil && done {
		err = a.admitCaller(x.acceptor.Identity())
	}
	if err != nil && !told {
		refuse(err)
	}
	return out, done && err == nil, err
}

// admitCaller refuses who could not sign in, or meant another server.
func (a *authenticated) admitCaller(id *auth.Identity) error {
	if id.Kind != auth.User {
		return refusal(id, ntstatus.LogonFailure, errNobody)
	}
	_, err := a.admitKind(a.session, id, id.Kind)
	return err
}

// refusedCalls tells that an authentication of calls was refused with err, by an
// event or else in the log.
func (a *authenticated) refusedCalls(p *pipe, err error) {
	e := refusedIdentity(a.session, err)
	e.Means, e.Object = "RPC", p.name
	if !a.conn.raise(e) {
		a.conn.inform("authentication of calls refused", "session", a.session.id.String(), "pipe", p.name, "err", err)
	}
}

// Protection implements [rpc.Authentication].
func (x *callSecurity) Protection(sealing bool) (auth.Protection, error) {
	p, ok := x.acceptor.(auth.Protector)
	if !ok {
		return nil, errCannotProtect
	}
	return p.Protection(sealing)
}

// Caller implements [rpc.Authentication].
func (x *callSecurity) Caller(level rpc.Level) *rpc.Caller {
	p, a, id := x.pipe, x.pipe.writer, x.acceptor.Identity()
	c := *p.caller
	c.Account, c.Domain, c.SID = id.Account, id.Domain, id.SID
	c.Role = func(ctx context.Context) rpc.Role {
		if level == rpc.LevelConnect {
			return rpc.User
		}
		return min(p.caller.Role(ctx), a.conn.server.roleOf(ctx, id))
	}
	a.conn.log.Info("calls authenticated", "session", a.session.id.String(), "pipe", p.name,
		"user", id.Account, "mechanism", id.Mechanism, "level", uint8(level))
	return &c
}

// roleOf is what who may do in the administration now, by a protected session or
// by protected calls.
func (s *Server) roleOf(ctx context.Context, who *auth.Identity) rpc.Role {
	switch {
	case s.procedures.Role == nil:
		return rpc.User
	case who.Mechanism != "Kerberos" && !policy.Get(s.policy(), policy.AllowRemoteAdminOverNTLM):
		return rpc.User
	}
	return s.procedures.Role(ctx, who)
}
