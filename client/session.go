package client

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/transform"
	"github.com/signet-smb/signet/policy"
)

// Session is a user signed in on a server, on a connection of its own. Safe for
// concurrent use: any number of operations may be under way on it at a time.
//
// Missing: further channels, and reconnecting after the connection is lost.
type Session struct {
	conn     *connection
	settings *settings
	user     string
	asked    policy.Identity // who the user signed in as

	// Written while the session is made, and immutable afterwards.
	id              smb2.SessionID
	identity        policy.Identity // who the server takes the user for
	signingRequired bool
	encryptData     bool
	mechanism       string // "Kerberos", "NTLMv2"

	// keys are there once the server has proved that it has them, too; nil for
	// guests and anonymous users.
	keys atomic.Pointer[transform.Side]

	validated atomic.Bool // the NEGOTIATE that we saw was the server's
}

// ServerInfo is what a server says of itself before anybody signs in.
type ServerInfo struct {
	Name           string
	GUID           dtyp.GUID
	Dialect        string // "3.1.1"
	SigningOffered bool   // it says that it can sign
	SigningNeeded  bool   // it says that it requires it
	Signing        string // the algorithm: "AES-128-GMAC"
	Cipher         string // "AES-128-GCM"; "" if nothing can be sealed
	MaxRead        int    // bytes of one request
	MaxWrite       int
	DFS            bool
	MultiChannel   bool
	Leasing        bool
}

// SessionInfo is how a session stands.
type SessionInfo struct {
	Server ServerInfo
	ID     uint64
	User   string
	// Identity is who the server takes the user for.
	Identity policy.Identity
	// Mechanism is how the user signed in: "Kerberos" or "NTLMv2".
	Mechanism string

	// Signed and Sealed are what is done with every message; without either,
	// messages are plain.
	Signed bool
	Sealed bool

	// Who wants it so; several may.
	SigningRequiredByClient    bool // client.RequireSecuritySignature
	SigningRequiredByServer    bool // it said so in NEGOTIATE
	EncryptionRequiredByClient bool // client.RequireEncryption
	EncryptionRequiredByServer bool // it said so at the sign-in
}

// serverInfo is what NEGOTIATE has told.
func (c *connection) serverInfo() ServerInfo {
	n := &c.negotiated
	i := ServerInfo{
		Name:           c.server,
		GUID:           n.serverGUID,
		Dialect:        n.dialect.String(),
		SigningOffered: n.serverMode&smb2.SigningEnabled != 0,
		SigningNeeded:  n.serverMode&smb2.SigningRequired != 0,
		Signing:        n.algorithm.String(),
		MaxRead:        n.maxRead,
		MaxWrite:       n.maxWrite,
		DFS:            n.serverCaps&smb2.CapDFS != 0,
		MultiChannel:   n.serverCaps&smb2.CapMultiChannel != 0,
		Leasing:        n.serverCaps&smb2.CapLeasing != 0,
	}
	if n.cipher != smb2.CipherNone {
		i.Cipher = n.cipher.String()
	}
	return i
}

// Info tells how the session stands.
func (s *Session) Info() SessionInfo {
	return SessionInfo{
		Server:                     s.conn.serverInfo(),
		ID:                         uint64(s.id),
		User:                       s.user,
		Identity:                   s.identity,
		Mechanism:                  s.mechanism,
		Signed:                     s.signingRequired,
		Sealed:                     s.encryptData,
		SigningRequiredByClient:    s.settings.requireSigning,
		SigningRequiredByServer:    s.conn.negotiated.serverMode&smb2.SigningRequired != 0,
		EncryptionRequiredByClient: s.settings.requireEncryption,
		EncryptionRequiredByServer: s.encryptData && !s.settings.requireEncryption,
	}
}

// Server is the name by which the server was dialled.
func (s *Session) Server() string { return s.conn.server }

// SessionKey is the key that programs above SMB may use, the ADM's
// Session.ApplicationKey; nil without one. The slice belongs to the caller.
func (s *Session) SessionKey() []byte {
	keys := s.keys.Load()
	if keys == nil {
		return nil
	}
	return append([]byte(nil), keys.Keys.Application[:]...)
}

// Done is closed when the session's connection has ended; Err then says why.
func (s *Session) Done() <-chan struct{} { return s.conn.done }

// Err is why the session's connection has ended: nil if it has not.
func (s *Session) Err() error {
	s.conn.mu.Lock()
	defer s.conn.mu.Unlock()
	return s.conn.err
}

// logoffTimeout bounds the farewell of [Session.Close].
const logoffTimeout = 5 * time.Second

// Close signs off and closes the connection; whatever is under way fails. It
// closes the session's shares and files with it. Only the first call does
// anything.
func (s *Session) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), logoffTimeout)
	defer cancel()
	s.logoff(ctx)
	s.conn.close()
	if keys := s.keys.Load(); keys != nil {
		keys.Keys.Wipe()
	}
	return nil
}

// proved reports whether the server has proved to have the session's key.
func (s *Session) proved() bool { return s.keys.Load() != nil }

// protect is how a request must travel; share is the one that it is about, or
// nil.
func (s *Session) protect(share *Share) protection {
	if s.encryptData || share != nil && share.encryptData {
		return protection{seal: true}
	}
	return protection{sign: s.signingRequired || share != nil && share.requireSigning}
}

// protectAlways is protect for a request that may not travel plain, whatever
// the session requires.
func (s *Session) protectAlways() protection {
	p := s.protect(nil)
	p.sign = !p.seal && s.proved()
	return p
}
