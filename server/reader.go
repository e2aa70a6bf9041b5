package server

import (
	"errors"
	"sync"
	"time"

	"github.com/signet-smb/signet/internal/smb2"
)

// A request that will not take long, of a client that waits for nothing else,
// is run by the reader of its connection: handing it to another goroutine, and
// with it to another thread, costs more than many a request itself.
//
// To be the reader is a role. When the request takes long after all, or is
// about to wait, another goroutine takes the role over and reads on, so that
// nothing the client sends waits behind it. What was the reader has become a
// worker then.

// errReplaced ends the read loop of who is not the reader any more.
var errReplaced = errors.New("another goroutine reads on")

// maxQuick is how many bytes a message and its announced reply may have, so
// that it is run by the reader. What is larger gains from being signed beside
// the receiving of the next one; but see isBulk.
const maxQuick = 136 << 10

// reader is the state of the role. Guarded by connection.mu.
type reader struct {
	running *chain // what the reader runs now; nil: it reads
	begun   uint64 // how many chains readers have begun to run
	watched bool   // by Server.watchdog
}

// isQuick says whether the reader should run ch: no element of it may take
// long by its nature, nothing else of the client is in progress but what waits
// anyhow, and nothing more has arrived.
//
// A SET_INFO that comes alone is run by the reader whatever else there is: what
// the client has sent after it then finds the rename done, or others told of it.
func (c *connection) isQuick(ch *chain) bool {
	first := &ch.elements[0]
	if len(ch.elements) == 1 && first.header.Command == smb2.CommandSetInfo && ch.held <= maxQuick {
		return true
	}
	if ch.held > maxQuick && !c.isBulk(ch) || c.transport.Buffered() {
		return false
	}
	for i := range ch.elements {
		if !ch.elements[i].row.quick {
			return false
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.requests)-len(c.asyncs) == len(ch.elements)
}

// isBulk says whether ch is of WRITEs whose signatures cost little beside the
// copying of their data. That costs least on the processor that has received
// the data, and whose caches hold it: the reader's.
func (c *connection) isBulk(ch *chain) bool {
	for i := range ch.elements {
		if ch.elements[i].header.Command != smb2.CommandWrite {
			return false
		}
	}
	n := c.negotiated.Load()
	return ch.sealedBy == 0 && n != nil && n.signing == smb2.SigningAESGMAC
}

// runQuick runs ch on the read loop. An error ends the loop: errReplaced, or
// one that ends the connection.
func (c *connection) runQuick(ch *chain) error {
	c.mu.Lock()
	c.reader.running = ch
	c.reader.begun++
	watched := c.reader.watched
	c.reader.watched = true
	c.mu.Unlock()
	if !watched {
		c.server.watchdog.watch(c)
	}
	err := ch.run()
	c.mu.Lock()
	replaced := c.reader.running != ch
	if !replaced {
		c.reader.running = nil
	}
	c.mu.Unlock()
	if !replaced {
		return err
	}
	if err != nil {
		c.disconnect(err)
	}
	return errReplaced
}

// replaceReader lets another goroutine read on if the reader runs ch, which is
// about to wait.
func (c *connection) replaceReader(ch *chain) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.reader.running == ch {
		c.replaceReaderLocked()
	}
}

// replaceReaderLocked makes a worker of the reader, which runs a chain, and
// lets another goroutine read on. The caller holds c.mu.
func (c *connection) replaceReaderLocked() {
	c.reader.running = nil
	c.workers.Add(1)
	c.server.running.Add(1)
	go c.readOn()
}

// patience is how long the reader may run a request, give or take as much
// again, before another goroutine reads on.
const patience = 10 * time.Millisecond

// watchdog replaces readers that run a request for too long. It sleeps while
// none runs any. Its lock comes before connection.mu. Safe for concurrent use;
// the zero value is ready.
type watchdog struct {
	mu      sync.Mutex
	watched map[*connection]uint64 // with reader.begun at the last look
}

// watch begins to look after c.
func (w *watchdog) watch(c *connection) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.watched == nil {
		w.watched = make(map[*connection]uint64)
	}
	w.watched[c] = 0
	if len(w.watched) == 1 {
		time.AfterFunc(patience, w.look)
	}
}

// look replaces the readers that still run what they ran at the last look, and
// forgets the connections whose readers have run nothing since.
func (w *watchdog) look() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for c, before := range w.watched {
		c.mu.Lock()
		r := &c.reader
		switch {
		case r.begun != before:
			w.watched[c] = r.begun
		case r.running != nil:
			c.replaceReaderLocked()
		default:
			r.watched = false
			delete(w.watched, c)
		}
		c.mu.Unlock()
	}
	if len(w.watched) > 0 {
		time.AfterFunc(patience, w.look)
	}
}
