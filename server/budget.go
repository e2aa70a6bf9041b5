package server

import (
	"context"
	"sync"
	"sync/atomic"
)

const (
	// connectionBudget is how many bytes of requests and replies one
	// connection may hold before it is no longer read. Bytes, not credits,
	// bound memory: 8,192 credits are 512 MiB of data.
	connectionBudget = 16 << 20
	// serverBudget is how many bytes all connections may hold before credits
	// are no longer granted beyond what a request used up.
	serverBudget = 1 << 30
)

// budget counts the bytes that a connection holds: requests received and not
// yet answered, replies announced by them, replies not yet sent. Safe for
// concurrent use.
type budget struct {
	total *atomic.Int64 // the same for the whole server

	mu   sync.Mutex
	held int64
	room chan struct{} // capacity 1: told when held falls below the limit
}

func newBudget(total *atomic.Int64) *budget {
	return &budget{total: total, room: make(chan struct{}, 1)}
}

// hold adds n bytes, a negative n gives them back.
func (b *budget) hold(n int) {
	b.total.Add(int64(n))
	b.mu.Lock()
	b.held += int64(n)
	room := n < 0 && b.held <= connectionBudget
	b.mu.Unlock()
	if room {
		select {
		case b.room <- struct{}{}:
		default:
		}
	}
}

// wait returns when less than the limit is held, or with ctx's error.
func (b *budget) wait(ctx context.Context) error {
	for {
		b.mu.Lock()
		room := b.held <= connectionBudget
		b.mu.Unlock()
		if room {
			return nil
		}
		select {
		case <-b.room:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}
