package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/transform"
	"github.com/signet-smb/signet/internal/transport"
	"github.com/signet-smb/signet/policy"
)

const (
	// maxFrameBeforeSession is the largest message of a client that has not
	// signed in yet, and of a client that holds one credit: 64 KiB of payload
	// and room for the structures around it.
	maxFrameBeforeSession = 68 << 10
	// maxTransfer is MaxTransactSize, MaxReadSize and MaxWriteSize: 8 MiB, as
	// Windows offers on direct TCP. [MS-SMB2] <275>.
	maxTransfer = 8 << 20
	// maxFrame is the largest message of a signed-in client.
	maxFrame = maxTransfer + maxFrameBeforeSession
)

// errNoSession ends a connection on which nobody signed in for too long.
var errNoSession = errors.New("nobody signed in")

// Disconnect is the error of a handler or check after which the connection
// must be closed without a reply.
type Disconnect struct {
	Section string // the rule that demands it
	Reason  string
}

func (d *Disconnect) Error() string {
	return fmt.Sprintf("disconnect: %s ([MS-SMB2] %s)", d.Reason, d.Section)
}

// negotiated is what NEGOTIATE settled for a connection. Immutable.
type negotiated struct {
	dialect            smb2.Dialect
	clientGUID         dtyp.GUID
	clientCapabilities smb2.Capabilities
	clientSecurityMode smb2.SecurityMode
	clientDialects     []smb2.Dialect
	capabilities       smb2.Capabilities // what the server answered
	securityMode       smb2.SecurityMode // what the server answered
	maxTransfer        uint32            // MaxTransactSize, MaxReadSize and MaxWriteSize, in bytes
	signing            smb2.SigningAlgorithm
	cipher             smb2.Cipher // CipherNone: no sealing on this connection
	preauth            transform.PreauthHash
}

// multiCredit is Connection.SupportsMultiCredit.
func (n *negotiated) multiCredit() bool { return n.capabilities&smb2.CapLargeMTU != 0 }

// connection is the ADM's Connection. [MS-SMB2] 3.3.1.7.
//
// The read loop owns it; what workers share is guarded as its fields say.
type connection struct {
	server *Server
	policy *policy.Snapshot // immutable: taken at accept
	remote string           // immutable: the client's address
	client clientAddr       // immutable: the same, as limits count
	tally  *counters        // of its shard
	since  time.Time        // immutable: when it was accepted
	log    *slog.Logger
	nc     net.Conn // its addresses only: its bytes go through transport, which may have closed it
	ctx    context.Context
	cancel context.CancelCauseFunc
	budget *budget
	sender *sender
	entry  tableEntry // in Server.clients, which guards it

	tortureHooks

	transport  transport.Conn
	address    netip.Addr                 // immutable: the client's, as rules know it; zero if it has none
	negotiated atomic.Pointer[negotiated] // nil until NEGOTIATE is answered
	signedIn   atomic.Bool                // some session became valid
	partial    atomic.Int64               // bytes held by the message that is coming in
	draining   atomic.Bool
	drained    chan struct{} // closed with draining: nobody may wait for the client any more
	workers    sync.WaitGroup

	arrivals      uint64      // read loop only: requests taken into RequestList
	multiProtocol bool        // read loop only: an SMB1 NEGOTIATE was answered with the wildcard dialect
	signIn        *time.Timer // immutable after start: ends a connection on which nobody signs in
	readOn        func()      // immutable after start: serve; a field, for the table of commands must not refer to what reads it

	mu        sync.Mutex
	reader    reader
	window    commandSequenceWindow
	requests  map[smb2.MessageID]*request // RequestList
	asyncs    map[smb2.AsyncID]*request   // AsyncCommandList
	lastAsync smb2.AsyncID
	sessions  map[smb2.SessionID]*session  // SessionTable
	exchanges map[smb2.SessionID]*exchange // authentications in progress
}

func newConnection(s *Server, nc net.Conn) *connection {
	ctx, cancel := context.WithCancelCause(context.Background())
	c := &connection{
		server:    s,
		policy:    s.policy(),
		remote:    nc.RemoteAddr().String(),
		client:    clientAddrOf(nc.RemoteAddr()),
		tally:     s.counters.shard(),
		address:   addressOf(nc.RemoteAddr()),
		since:     time.Now(),
		nc:        nc,
		ctx:       ctx,
		cancel:    cancel,
		drained:   make(chan struct{}),
		window:    newCommandSequenceWindow(),
		requests:  make(map[smb2.MessageID]*request),
		asyncs:    make(map[smb2.AsyncID]*request),
		sessions:  make(map[smb2.SessionID]*session),
		exchanges: make(map[smb2.SessionID]*exchange),
	}
	c.keepAlive() // while nc is open
	c.transport = transport.NewTCP(nc)
	c.budget = newBudget(&s.memory, c.maxMemory())
	c.log = s.log.With("client", c.remote)
	c.sender = newSender(c)
	return c
}

// start reads in a goroutine of its own until the connection ends, then closes
// all that hangs on it. The caller has counted it among Server.running.
func (c *connection) start() {
	timeout := time.Duration(policy.Get(c.policy, policy.PendingClientTimeoutInSeconds)) * time.Second
	c.signIn = time.AfterFunc(timeout, func() {
		if !c.signedIn.Load() {
			c.server.count(LimitSignInTime)
			c.disconnect(errNoSession)
		}
	})
	c.readOn = c.serve
	go c.serve()
}

// keepAlive has TCP probe a client that is silent for long, so that one that
// vanished does not keep its files open for ever.
func (c *connection) keepAlive() {
	tcp, ok := c.nc.(interface {
		SetKeepAliveConfig(net.KeepAliveConfig) error
	})
	if !ok {
		return
	}
	idle := time.Duration(policy.Get(c.policy, policy.KeepAliveTime)) * time.Minute
	if err := tcp.SetKeepAliveConfig(net.KeepAliveConfig{Enable: idle > 0, Idle: idle}); err != nil {
		c.log.Debug("no keep-alive", "err", err)
	}
}

// serve is the goroutine of a reader: the first, or one that took over.
func (c *connection) serve() {
	defer c.server.running.Done()
	err := c.readLoop()
	if errors.Is(err, errReplaced) {
		c.workers.Done()
		return
	}
	c.signIn.Stop()
	if !c.draining.Load() {
		c.disconnect(err)
	}
	c.workers.Wait()
	c.disconnect(err)
	c.closeSessions()
	c.server.removeConnection(c)
	// A worker that disconnects leaves the reader with a closed socket only.
	cause := context.Cause(c.ctx)
	d, byUs := errors.AsType[*Disconnect](cause)
	if byUs {
		c.server.count(refusalOf(cause))
	}
	if _, ok := errors.AsType[told](cause); ok {
		return
	}
	if byUs {
		c.warnOf(d.Section, "connection closed by the server", "section", d.Section, "reason", d.Reason)
	} else {
		c.log.Debug("connection ended", "err", err)
	}
}

func (c *connection) readLoop() error {
	for !c.draining.Load() {
		if err := c.budget.wait(c.ctx); err != nil {
			return err
		}
		buf, err := c.transport.Read((*frames)(c))
		if err != nil {
			return err
		}
		if err := c.receive(buf); err != nil {
			return err
		}
	}
	return errShutdown
}

// becomeSignedIn lifts the limits of strangers: somebody has signed in.
func (c *connection) becomeSignedIn() {
	if !c.signedIn.Swap(true) {
		c.budget.raise(int64(policy.Get(c.policy, policy.MaxMemoryPerConnectionInMB)) << 20)
		c.server.clients.settle(c)
	}
}

// stopReading ends the read loop; requests in progress finish.
func (c *connection) stopReading() {
	if !c.draining.Swap(true) {
		close(c.drained)
	}
	if c.transport.CloseRead() != nil {
		c.disconnect(errShutdown)
	}
}

// disconnect ends every wait and closes the transport. Safe to call from any
// goroutine, more than once.
func (c *connection) disconnect(cause error) {
	c.cancel(cause)
	c.transport.Close()
}

// session returns the session with the given id from Connection.SessionTable,
// or nil.
func (c *connection) session(id smb2.SessionID) *session {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.sessions[id]
}

func (c *connection) addSession(ss *session) {
	c.mu.Lock()
	c.sessions[ss.id] = ss
	c.mu.Unlock()
}

// forgetExchange drops the authentication of a session that is no more.
func (c *connection) forgetExchange(id smb2.SessionID) {
	c.mu.Lock()
	delete(c.exchanges, id)
	c.mu.Unlock()
}

func (c *connection) removeSession(ss *session) {
	c.mu.Lock()
	delete(c.sessions, ss.id)
	delete(c.exchanges, ss.id)
	c.mu.Unlock()
}

// closeSessions takes a connection that is gone from its sessions, and ends
// those that have no other channel. [MS-SMB2] 3.3.7.1.
func (c *connection) closeSessions() {
	var survivors []*session
	for _, ss := range c.sessionList() {
		if ss.removeChannel(c) {
			survivors = append(survivors, ss)
		}
	}
	c.server.tellAgain(c, survivors)
}

// sessionList returns the sessions that have c as a channel.
func (c *connection) sessionList() []*session {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Collect(maps.Values(c.sessions))
}
