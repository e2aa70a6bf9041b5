package client

import (
	"context"
	"log/slog"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/signet-smb/signet/auth/ntlm"
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/transport"
	"github.com/signet-smb/signet/policy"
)

// DefaultPort is where servers listen: Direct TCP. [MS-SMB2] 1.9.
const DefaultPort = "445"

// Dialer signs in on servers. The zero value does so anonymously under the
// default policy, which no server that requires signing, or is required to
// sign, takes part in: set Credentials. It is not changed while in use; then it
// is safe for concurrent use.
type Dialer struct {
	// Credentials are who signs in.
	Credentials Credentials

	// Policy holds the client.* properties; nil is the default. Each
	// connection works by the one that it began with.
	Policy *policy.Snapshot

	// Hardened is what this program demands of shares besides
	// client.HardenedPaths: New-SmbMapping's RequireIntegrity and RequirePrivacy.
	Hardened []policy.HardenedPath

	// Events gets what concerns an administrator; nil is nobody.
	Events EventSink

	// Logger gets what happens to connections; nil is nobody.
	Logger *slog.Logger

	// Connect makes the transport connection; nil is TCP.
	Connect func(ctx context.Context, network, address string) (net.Conn, error)

	// Kerberos signs in by Kerberos: *krb5.Client of package auth/krb5. Then
	// NTLM is the second choice: it takes the policy's permission, Credentials
	// that are somebody, and that Kerberos fails before the server has been sent
	// anything, or that the server takes NTLM and signs that it was offered the
	// choice. A server that refuses a ticket is not tried again by NTLM: anybody
	// in the path could refuse in its place. nil is NTLM only.
	Kerberos Kerberos

	// Service is what Kerberos is asked for; "" is the service cifs of the name
	// that is dialled, and none for an address.
	Service string

	// RefuseNTLM forbids NTLM, whatever the policy says: for servers that
	// somebody else has named, as a DFS referral does.
	RefuseNTLM bool

	// LookupCNAME asks for the name that a name leads to; nil is the system's
	// resolver. It is asked only if there are Events or a Logger to warn.
	LookupCNAME func(ctx context.Context, host string) (string, error)

	// Reconnect is what sessions do when their connection is lost; of use to
	// [Dialer.Dial] alone.
	Reconnect Reconnect

	// Lanes is over how many sessions a session that [Dialer.Dial] has made
	// spreads small operations of many callers on a share: [Share.StatEach],
	// [Share.ReadSmallFile], [Share.WriteNewFile], [Share.Rename]. It signs in
	// again, as the same user on the same server, when there have been some
	// dozens of them. 0 is 2, 1 is its own only, and more than 16 are not made.
	// Where there are several, operations that wait are sent in one message, if
	// the server has shown that it takes such.
	Lanes int

	// NoSymlinks forbids to follow symbolic links that a server leaves to its
	// clients. They are followed inside a share only: see [SymlinkError].
	NoSymlinks bool

	// IsSelf reports whether a server that introduces itself by this GUID is
	// this very program, which a gateway must not sign in on; nil is never.
	// Whoever reflects a sign-in may show another GUID, but not another
	// challenge: a program that also serves sets Credentials.IsOwn, too.
	IsSelf func(serverGUID dtyp.GUID) bool
}

// Credentials are what a client proves itself with. The zero value asks for an
// anonymous session. They print without the secret.
type Credentials = ntlm.Credentials

// Dial connects to the server at address, "host" or "host:port", and signs in.
// What ctx says counts for the dialling only.
//
// The error is an *[Error]. It wraps a *[Refusal] where a policy said no, and
// an [ntstatus.Status] where the server did: LogonFailure for a wrong password.
func (d *Dialer) Dial(ctx context.Context, address string) (*Session, error) {
	host, port := splitAddress(address)
	target := d.judgeTarget(ctx, host)
	nc, err := d.connect(ctx, host, port)
	if err != nil {
		<-target
		return nil, fail("dial", address, err)
	}
	session, err := d.DialConn(ctx, nc, host)
	if w := <-target; w.kind != nil && err == nil {
		c := session.now().conn
		c.raise(w.kind, w.reason)
		c.log.Warn(w.kind.Text, "server", host, "why", w.reason)
	}
	if err == nil && !d.Reconnect.Never {
		session.last(host, port)
		session.addChannels(ctx, session.now())
	}
	return session, err
}

// DialConn is [Dialer.Dial] over a connection that there is already, which it
// owns from now on. server is the name by which the server knows itself. When
// the connection is lost, so is the session.
func (d *Dialer) DialConn(ctx context.Context, nc net.Conn, server string) (*Session, error) {
	own := *d
	s := &Session{dialer: &own}
	on, err := own.signIn(ctx, nc, server, predecessor{clientGUID: dtyp.NewGUID(), opens: &s.opens})
	if err != nil {
		return nil, err
	}
	s.current.Store(on)
	return s, nil
}

// predecessor is what a session takes over from one whose place it takes.
type predecessor struct {
	id         smb2.SessionID // 0: there was none
	clientGUID dtyp.GUID      // by which, too, servers know leases
	opens      *opens
}

// signIn makes a session on nc, which it owns from now on, instead of p.
func (d *Dialer) signIn(ctx context.Context, nc net.Conn, server string, p predecessor) (*session, error) {
	c, s, err := d.negotiate(ctx, nc, server, p.clientGUID)
	if err != nil {
		return nil, fail("dial", server, err)
	}
	on := newSession(c, s, p.opens)
	if err := on.setup(ctx, d, p.id); err != nil {
		c.close()
		return nil, fail("sign in", server, err)
	}
	return on, nil
}

// Probe asks the server at address what it says of itself to anybody, and
// hangs up. Nobody signs in, and no name or token is sent.
func (d *Dialer) Probe(ctx context.Context, address string) (*ServerInfo, error) {
	host, port := splitAddress(address)
	nc, err := d.connect(ctx, host, port)
	if err != nil {
		return nil, fail("probe", address, err)
	}
	c, _, err := d.negotiate(ctx, nc, host, dtyp.NewGUID())
	if err != nil {
		return nil, fail("probe", address, err)
	}
	defer c.close()
	info := c.serverInfo()
	return &info, nil
}

func (d *Dialer) connect(ctx context.Context, host, port string) (net.Conn, error) {
	dial := d.Connect
	if dial == nil {
		dial = (&net.Dialer{Timeout: dialTimeout}).DialContext
	}
	return dial(ctx, "tcp", net.JoinHostPort(host, port))
}

// dialTimeout bounds the wait for a host that does not answer.
const dialTimeout = 30 * time.Second

// negotiate starts a connection and settles how it speaks.
func (d *Dialer) negotiate(ctx context.Context, nc net.Conn, server string, clientGUID dtyp.GUID) (*connection, *settings, error) {
	log := d.Logger
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	s := newSettings(d.Policy)
	s.hardened = append(slices.Clone(s.hardened), d.Hardened...)
	c := newConnection(transport.NewTCP(nc), server, s, log, d.Events)
	c.remote = remoteHost(nc)
	err := c.negotiate(ctx, s, clientGUID)
	if err == nil && d.IsSelf != nil && d.IsSelf(c.negotiated.serverGUID) {
		err = selfRefused(server)
	}
	if err != nil {
		c.close()
		return nil, nil, err
	}
	c.audit(s)
	return c, s, nil
}

// anonymous reports whether c proves nothing.
func anonymous(c Credentials) bool { return c.User == "" && c.Password == "" && c.Hash == nil }

// splitAddress takes "host", "host:port", an IPv6 address with or without
// brackets, or \\host apart.
func splitAddress(address string) (host, port string) {
	address = strings.Trim(address, `\/`)
	if h, p, err := net.SplitHostPort(address); err == nil {
		return h, p
	}
	return strings.Trim(address, "[]"), DefaultPort
}
