package main

import (
	"context"
	"errors"
	"net"
	"os"
	"strings"

	"github.com/signet-smb/signet/auth"
	"github.com/signet-smb/signet/auth/ntlm"
	"github.com/signet-smb/signet/auth/spnego"
	"github.com/signet-smb/signet/policy"
	"github.com/signet-smb/signet/server"
)

// newServer opens the folders and makes an SMB server of them.
func newServer(config serverConfig) (smbServer, error) {
	if err := ntlm.Available(); err != nil {
		return nil, err // nobody could sign in
	}
	s := &sharingServer{paths: make(map[string]string)}
	cred := config.actor.credFor(newTwins(config.accounts))
	var shares []*server.Share
	for _, spec := range config.shares {
		f, err := openFolder(spec.path, config.actor, config.protected)
		if err != nil {
			return nil, errors.Join(err, s.closeFolders())
		}
		s.folders = append(s.folders, f)
		s.paths[spec.name] = spec.path
		shares = append(shares, &server.Share{Name: spec.name, FS: f, ReadOnly: spec.readOnly, Cred: cred})
	}
	snapshot := currentPolicy()
	name, _ := serverNames()
	var err error
	s.smb, err = server.New(server.Config{
		Shares:        shares,
		Authenticator: newAuthenticator(config.accounts),
		Policy:        func() *policy.Snapshot { return snapshot },
		Logger:        config.log,
		GUID:          config.guid,
		Name:          name,
	})
	if err != nil {
		return nil, errors.Join(err, s.closeFolders())
	}
	return s, nil
}

// newAuthenticator accepts NTLMv2 of the stored accounts.
//
// Missing: Kerberos.
func newAuthenticator(accounts *accountStore) *spnego.Server {
	netBIOS, dns := serverNames()
	mechanism := &ntlm.Server{NetBIOSName: netBIOS, DNSName: dns, Accounts: accounts.store}
	return &spnego.Server{Mechanisms: []spnego.Mechanism{{
		OID: spnego.NTLMSSP, Name: "NTLMSSP",
		NewAcceptor: func() auth.Acceptor { return mechanism.NewAcceptor() },
		IsRaw:       ntlm.IsMessage,
	}}}
}

// serverNames returns the names by which the server calls itself to clients:
// the host's, in NetBIOS' form of at most 15 characters in upper case, and
// whole.
func serverNames() (netBIOS, dns string) {
	dns, err := os.Hostname()
	if err != nil || dns == "" {
		return "SIGNET", ""
	}
	short, _, _ := strings.Cut(dns, ".")
	short = strings.ToUpper(short)
	return short[:min(len(short), 15)], strings.ToLower(dns)
}

// sharingServer is the SMB server together with the folders it serves.
type sharingServer struct {
	smb     *server.Server
	folders []folder
	paths   map[string]string // of the folders, by share name; immutable
}

// Serve implements smbServer.
func (s *sharingServer) Serve(l net.Listener) error {
	if err := s.smb.Serve(l); !errors.Is(err, server.ErrServerClosed) {
		return err
	}
	return nil
}

// Shutdown implements smbServer.
func (s *sharingServer) Shutdown(ctx context.Context) error {
	return errors.Join(s.smb.Shutdown(ctx), s.closeFolders())
}

func (s *sharingServer) closeFolders() error {
	var errs []error
	for _, f := range s.folders {
		errs = append(errs, f.Close())
	}
	s.folders = nil
	return errors.Join(errs...)
}
