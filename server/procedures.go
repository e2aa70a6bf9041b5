package server

import (
	"context"
	"fmt"

	"github.com/signet-smb/signet/auth"
	"github.com/signet-smb/signet/event"
	"github.com/signet-smb/signet/internal/rpc"
	"github.com/signet-smb/signet/internal/rpc/directory"
	"github.com/signet-smb/signet/internal/rpc/lsarpc"
	"github.com/signet-smb/signet/internal/rpc/samr"
	"github.com/signet-smb/signet/internal/rpc/srvsvc"
	"github.com/signet-smb/signet/internal/rpc/winreg"
	"github.com/signet-smb/signet/internal/rpc/wkssvc"
)

// Procedures are what remote procedures tell of and change that the server does
// not know itself. What is nil is not offered.
type Procedures struct {
	// Role is what a user may do in the administration. It is asked at each
	// call that needs a role. nil: nobody has one.
	Role           func(context.Context, *auth.Identity) rpc.Role
	Accounts       directory.Accounts    // of lsarpc and samr
	Registry       winreg.Registry       // of winreg
	Administration srvsvc.Administration // of srvsvc
}

// newPipeEndpoints makes the server's pipes.
func (s *Server) newPipeEndpoints() pipeEndpoints {
	p := s.procedures
	interfaces := map[string]*rpc.Interface{
		"srvsvc": srvsvc.New(service{s}, p.Administration),
		"wkssvc": wkssvc.New(service{s}),
	}
	if p.Accounts != nil {
		d := &directory.Directory{Name: s.name, Accounts: p.Accounts}
		interfaces["lsarpc"], interfaces["samr"] = lsarpc.New(d), samr.New(d)
	}
	if p.Registry != nil {
		interfaces["winreg"] = winreg.New(p.Registry)
	}
	pipes := make(pipeEndpoints)
	for name, i := range interfaces {
		pipes[name] = &rpc.Endpoint{
			Name:       `\PIPE\` + name,
			Interfaces: []*rpc.Interface{i},
			NewGroup:   s.ids.nextGroup,
			Failed: func(i *rpc.Interface, operation string, err error) {
				s.log.Warn("remote procedure failed", "interface", i.Name, "operation", operation, "err", err)
			},
		}
	}
	return pipes
}

// connect makes the RPC connection of a pipe for a's session.
//
// Only what is signed or sealed may administer: from the first message on that
// came without, the pipe's caller has no role any more, and neither has who
// authenticates calls on it.
func (p *pipe) connect(a *authenticated, e *rpc.Endpoint) *rpc.Conn {
	who, s := a.session.who(), a.conn.server
	own := *e
	own.Refused = func(c *rpc.Caller, i *rpc.Interface, operation string, needs rpc.Role) {
		s.count(RefusedRole)
		ev := a.session.event(event.AdministrationRefused)
		ev.User, ev.Domain = c.Account, c.Domain
		ev.Means, ev.Object = "RPC", i.Name+"."+operation
		ev.Reason = fmt.Sprintf("this needs the role %v", needs)
		if p.unprotected {
			ev.Reason += ", and a session that is signed or encrypted"
		}
		if c != p.caller {
			ev.Reason += fmt.Sprintf(", of the session's user %q, too, and calls that are signed", who.Account)
		}
		if !a.conn.raise(ev) {
			a.conn.warn("remote procedure refused", "user", c.Account, "operation", ev.Object, "needs", needs.String())
		}
	}
	own.Malformed = func(c *rpc.Caller, status rpc.Fault) {
		a.conn.warn("malformed remote procedure call", "user", c.Account, "pipe", p.name, "answer", status.String())
	}
	own.Authenticate = func() rpc.Authentication {
		return &callSecurity{pipe: p, acceptor: s.authenticator.NewAcceptor()}
	}
	p.caller = &rpc.Caller{
		Account: who.Account, Domain: who.Domain, SID: who.SID, Address: a.conn.remote, Session: uint64(a.session.id),
		Anonymous: who.Kind != auth.User,
		Role: func(ctx context.Context) rpc.Role {
			if p.unprotected {
				return rpc.User
			}
			return s.roleOf(ctx, who)
		},
	}
	return rpc.NewConn(&own, p.caller)
}
