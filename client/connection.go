package client

import (
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/transport"
)

// connection is the ADM's Connection: one transport connection, on which many
// requests are under way at a time. [MS-SMB2] 3.2.1.2.
//
// Three goroutines belong to it: the read loop, the write loop, which writes
// what cannot be written at once, and the watchdog. They end with it, and close
// waits for them.
type connection struct {
	transport transport.Conn
	server    string // as the caller names it
	remote    string // its address, "" if there is none; immutable
	log       *slog.Logger
	events    EventSink     // nil: nobody listens
	timeout   time.Duration // within which something must come while a request waits
	patience  time.Duration // within which every request that is not pending must be answered

	// negotiated is what NEGOTIATE settled. Written once, before anything but
	// a NEGOTIATE is sent; the read loop looks at limit instead.
	negotiated negotiated
	limit      atomic.Int64 // largest frame accepted, in bytes

	// session is the connection's session once it has keys: whose messages
	// are unsealed.
	session atomic.Pointer[session]

	mu       sync.Mutex
	credits  credits
	nextID   smb2.MessageID
	calls    map[smb2.MessageID]*call
	received time.Time // when the last message came
	queue    []frame   // to be written
	together together
	writing  bool  // somebody writes: what is queued will be written
	err      error // why the connection has ended

	out outgoing // owned by who writes

	wake chan struct{} // the write loop is to write
	done chan struct{} // closed with err
	wg   sync.WaitGroup
}

const (
	// maxFrameBefore bounds messages in bytes until NEGOTIATE has settled what
	// the server may send: security tokens of 64 KiB, and their headers.
	maxFrameBefore = 68 << 10

	// maxOverhead is what may surround the payload of an answer, in bytes: the
	// headers of a chain and of its sealing.
	maxOverhead = 64 << 10

	// maxTransfer is the most payload of one request, in bytes, whatever a
	// server allows.
	maxTransfer = 8 << 20
)

// newConnection starts a connection over t, which it owns from now on.
func newConnection(t transport.Conn, server string, s *settings, log *slog.Logger, events EventSink) *connection {
	c := &connection{
		transport: t,
		server:    server,
		log:       log,
		events:    events,
		timeout:   s.sessionTimeout,
		patience:  max(s.sessionTimeout, s.extendedTimeout),
		calls:     make(map[smb2.MessageID]*call),
		wake:      make(chan struct{}, 1),
		done:      make(chan struct{}),
		credits:   credits{free: 1, maxCmds: s.maxCmds},
		received:  time.Now(),
	}
	c.limit.Store(maxFrameBefore)
	c.wg.Go(c.readLoop)
	c.wg.Go(c.writeLoop)
	c.wg.Go(c.watchdog)
	return c
}

// Hold implements [transport.Owner]: what is received is bounded by what is
// asked for.
func (c *connection) Hold(int) {}

// MaxFrame implements [transport.Owner].
func (c *connection) MaxFrame() int { return int(c.limit.Load()) }

// Answered implements [transport.Owner]: while the server answers at once, the
// next answer is waited for in the kernel.
func (c *connection) Answered() bool { return true }

// Thrifty implements [transport.Owner].
func (c *connection) Thrifty() bool { return false }

// errClosed is the end of a connection that its owner has closed.
var errClosed = errors.New("the session is closed")

// fail ends the connection: everything that waits gets err. The first one
// counts.
func (c *connection) fail(err error) {
	c.mu.Lock()
	if c.err != nil {
		c.mu.Unlock()
		return
	}
	cause := err
	if !errors.Is(err, errClosed) {
		err = &ConnectionError{Server: c.server, Err: err}
	}
	c.err = err
	for _, w := range c.credits.waiters {
		w.err = err
		close(w.ready)
	}
	c.credits.waiters = nil
	for _, k := range c.together.waiting {
		k.err = err
		close(k.sent)
	}
	c.together.waiting = nil
	underWay := err
	if e, ok := errors.AsType[*ConnectionError](err); ok {
		w := *e
		w.underWay = true
		underWay = &w
	}
	for id, k := range c.calls {
		delete(c.calls, id)
		k.err = underWay
		close(k.answered)
	}
	for _, f := range c.queue {
		f.buf.Release()
	}
	c.queue = nil
	close(c.done)
	c.mu.Unlock()
	c.transport.Close()
	if !errors.Is(cause, errClosed) {
		c.log.Info("connection ended", "server", c.server, "err", cause)
		c.raiseFor(cause)
		if s := c.session.Load(); s != nil {
			s.channels.pick() // where a rule was broken, the others end, too
		}
	}
}

// ended is why the connection has ended: nil if it has not.
func (c *connection) ended() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// close ends the connection and waits until nothing of it is left.
func (c *connection) close() {
	c.fail(errClosed)
	c.wg.Wait()
}

// watchdog ends the connection when the server has fallen silent although
// requests wait, and asks for a sign of life while nothing but pending
// requests do. [MS-SMB2] 3.2.6.1.
func (c *connection) watchdog() {
	t := time.NewTicker(c.timeout / 4)
	defer t.Stop()
	for {
		select {
		case <-c.done:
			return
		case <-t.C:
			c.look(time.Now())
		}
	}
}

// look is one look of the watchdog.
func (c *connection) look(now time.Time) {
	c.mu.Lock()
	var late error
	waiting := false
	for _, k := range c.calls {
		if k.pending || k.sent.IsZero() {
			continue
		}
		waiting = true
		since := k.sent
		if c.received.After(since) {
			since = c.received
		}
		if now.Sub(since) > c.timeout || now.Sub(k.sent) > c.patience {
			late = fmt.Errorf("%v: %w after %v", k.command, errNoAnswer, now.Sub(k.sent).Round(time.Millisecond))
			break
		}
	}
	quiet := now.Sub(c.received) > c.timeout/2
	c.mu.Unlock()
	switch {
	case late != nil:
		c.fail(late)
	case quiet && !waiting && c.session.Load() != nil:
		c.session.Load().beat()
	}
}
