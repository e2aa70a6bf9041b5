package fsa

import (
	"slices"
	"sync"
	"sync/atomic"
)

// Break is what a client has to be told of an oplock or lease of its own.
// [MS-FSA] 2.1.5.18.3.
type Break struct {
	Lease    bool     // else an oplock
	Key      LeaseKey // of a lease
	V2       bool     // a lease with epochs
	Epoch    uint16
	From, To Caching // what it keeps, and what is the most that it may keep from now on
	Final    bool    // no acknowledgment is wanted: the client cached nothing but reads

	oplock *oplock
	number uint32 // of the breaks that want an acknowledgment, which
}

// Owner is what [Grant.Told] was given last.
func (b *Break) Owner() any {
	b.oplock.file.mu.Lock()
	defer b.oplock.file.mu.Unlock()
	return b.oplock.owner
}

// Lost says that there is no way to tell the client: whoever waits need not
// wait any longer. [MS-SMB2] 3.3.4.6, 3.3.4.7.
func (b *Break) Lost() {
	if !b.Final {
		b.oplock.expire(b.number)
	}
}

// heldBreak is a Break that waits until the client knows what it was granted.
type heldBreak struct {
	Break
	after  uint32 // it waits for the answers up to this one
	untold int    // of those, so many are not on their way yet
}

// breakQueue are the Breaks that are to be told now, the oldest first. Its lock
// is a leaf.
type breakQueue struct {
	count atomic.Int32
	mu    sync.Mutex
	ready []Break
}

func (q *breakQueue) push(b Break) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.ready = append(q.ready, b)
	q.count.Store(int32(len(q.ready)))
}

// NextBreak returns the next Break that somebody has to be told of, until there
// is none. Whoever has called an operation asks for them before he answers for
// it, or waits. Those of one oplock come in order, so one caller at a time tells
// them.
func (s *Store) NextBreak() (Break, bool) {
	q := &s.breaks
	for q.count.Load() > 0 {
		q.mu.Lock()
		if len(q.ready) == 0 {
			q.mu.Unlock()
			break
		}
		b := q.ready[0]
		q.ready = slices.Delete(q.ready, 0, 1)
		q.count.Store(int32(len(q.ready)))
		q.mu.Unlock()
		if b.oplock.isHeld() {
			return b, true
		}
	}
	return Break{}, false
}

// HasBreaks says whether NextBreak might return one.
func (s *Store) HasBreaks() bool { return s.breaks.count.Load() > 0 }

// isHeld says whether there is a Handle of o still.
func (o *oplock) isHeld() bool {
	o.file.mu.Lock()
	defer o.file.mu.Unlock()
	return o.handles > 0
}

// tellLocked has the holder told that it may keep no more than to, behind all
// answers that tell it what it has. The caller holds file.mu.
func (o *oplock) tellLocked(to Caching, acknowledged bool) {
	b := Break{
		Lease: o.lease, Key: o.key, V2: o.v2, Epoch: o.epoch,
		From: o.state, To: to, Final: !acknowledged,
		oplock: o, number: o.breaks,
	}
	if o.untold > 0 || len(o.held) > 0 {
		o.held = append(o.held, heldBreak{b, o.grants, o.untold})
		return
	}
	o.pushLocked(b)
}

// Told notes that the answer which tells the client of g is on its way, so that
// breaks may follow it. It is called once for each Grant that an operation has
// returned, also if there will be no answer. owner is what [Break.Owner] shall
// return from now on; nil changes nothing.
func (g *Grant) Told(owner any) {
	o := g.oplock
	if o == nil {
		return
	}
	g.oplock = nil
	o.file.mu.Lock()
	defer o.file.mu.Unlock()
	o.untold--
	if owner != nil {
		o.owner = owner
	}
	o.answeredLocked()
	for i := range o.held {
		if o.held[i].after-g.number < 1<<31 { // it may wrap
			o.held[i].untold--
		}
	}
	for len(o.held) > 0 && o.held[0].untold == 0 {
		o.pushLocked(o.held[0].Break)
		o.held = o.held[1:]
	}
	if len(o.held) == 0 {
		o.held = nil
	}
}

// Sent notes by what the client was told, a connection for instance: see
// [Handle.Untold].
func (b *Break) Sent(by any) {
	o := b.oplock
	o.file.mu.Lock()
	defer o.file.mu.Unlock()
	o.sent, o.final = by, b.Final
}

// Untold returns the last break of h's oplock or lease, if the client was told
// of it by what is gone now, and may not have got it: one that waits for an
// acknowledgment still, or one that wanted none and nothing has followed. One
// that is held back still is not among them.
func (h *Handle) Untold(gone any) (Break, bool) {
	h.file.mu.Lock()
	defer h.file.mu.Unlock()
	o := h.oplock
	if o == nil || o.sent != gone || len(o.held) > 0 {
		return Break{}, false
	}
	b := Break{
		Lease: o.lease, Key: o.key, V2: o.v2, Epoch: o.epoch,
		From: o.state, To: o.offered, oplock: o, number: o.breaks,
	}
	switch {
	case o.breaking:
		return b, true
	case o.final && o.state == noCaching:
		b.From, b.To, b.Final = ReadCaching, noCaching, true
		return b, true
	}
	return Break{}, false
}
