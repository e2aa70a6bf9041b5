package server

import (
	"context"

	"github.com/signet-smb/signet/internal/smb2"
)

// A client may send the CLOSE of a file without waiting for the answers to
// what it asked of the file before. Each message has a worker of its own, so
// the CLOSE would overtake them now and then. Therefore it waits until every
// request on its open that came earlier on the connection has found the open;
// from then on those hold references, for which closing waits anyway.
//
// What is answered in the order in which it came (the row's queues: waiting for
// changes) waits likewise, and counts as looking until it has its place in the
// queue.
//
// Nobody waits for a request that came later, so no two wait for each other.
// A request has found its open before it waits for anything itself, and in a
// compound only the last element may wait for more than a break (pending), which
// ends by itself; so no CLOSE waits for what only the CLOSE would end. Only one that was verified waits; whether the
// requests before it are genuine does not matter, for looking ends with their
// refusal.

// found marks a request that looks for its open no more.
var found = make(chan struct{})

// note enters what admission knows of r: when it came, and the open that it
// will look for, which for a RELATED element is that of prev, the element
// before. The caller is the read loop.
func (r *request) note(prev *request) {
	r.conn.arrivals++
	r.arrival = r.conn.arrivals
	switch {
	case r.row.fileIDAt == 0:
	case !r.header.Is(smb2.FlagRelatedOperation):
		r.seeks, _ = r.fileIDInBody() // without one it will be refused
	case prev != nil:
		r.seeks = prev.seeks
	}
}

// seekEnds notes that r has found its open, or that it will not.
func (r *request) seekEnds() {
	if waiting := r.seekEnded.Swap(&found); waiting != nil && waiting != &found {
		close(*waiting)
	}
}

// awaitEarlier returns when every request on the open of r that came before r
// on its connection has found it, or with the connection.
func (r *request) awaitEarlier(ctx context.Context) error {
	for _, ended := range r.conn.seekingBefore(r) {
		select {
		case <-ended:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}

// seekingBefore returns, for each request that came before r and still looks
// for the same open, what is closed when it does no more.
func (c *connection) seekingBefore(r *request) []chan struct{} {
	var waits []chan struct{}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, other := range c.requests {
		if other.arrival >= r.arrival || other.seeks != r.open.id {
			continue
		}
		ended := make(chan struct{})
		if other.seekEnded.CompareAndSwap(nil, &ended) {
			waits = append(waits, ended)
		} else if known := other.seekEnded.Load(); known != &found {
			waits = append(waits, *known)
		}
	}
	return waits
}
