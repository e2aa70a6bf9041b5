package client

import (
	"context"
	"errors"
	"slices"

	"github.com/signet-smb/signet/internal/smb2"
)

const (
	// creditSize is how many bytes of payload one credit pays for. [MS-SMB2]
	// 3.2.4.1.5.
	creditSize = 64 << 10

	// creditTarget is how many credits a connection asks for: four transfers
	// of 8 MiB at a time.
	creditTarget = 512

	// creditLimit is how many are kept account of, whatever a server grants.
	creditLimit = 1 << 13
)

// errFewCredits is the end of a request that costs more than a server grants.
var errFewCredits = errors.New("the server grants too few credits")

// credits is the client's account of what it may send. [MS-SMB2] 3.2.1.2,
// 3.2.4.1.2. Guarded by connection.mu.
type credits struct {
	free        int // granted and not used
	asked       int // requested by what is outstanding
	outstanding int // requests that neither an answer nor an interim response has come to
	maxCmds     int
	waiters     []*waiter // in the order in which they came
}

// waiter is who waits for credits.
type waiter struct {
	want, least int
	slots       int           // requests that will be sent with them
	ready       chan struct{} // closed when got or err is set
	got         int
	err         error
}

// grant lets those go on who can, in their order.
func (c *credits) grant() {
	for len(c.waiters) > 0 {
		w := c.waiters[0]
		switch {
		case c.outstanding > 0 && c.outstanding+w.slots > c.maxCmds:
			return
		case c.free >= w.want:
			w.got = w.want
		case c.outstanding > 0:
			return // answers will bring more
		case c.free >= w.least:
			w.got = c.free
		default:
			w.err = errFewCredits
		}
		c.free -= w.got
		if w.err == nil {
			c.outstanding += w.slots
		}
		c.waiters = c.waiters[1:]
		close(w.ready)
	}
}

// request returns how many credits the next request asks for, so that there
// are creditTarget once everything is answered.
func (c *credits) request() int {
	ask := max(1, creditTarget-c.free-c.asked)
	c.asked += ask
	return ask
}

// returned notes what an answer to a request that had asked for ask brings.
func (c *credits) returned(ask int, granted uint16) {
	c.asked -= ask
	c.free = min(creditLimit, c.free+int(granted))
}

// acquire waits for credits to send so many requests with: want of them, or
// at least least if the server's limit is lower. It returns how many there
// are. Who has them must submit.
func (c *connection) acquire(ctx context.Context, want, least, slots int) (int, error) {
	w := &waiter{want: want, least: least, slots: slots, ready: make(chan struct{})}
	c.mu.Lock()
	if c.err != nil {
		defer c.mu.Unlock()
		return 0, c.err
	}
	c.credits.waiters = append(c.credits.waiters, w)
	c.credits.grant()
	c.mu.Unlock()
	select {
	case <-w.ready:
		return w.got, w.err
	case <-ctx.Done():
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	select {
	case <-w.ready: // too late for who came behind
		if w.err == nil {
			c.credits.free += w.got
			c.credits.outstanding -= w.slots
		}
	default:
		c.credits.waiters = slices.DeleteFunc(c.credits.waiters, func(o *waiter) bool { return o == w })
	}
	c.credits.grant()
	return 0, context.Cause(ctx)
}

// charge is what n bytes of payload cost. [MS-SMB2] 3.2.4.1.5.
func charge(n int) int { return (max(n, 1)-1)/creditSize + 1 }

// creditCharge is the field of the header for a charge.
func (c *connection) creditCharge(charge int) uint16 {
	if c.negotiated.capabilities&smb2.CapLargeMTU == 0 {
		return 0
	}
	return uint16(charge)
}
