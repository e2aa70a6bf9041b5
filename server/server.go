package server

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/signet-smb/signet/auth"
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/fsa"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/policy"
	"github.com/signet-smb/signet/vfs"
)

// ErrServerClosed is what Serve returns after Shutdown.
var ErrServerClosed = errors.New("smb: server closed")

// errShutdown ends what still runs when a shutdown's time is over.
var errShutdown = errors.New("server shuts down")

// Authenticator begins authentication exchanges.
type Authenticator interface {
	// InitialToken is the GSS token of the NEGOTIATE response.
	InitialToken() []byte
	// NewAcceptor begins one exchange.
	NewAcceptor() auth.Acceptor
}

// Config is what a Server is made of. Only Authenticator is
// required.
type Config struct {
	Shares        []*Share
	Authenticator Authenticator
	Policy        func() *policy.Snapshot // asked at accept, session set-up and tree connect; nil: policy.Default
	Logger        *slog.Logger            // nil: discards
	GUID          dtyp.GUID               // ServerGuid, stable over restarts; zero: a random one
	Name          string                  // what the server calls itself to who asks; empty: "SIGNET"
	Names         []string                // others by which clients may reach it; OptionalNames of the policy come on top
	Comment       string                  // tells people what the server is for, unless AnnounceComment of the policy does
	Events        EventSink               // nil: nobody is told
	Procedures    Procedures              // what remote procedures tell of and change
	Sightings     Sightings               // nil: nobody is told

	// Descriptors is how many files the process may have open, its limit
	// RLIMIT_NOFILE. Connections and opens are kept below what it allows; 0: it
	// is not known.
	Descriptors int
	// Unmounted is called when nothing uses a back end any more of which
	// SetShares removed all shares; it must not wait for SetShares or Shutdown.
	// A later SetShares may have brought it back: Uses tells.
	Unmounted func(vfs.FS)
}

// Server is an SMB2 server. Safe for concurrent use.
type Server struct {
	authenticator Authenticator
	policy        func() *policy.Snapshot
	log           *slog.Logger
	guid          dtyp.GUID
	name, comment string
	names         []string
	events        EventSink // nil: nobody is told
	sightings     Sightings // nil: nobody is told
	started       time.Time
	procedures    Procedures
	pipes         pipeEndpoints
	store         *fsa.Store
	shares        atomic.Pointer[shareTable]
	ids           ids

	telling        sync.Mutex // held while clients are told of breaks, so that they come in order
	unmounted      func(vfs.FS)
	changingShares sync.Mutex // held while shares are replaced

	watchdog     watchdog
	logons       logonLimiter
	descriptors  int // how many files the process may have open; 0: not known
	memory       memory
	counters     allCounters
	clients      *clientTable
	openQuota    *quota
	sessionQuota *quota
	repeats      *repeatLog
	reclaiming   sync.Mutex // held while connections are chosen that hold too much
	running      sync.WaitGroup

	mu          sync.Mutex
	closed      bool
	listeners   map[net.Listener]struct{}
	connections map[*connection]struct{}    // ConnectionList
	sessions    map[smb2.SessionID]*session // GlobalSessionTable
	mounts      map[vfs.FS]int              // volumes of each back end in use
}

// New makes a server that serves the given shares. Close it with Shutdown.
func New(cfg Config) (*Server, error) {
	if cfg.Authenticator == nil {
		return nil, errors.New("server: no Authenticator")
	}
	s := &Server{
		authenticator: cfg.Authenticator,
		policy:        cfg.Policy,
		log:           cfg.Logger,
		guid:          cfg.GUID,
		name:          cmp.Or(cfg.Name, "SIGNET"),
		comment:       cfg.Comment,
		names:         slices.Clone(cfg.Names),
		events:        cfg.Events,
		procedures:    cfg.Procedures,
		sightings:     cfg.Sightings,
		started:       time.Now(),
		store:         fsa.NewStore(),
		descriptors:   cfg.Descriptors,
		clients:       newClientTable(),
		openQuota:     newQuota(),
		sessionQuota:  newQuota(),
		listeners:     make(map[net.Listener]struct{}),
		connections:   make(map[*connection]struct{}),
		sessions:      make(map[smb2.SessionID]*session),
		mounts:        make(map[vfs.FS]int),
		unmounted:     cfg.Unmounted,
	}
	if s.policy == nil {
		snapshot := policy.Default()
		s.policy = func() *policy.Snapshot { return snapshot }
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	s.repeats = newRepeatLog(s.log)
	if s.guid == (dtyp.GUID{}) {
		s.guid = dtyp.NewGUID()
	}
	s.ids.seed()
	s.store.OnBreak(s.tellBreaks)
	s.pipes = s.newPipeEndpoints()
	table, err := s.mountShares(cfg.Shares, &shareTable{})
	if err != nil {
		return nil, err
	}
	s.shares.Store(table)
	s.noteHooks()
	return s, nil
}

// Serve accepts connections until l fails or Shutdown is called; then it
// returns ErrServerClosed. It may be called for several listeners.
func (s *Server) Serve(l net.Listener) error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		l.Close()
		return ErrServerClosed
	}
	s.listeners[l] = struct{}{}
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		delete(s.listeners, l)
		s.mu.Unlock()
	}()
	for delay := time.Duration(0); ; {
		nc, err := l.Accept()
		switch {
		case err == nil:
			delay = 0
			s.start(nc)
		case s.isClosed():
			return ErrServerClosed
		case isTemporary(err):
			// Out of descriptors: connections that end give some back.
			delay = min(max(2*delay, 5*time.Millisecond), time.Second)
			s.log.Warn("cannot accept a connection", "err", err)
			<-time.After(delay)
		default:
			return fmt.Errorf("accept on %s: %w", l.Addr(), err)
		}
	}
}

// isTemporary reports whether Accept may succeed when tried again.
func isTemporary(err error) bool {
	var ne net.Error
	//nolint:staticcheck // Temporary has no replacement for Accept; net/http uses it too.
	return errors.As(err, &ne) && ne.Temporary()
}

// start runs a new connection, unless there are too many.
func (s *Server) start(nc net.Conn) {
	c := newConnection(s, nc)
	victims, ok := s.clients.enter(c, c.connectionLimits())
	for _, v := range victims {
		v.disconnect(errEvicted)
		s.count(LimitPendingConnections)
		v.warn("connection closed by the server", "reason", errEvicted)
	}
	if !ok {
		c.transport.Close()
		c.cancel(errCrowded)
		s.count(LimitConnections)
		c.warn("connection refused", "err", errCrowded)
		return
	}
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		s.clients.remove(c)
		c.transport.Close()
		return
	}
	s.connections[c] = struct{}{}
	s.running.Add(1)
	s.mu.Unlock()
	c.start()
}

// Shutdown closes the listeners, lets requests in progress finish, and closes
// the connections; those that are not done when ctx ends are cut off. It
// returns when all is closed.
func (s *Server) Shutdown(ctx context.Context) error {
	s.mu.Lock()
	s.closed = true
	for l := range s.listeners {
		l.Close()
	}
	for c := range s.connections {
		c.stopReading()
	}
	s.mu.Unlock()

	done := make(chan struct{})
	go func() { s.running.Wait(); close(done) }()
	var err error
	select {
	case <-done:
	case <-ctx.Done():
		err = ctx.Err()
		s.mu.Lock()
		for c := range s.connections {
			c.disconnect(errShutdown)
		}
		s.mu.Unlock()
		<-done
	}
	s.repeats.close()
	return errors.Join(err, s.unmountShares())
}

// keepRunning counts one more goroutine among Server.running, on behalf of a
// connection that is one still; else it reports false.
func (s *Server) keepRunning(c *connection) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, ok := s.connections[c]
	if !ok || c.ctx.Err() != nil {
		return false
	}
	s.running.Add(1)
	return true
}

func (s *Server) isClosed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closed
}

func (s *Server) removeConnection(c *connection) {
	s.clients.remove(c)
	s.mu.Lock()
	delete(s.connections, c)
	s.mu.Unlock()
}

// session returns the session with the given id from the GlobalSessionTable,
// or nil.
func (s *Server) session(id smb2.SessionID) *session {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sessions[id]
}

func (s *Server) addSession(ss *session) {
	s.mu.Lock()
	s.sessions[ss.id] = ss
	s.mu.Unlock()
}

// removeSession takes ss out of the GlobalSessionTable.
func (s *Server) removeSession(ss *session) {
	s.mu.Lock()
	delete(s.sessions, ss.id)
	s.mu.Unlock()
}

// SessionInfo describes one signed-in session to administrators.
type SessionInfo struct {
	SessionID          uint64
	ClientComputerName string // the client's address
	ClientUserName     string
	Dialect            string // "3.1.1"
	Signed             bool   // its requests, or those about files, are refused unless signed or sealed
	SigningAlgorithm   string // "AES-128-GMAC", …
	SigningRequiredBy  string // "server", "client", "both", "share" or ""
	Encrypted          bool   // its requests, or those about files, are refused unless sealed
	Cipher             string // "" when none was negotiated
	NumChannels        int    // connections that it is bound to
	NumOpens           int
	SecondsExists      int64
	SecondsIdle        int64 // since its last request
}

// Sessions lists the sessions that are signed in, by SessionID.
func (s *Server) Sessions() []SessionInfo {
	s.mu.Lock()
	all := make([]*session, 0, len(s.sessions))
	for _, ss := range s.sessions {
		all = append(all, ss)
	}
	s.mu.Unlock()
	infos := make([]SessionInfo, 0, len(all))
	for _, ss := range all {
		if info, ok := ss.info(); ok {
			infos = append(infos, info)
		}
	}
	slices.SortFunc(infos, func(a, b SessionInfo) int { return cmp.Compare(a.SessionID, b.SessionID) })
	return infos
}

// ids hands out the identifiers that must be unique in the server. One place,
// so that a cluster could hand them out together. Safe for concurrent use.
type ids struct {
	session atomic.Uint64
	open    atomic.Uint64
	group   atomic.Uint32 // associations of remote procedure calls
}

// seed starts both counters at random places: a client that comes back after
// a restart must not meet its old identifiers.
//
// SessionIds begin below 2^31, for there are clients that keep 32 bits of one
// only (smbtorture's smb2.session-id). That they can be guessed gives nothing
// away: a request is judged by the keys of its session, and one without keys
// belongs to its connection.
func (i *ids) seed() {
	var b [16]byte
	rand.Read(b[:])
	i.session.Store(uint64(binary.LittleEndian.Uint32(b[:]) >> 1))
	// The top bit stays clear, which keeps all ones, the reserved value, away.
	i.open.Store(binary.LittleEndian.Uint64(b[8:]) >> 1)
}

func (i *ids) nextSession() smb2.SessionID { return smb2.SessionID(i.session.Add(1)) }

func (i *ids) nextOpen() uint64 { return i.open.Add(1) }

// nextGroup never gives 0.
func (i *ids) nextGroup() uint32 { return i.group.Add(1)&0x7FFF_FFFF + 1 }
