package smbtest

import (
	"context"
	"io/fs"
	"log/slog"
	"net"
	"strings"
	"testing"

	"github.com/signet-smb/signet/auth"
	"github.com/signet-smb/signet/auth/ntlm"
	"github.com/signet-smb/signet/auth/spnego"
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/bufpool"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/policy"
	"github.com/signet-smb/signet/server"
	"github.com/signet-smb/signet/vfs"
	"github.com/signet-smb/signet/vfs/memfs"
)

// The accounts of a test server, which have one password.
const (
	User      = "alice"
	OtherUser = "bob"
	Password  = "Secret007"
)

// ShareName is the share of a test server, ReadOnlyShareName the same tree
// read-only.
const (
	ShareName         = "data"
	ReadOnlyShareName = "readonly"
)

// Server is a running server on an in-memory back end.
type Server struct {
	*server.Server
	FS  *memfs.FS
	Log *CallLog // in front of FS

	t        testing.TB
	listener net.Listener
}

// Options are what a test server may be given. The zero value is the
// product's default, but that failed log-ons are answered at once.
type Options struct {
	Policy        *policy.Snapshot
	Policies      func() *policy.Snapshot // instead of Policy: asked whenever the server asks
	FS            vfs.FS                  // instead of an empty memfs
	Authenticator server.Authenticator    // instead of NTLM with the accounts above
	Pipe          bool                    // clients come through net.Pipe, which buffers nothing, instead of TCP
	Delay         bool                    // failed log-ons are answered late, as the policy says
	Quiet         bool                    // log nothing
	Unlogged      bool                    // write no calls down: Server.Log stays empty
	Logger        *slog.Logger            // instead of the test's log
	Descriptors   int                     // as in server.Config
	Events        server.EventSink        // as in server.Config
	Procedures    server.Procedures       // as in server.Config
	Sightings     server.Sightings        // as in server.Config
}

// StartServer starts a server on loopback. It is stopped at the end of the
// test, which fails if a buffer was not given back.
func StartServer(t testing.TB, opt Options) *Server {
	t.Helper()
	s := &Server{t: t, FS: memfs.New()}
	back := opt.FS
	if back == nil {
		back = s.FS
	}
	s.Log = NewCallLog(back)
	served := vfs.FS(s.Log)
	if opt.Unlogged {
		served = back
	}
	mechanism := &ntlm.Server{NetBIOSName: "SIGNET", Accounts: accounts{}}
	cfg := server.Config{
		Shares: []*server.Share{
			{Name: ShareName, FS: served},
			{Name: ReadOnlyShareName, FS: served, ReadOnly: true},
		},
		Authenticator: &spnego.Server{Mechanisms: []spnego.Mechanism{{
			OID:         spnego.NTLMSSP,
			Name:        "NTLM",
			NewAcceptor: mechanism.NewAcceptor,
			IsRaw:       ntlm.IsMessage,
		}}},
		Logger: slog.New(slog.NewTextHandler(testWriter{t}, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	if opt.Policy != nil {
		cfg.Policy = func() *policy.Snapshot { return opt.Policy }
	}
	if opt.Policies != nil {
		cfg.Policy = opt.Policies
	}
	if !opt.Delay {
		given := cfg.Policy
		cfg.Policy = func() *policy.Snapshot {
			s := policy.Default()
			if given != nil {
				s = given()
			}
			return policy.With(s, policy.EnableAuthRateLimiter, false, policy.Origin{Layer: policy.LayerCommandLine, Name: "smbtest"})
		}
	}
	if cfg.Policy != nil {
		mechanism.Guests = func() bool { return policy.Get(cfg.Policy(), policy.EnableGuestAccess) }
	}
	if opt.Authenticator != nil {
		cfg.Authenticator = opt.Authenticator
	}
	if opt.Logger != nil {
		cfg.Logger = opt.Logger
	}
	if opt.Quiet {
		cfg.Logger = nil
	}
	cfg.Descriptors, cfg.Events, cfg.Procedures, cfg.Sightings = opt.Descriptors, opt.Events, opt.Procedures, opt.Sightings
	var err error
	if s.Server, err = server.New(cfg); err != nil {
		t.Fatal(err)
	}
	s.Log.Reset() // mounting asks for the volume
	if opt.Pipe {
		s.listener = newPipeListener()
	} else if s.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(s.listener) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), timeout)
		defer cancel()
		if err := s.Shutdown(ctx); err != nil {
			t.Errorf("shutdown: %v", err)
		}
		if n := s.FS.OpenReferences(); n != 0 {
			t.Errorf("%d files or directories are still open in the back end", n)
		}
		if err := <-ended; err != server.ErrServerClosed {
			t.Errorf("Serve: %v", err)
		}
		bufpool.LeakCheck(t)
	})
	return s
}

// Addr is where the server listens.
func (s *Server) Addr() string { return s.listener.Addr().String() }

// Dial returns a peer on a new connection.
func (s *Server) Dial() *Peer {
	s.t.Helper()
	return NewPeer(s.t, s.DialConn())
}

// DialConn returns a new connection without a peer on it.
func (s *Server) DialConn() net.Conn {
	s.t.Helper()
	if l, ok := s.listener.(*pipeListener); ok {
		return l.dial()
	}
	nc, err := net.DialTimeout("tcp", s.Addr(), timeout)
	if err != nil {
		s.t.Fatal(err)
	}
	return nc
}

// Initiator begins a log-on as User.
func Initiator() auth.Initiator { return InitiatorFor(User, Password) }

// InitiatorFor begins a log-on with the given account; two empty strings are
// an anonymous one.
func InitiatorFor(user, password string) auth.Initiator {
	credentials := ntlm.Credentials{User: user, Password: password}
	if user != "" {
		credentials.Domain = "WORKGROUP"
	}
	return spnego.NewInitiator(spnego.Offer{OID: spnego.NTLMSSP, Initiator: ntlm.NewInitiator(credentials)})
}

// accounts holds the accounts of the test server.
type accounts struct{}

func (accounts) NTHash(_ context.Context, name string) (ntlm.Account, error) {
	for i, user := range []string{User, OtherUser} {
		if strings.EqualFold(name, user) {
			return ntlm.Account{Name: user, SID: dtyp.NewSID(5, 21, 1, 2, 3, 1000+uint32(i)), NTHash: ntlm.HashPassword(Password)}, nil
		}
	}
	return ntlm.Account{}, fs.ErrNotExist
}

// testWriter passes log lines to the test.
type testWriter struct{ t testing.TB }

func (w testWriter) Write(p []byte) (int, error) {
	w.t.Log(strings.TrimSuffix(string(p), "\n"))
	return len(p), nil
}

// Login returns a peer that has negotiated, signed in, and connected to the
// share. setup may change what the peer offers.
func (s *Server) Login(setup ...func(*Peer)) *Peer {
	s.t.Helper()
	p := s.Dial()
	for _, f := range setup {
		f(p)
	}
	p.Negotiate()
	if r := p.SessionSetup(Initiator()); r.Header.Status != ntstatus.Success {
		s.t.Fatalf("log-on: %v", r.Header.Status)
	}
	if r := p.TreeConnect(ShareName); r.Header.Status != ntstatus.Success {
		s.t.Fatalf("tree connect: %v", r.Header.Status)
	}
	return p
}
