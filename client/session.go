package client

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/transform"
	"github.com/signet-smb/signet/policy"
)

// Session is a user signed in on a server. Safe for concurrent use: any number
// of operations may be under way on it at a time.
//
// A session that [Dialer.Dial] has made outlives its connection: see
// [Reconnect]. What it is on the wire is a session of the specification's, and
// after a reconnect another one.
type Session struct {
	current atomic.Pointer[session]
	opens   opens
	besides besides

	// How to sign in, and to dial, again. Immutable; a session that is not
	// lasting never dials, and then none of what follows is in use but mu.
	dialer     *Dialer
	lasting    bool
	host, port string
	life       context.Context // until Close
	end        context.CancelCauseFunc
	ended      chan struct{} // closed with err

	wg     sync.WaitGroup
	mu     sync.Mutex // guards the keys of sessions that are replaced, and what follows
	flight *flight    // under way, or nil
	err    error      // why the session has ended for good
}

// session is the ADM's Session, on its connection. [MS-SMB2] 3.2.1.3.
type session struct {
	conn     *connection
	settings *settings
	user     string
	asked    policy.Identity // who the user signed in as
	opens    *opens          // those that hold leases and oplocks; nil: there are none

	// Written while the session is made, and immutable afterwards.
	id              smb2.SessionID
	identity        policy.Identity // who the server takes the user for
	signingRequired bool
	encryptData     bool
	mechanism       string // "Kerberos", "NTLMv2"
	ntlmReason      error  // why it is not Kerberos, though there is; or nil

	// keys are there once the server has proved that it has them, too; nil for
	// guests and anonymous users.
	keys atomic.Pointer[transform.Side]

	channels *channels // this one is among them

	renewing gate
	renewals *atomic.Uint32 // how often the user has signed in anew

	validated atomic.Bool // the NEGOTIATE that we saw was the server's

	since    time.Time     // when it was made
	replaced chan struct{} // closed when another session has taken its place
}

func newSession(c *connection, s *settings, o *opens) *session {
	on := &session{
		conn: c, settings: s, opens: o, channels: new(channels), renewing: newGate(), renewals: new(atomic.Uint32),
		since: time.Now(), replaced: make(chan struct{}),
	}
	on.channels.add(on)
	return on
}

// now is the session as it is on the wire at present.
func (s *Session) now() *session { return s.current.Load() }

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
	// NTLMReason is why it is NTLM although the [Dialer] has Kerberos; nil if
	// neither.
	NTLMReason error

	// Signed and Sealed are what is done with every message; without either,
	// messages are plain.
	Signed bool
	Sealed bool

	// Channels is over how many connections operations take turns.
	Channels int

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
func (s *Session) Info() SessionInfo { return s.now().info() }

func (s *session) info() SessionInfo {
	return SessionInfo{
		Server:                     s.conn.serverInfo(),
		ID:                         uint64(s.id),
		User:                       s.user,
		Identity:                   s.identity,
		Mechanism:                  s.mechanism,
		NTLMReason:                 s.ntlmReason,
		Signed:                     s.signingRequired,
		Sealed:                     s.encryptData,
		Channels:                   s.channels.count(),
		SigningRequiredByClient:    s.settings.requireSigning,
		SigningRequiredByServer:    s.conn.negotiated.serverMode&smb2.SigningRequired != 0,
		EncryptionRequiredByClient: s.settings.requireEncryption,
		EncryptionRequiredByServer: s.encryptData && !s.settings.requireEncryption,
	}
}

// Server is the name by which the server was dialled.
func (s *Session) Server() string { return s.now().conn.server }

// SessionKey is the key that programs above SMB may use, the ADM's
// Session.ApplicationKey; nil without one. The slice belongs to the caller.
// Each reconnect makes another one.
func (s *Session) SessionKey() []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	keys := s.now().keys.Load()
	if keys == nil {
		return nil
	}
	return append([]byte(nil), keys.Keys.Application[:]...)
}

// logoffTimeout bounds the farewell of [Session.Close].
const logoffTimeout = 5 * time.Second

// alive reports whether the session's connection has not ended.
func (s *session) alive() bool {
	select {
	case <-s.conn.done:
		return false
	default:
		return true
	}
}

// wipe overwrites the session's keys, which nothing must use any more.
func (s *session) wipe() {
	if keys := s.keys.Load(); keys != nil {
		keys.Keys.Wipe()
	}
}

// proved reports whether the server has proved to have the session's key.
func (s *session) proved() bool { return s.keys.Load() != nil }

// protect is how a request must travel; t is the tree connect that it is about,
// or nil.
func (s *session) protect(t *treeConnect) protection {
	if s.encryptData || t != nil && t.encryptData {
		return protection{seal: true}
	}
	return protection{sign: s.signingRequired || t != nil && t.requireSigning}
}

// protectAlways is protect for a request that may not travel plain, whatever
// the session requires.
func (s *session) protectAlways() protection {
	p := s.protect(nil)
	p.sign = !p.seal && s.proved()
	return p
}
