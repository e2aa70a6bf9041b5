package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"os"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/signet-smb/signet/auth"
	"github.com/signet-smb/signet/auth/ntlm"
	"github.com/signet-smb/signet/auth/spnego"
	"github.com/signet-smb/signet/policy"
	"github.com/signet-smb/signet/policy/store"
	"github.com/signet-smb/signet/server"
	"github.com/signet-smb/signet/vfs"
)

// newServer opens the folders and makes an SMB server of them.
func newServer(config serverConfig) (smbServer, error) {
	if err := ntlm.Available(); err != nil {
		return nil, err // nobody could sign in
	}
	s := &sharingServer{
		actor: config.actor, twins: newTwins(config.accounts), log: config.log,
		protected: config.protected, folders: make(map[folderKey]folder), sweeps: newSweeps(),
	}
	s.principals = &principals{accounts: config.accounts, twins: s.twins, log: config.log}
	shares, paths, err := s.open(config.shares)
	if err != nil {
		return nil, errors.Join(err, s.closeFolders())
	}
	s.paths.Store(&paths)
	name, dns := serverNames()
	smb := server.Config{
		Shares:        shares,
		Authenticator: newAuthenticator(config.accounts, config.policy),
		Policy:        config.policy.current,
		Logger:        config.log,
		GUID:          config.guid,
		Name:          name,
		Names:         []string{dns},
		Descriptors:   descriptorLimit(),
		Procedures:    config.procedures,
		Unmounted:     func(vfs.FS) { s.closing.Go(s.closeUnused) },
	}
	if config.events != nil {
		smb.Events = config.events
	}
	if config.history != nil {
		smb.Sightings = config.history
	}
	s.smb, err = server.New(smb)
	if err != nil {
		return nil, errors.Join(err, s.closeFolders())
	}
	return s, nil
}

// newAuthenticator accepts NTLMv2 of the stored accounts.
//
// Missing: Kerberos.
func newAuthenticator(accounts *accountStore, inForce *policyInForce) *spnego.Server {
	netBIOS, dns := serverNames()
	mechanism := &ntlm.Server{
		NetBIOSName: netBIOS, DNSName: dns, Accounts: accounts.store,
		Guests: func() bool { return policy.Get(inForce.current(), policy.EnableGuestAccess) },
	}
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
	smb        *server.Server
	actor      actor // of shares that name none
	twins      *twins
	principals *principals
	protected  []string // paths that no client may meet; immutable
	log        *slog.Logger
	paths      atomic.Pointer[map[string]string] // of the shared folders, by folded share name; each map is immutable

	sweeps sweeps

	changing sync.Mutex           // held while the shares are replaced
	folders  map[folderKey]folder // guarded by changing: all that are in use
	closing  sync.WaitGroup       // of closeUnused
}

// folderKey tells open folders apart.
type folderKey struct {
	path  string
	runAs string
}

// open makes shares of specs, and opens their folders unless they are open
// already. One of the store that cannot be opened is left out, with a warning:
// its disk may not be there.
func (s *sharingServer) open(specs []shareSpec) (shares []*server.Share, paths map[string]string, err error) {
	paths = make(map[string]string)
	for _, spec := range specs {
		who := s.actor
		if spec.runAs != "" {
			if who, err = resolveActor(spec.runAs); err != nil {
				return nil, nil, err
			}
		}
		key := folderKey{spec.path, spec.runAs}
		f := s.folders[key]
		if f == nil {
			if f, err = openFolder(spec.path, who, s.principals, s.protected); err != nil && spec.source == fromStore {
				s.log.Warn("share not served", "share", spec.name, "err", err)
				continue
			}
			if err != nil {
				return nil, nil, err
			}
			s.folders[key] = f
			if !spec.readOnly {
				s.sweeps.start(f, spec.path, s.log)
			}
		}
		paths[vfs.Fold(spec.name)] = spec.path
		shares = append(shares, &server.Share{
			Name: spec.name, FS: f, ReadOnly: spec.readOnly, Cred: who.credFor(s.twins), Groups: s.principals.groupsOf, Access: spec.accessOf,
			EncryptData: spec.encryptData, RequireSecuritySignature: spec.requireSignature,
			RefuseGuests: spec.refuseGuests, AccessBasedEnumeration: spec.enumeration == store.AccessBased, LeasingMode: leasingModes[spec.leasing],
			Comment: spec.description, MaxUses: spec.userLimit,
		})
	}
	return shares, paths, nil
}

// closeUnused closes the folders that nothing uses any more.
func (s *sharingServer) closeUnused() {
	s.changing.Lock()
	defer s.changing.Unlock()
	s.closeUnusedLocked()
}

// closeUnusedLocked is closeUnused for who holds changing.
func (s *sharingServer) closeUnusedLocked() {
	for key, f := range s.folders {
		if s.smb.Uses(f) {
			continue
		}
		if err := f.Close(); err != nil {
			s.log.Warn("folder not closed", "path", key.path, "err", err)
		}
		delete(s.folders, key)
	}
}

// SetShares implements smbServer. A folder that was moved away and made anew
// is the old one to a share that stays.
func (s *sharingServer) SetShares(specs []shareSpec) error {
	s.changing.Lock()
	defer s.changing.Unlock()
	defer s.closeUnusedLocked()
	shares, paths, err := s.open(specs)
	if err != nil {
		return err
	}
	if err := s.smb.SetShares(shares); err != nil {
		return err
	}
	s.paths.Store(&paths)
	return nil
}

// Serves implements smbServer.
func (s *sharingServer) Serves(share string) bool {
	_, ok := (*s.paths.Load())[vfs.Fold(share)]
	return ok
}

// leasingModes are the modes of the server, by how they are stored.
var leasingModes = map[store.Leasing]server.LeasingMode{
	"": server.LeasingFull, store.FullLeasing: server.LeasingFull, store.SharedLeasing: server.LeasingShared, store.NoLeasing: server.LeasingNone,
}

// ShareUses implements smbServer.
func (s *sharingServer) ShareUses(share string) uint32 { return s.smb.ShareUses(share) }

// Serve implements smbServer.
func (s *sharingServer) Serve(l net.Listener) error {
	if err := s.smb.Serve(l); !errors.Is(err, server.ErrServerClosed) {
		return err
	}
	return nil
}

// Shutdown implements smbServer.
func (s *sharingServer) Shutdown(ctx context.Context) error {
	err := s.smb.Shutdown(ctx)
	s.closing.Wait()
	return errors.Join(err, s.closeFolders())
}

func (s *sharingServer) closeFolders() error {
	s.sweeps.stop()
	s.changing.Lock()
	defer s.changing.Unlock()
	var errs []error
	for _, f := range s.folders {
		errs = append(errs, f.Close())
	}
	clear(s.folders)
	return errors.Join(errs...)
}
