package main

import (
	"context"
	"errors"
	"net"
	"os"
	"strings"

	"github.com/signet-smb/signet/admin"
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
	s := &sharingServer{}
	var shares []*server.Share
	for _, spec := range config.shares {
		f, err := openFolder(spec.path, config.actor, config.protected)
		if err != nil {
			return nil, errors.Join(err, s.closeFolders())
		}
		s.folders = append(s.folders, f)
		shares = append(shares, &server.Share{Name: spec.name, FS: f, ReadOnly: spec.readOnly, Cred: config.actor.credFor})
	}
	snapshot := currentPolicy()
	var err error
	s.smb, err = server.New(server.Config{
		Shares:        shares,
		Authenticator: newAuthenticator(config.accounts),
		Policy:        func() *policy.Snapshot { return snapshot },
		Logger:        config.log,
		GUID:          config.guid,
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

// Sessions implements smbServer.
func (s *sharingServer) Sessions() []admin.Session {
	infos := s.smb.Sessions()
	sessions := make([]admin.Session, len(infos))
	for i, info := range infos {
		sessions[i] = admin.Session{
			SessionID:          admin.SessionID(info.SessionID),
			ClientComputerName: info.ClientComputerName,
			ClientUserName:     info.ClientUserName,
			Dialect:            info.Dialect,
			Signed:             info.Signed,
			SigningAlgorithm:   info.SigningAlgorithm,
			SigningRequiredBy:  info.SigningRequiredBy,
			Encrypted:          info.Encrypted,
			Cipher:             info.Cipher,
			NumOpens:           info.NumOpens,
		}
	}
	return sessions
}

func (s *sharingServer) closeFolders() error {
	var errs []error
	for _, f := range s.folders {
		errs = append(errs, f.Close())
	}
	s.folders = nil
	return errors.Join(errs...)
}
