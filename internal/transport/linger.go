package transport

import (
	"runtime"
	"sync/atomic"
	"time"
)

// lingerTime is how long a reader lingers: longer than a client in the same
// building takes to answer a reply with its next request.
const lingerTime = time.Millisecond

// Linger lets readers wait for the next bytes in the kernel, on the thread
// they run on, for a moment, before they give the thread back and wait as
// goroutines do. The next request of a client that asks one thing after the
// other then finds its reader running: waking a goroutine costs several times
// as much as answering a small request.
//
// A thread that waits so is one that others miss. So readers linger only while
// no more connections are busy than the machine can spare processors: with two
// one, with one none. The zero value is for one processor: make a Linger with
// [NewLinger], one for all connections of a process. Safe for concurrent use.
//
// The readers of other systems than Linux do not linger.
type Linger struct {
	spare int32        // immutable: how many may be busy
	busy  atomic.Int32 // connections that received something and are not idle again
}

// NewLinger returns a Linger for as many processors as the process uses now.
func NewLinger() *Linger { return &Linger{spare: int32(runtime.GOMAXPROCS(0) - 1)} }

// allowed says whether a reader that has nothing to read may linger.
func (l *Linger) allowed() bool { return l != nil && l.busy.Load() <= l.spare }

// add counts busy connections.
func (l *Linger) add(n int32) {
	if l != nil {
		l.busy.Add(n)
	}
}
