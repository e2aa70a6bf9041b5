package server

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// meagreBudget is how many bytes a connection may hold while the server is
// short of memory.
const meagreBudget = 1 << 20

// memory is the bytes that all connections hold. Safe for concurrent use.
type memory struct {
	held    atomic.Int64
	partial atomic.Int64 // part of held: messages that have not come whole
}

// budget counts the bytes that a connection holds: a request that is coming
// in, requests received and not yet answered, replies announced by them,
// replies not yet sent. Bytes, not credits, bound memory: 8,192 credits are
// 512 MiB of data. Safe for concurrent use.
type budget struct {
	all    *memory // the same for the whole server
	plenty int64   // immutable: what all may hold before each gets meagreBudget

	mu    sync.Mutex
	held  int64
	limit int64         // with more, the connection is not read
	room  chan struct{} // capacity 1: told when held falls below the limit
}

// newBudget returns the budget of a connection that nobody has signed in on: it
// is not read while it holds anything.
func newBudget(all *memory, plenty int64) *budget {
	return &budget{all: all, plenty: plenty, room: make(chan struct{}, 1)}
}

// raise sets the limit, in bytes.
func (b *budget) raise(limit int64) {
	b.mu.Lock()
	b.limit = limit
	b.mu.Unlock()
	b.hold(0)
}

// hold adds n bytes, a negative n gives them back.
func (b *budget) hold(n int) {
	b.all.held.Add(int64(n))
	b.mu.Lock()
	b.held += int64(n)
	room := n <= 0 && b.roomLocked()
	b.mu.Unlock()
	if room {
		select {
		case b.room <- struct{}{}:
		default:
		}
	}
}

// roomLocked reports whether the connection may be read. It needs mu.
func (b *budget) roomLocked() bool {
	if b.all.held.Load() > b.plenty {
		return b.held <= min(b.limit, meagreBudget)
	}
	return b.held <= b.limit
}

// holds returns the bytes held.
func (b *budget) holds() int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.held
}

// wait returns when less than the limit is held, or with ctx's error. Who waits
// because the server is short of memory goes on when it holds little itself, or
// soon after there is memory again.
func (b *budget) wait(ctx context.Context) error {
	for {
		b.mu.Lock()
		room, short := b.roomLocked(), b.held <= b.limit
		b.mu.Unlock()
		if room {
			return nil
		}
		var again <-chan time.Time
		if short {
			again = time.After(time.Second) // nobody tells when others give back
		}
		select {
		case <-b.room:
		case <-again:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}
