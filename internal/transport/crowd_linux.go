package transport

import (
	"runtime"
	"sync/atomic"
	"time"
)

// lingerTime is how long a reader lingers: longer than a client in the same
// building takes to answer a reply with its next request. The kernel rounds it
// up to its tick, 1 to 10 ms.
const lingerTime = 2 * time.Millisecond

// window is the time in which connections are counted.
const window = 5 * time.Millisecond

// crowd knows how many connections are busy, and lets their readers linger if
// they are few: they wait for the next bytes in the kernel, on the thread they
// run on. The next request of a client that asks one thing after the other then
// finds its reader running: waking a goroutine by way of a poller costs several
// times as much as answering a small request.
//
// A thread that waits so holds a processor of Go's scheduler, which others
// miss. So readers linger only while no more connections are busy than
// GOMAXPROCS-1: with two processors one, with one none. Safe for concurrent
// use.
type crowd struct {
	begin     time.Time // immutable
	lingering atomic.Int32
	spare     atomic.Int32

	// count is the number of the window, 32 bits, how many connections
	// received something in the one before, and how many in it, 16 bits each.
	count atomic.Uint64
}

// processCrowd is that of the process: its servers share the processors.
var processCrowd = crowd{begin: time.Now()}

// number is that of the present window, never 0.
func (c *crowd) number() uint32 { return uint32(time.Since(c.begin)/window) + 1 }

// enter counts a connection that has received something, and reports whether
// that is its first in this window. presence is the connection's, 0 at first:
// the window in which it was counted last.
func (c *crowd) enter(presence *uint32) (first bool) {
	now := c.number()
	if *presence == now {
		return false
	}
	*presence = now
	for {
		old := c.count.Load()
		before, present := counts(old, now)
		if c.count.CompareAndSwap(old, uint64(now)<<32|uint64(before)<<16|uint64(min(present+1, 1<<16-1))) {
			if uint32(old>>32) != now {
				c.spare.Store(int32(runtime.GOMAXPROCS(0) - 1))
			}
			return true
		}
	}
}

// counts returns how many connections count has for the window before now, and
// for now.
func counts(count uint64, now uint32) (before, present uint16) {
	switch now - uint32(count>>32) {
	case 0:
		return uint16(count >> 16), uint16(count)
	case 1:
		return uint16(count), 0
	}
	return 0, 0
}

// allows reports whether so few connections are busy that a reader may linger.
func (c *crowd) allows() bool {
	before, present := counts(c.count.Load(), c.number())
	return int32(max(before, present)) <= c.spare.Load()
}

// beginLinger reports whether one reader more may linger; endLinger must
// follow if so.
func (c *crowd) beginLinger() bool {
	if c.lingering.Add(1) <= c.spare.Load() {
		return true
	}
	c.lingering.Add(-1)
	return false
}

func (c *crowd) endLinger() { c.lingering.Add(-1) }
