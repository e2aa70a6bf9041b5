package server

import "sync"

// quota counts what clients take of something that all share. Safe for
// concurrent use; its lock is a leaf.
//
// While more than a quarter is left, everybody takes as much as they like. The
// last quarter is kept for clients that have taken no more than a sixteenth of
// all: one that hoards does not keep the others from theirs.
type quota struct {
	mu      sync.Mutex
	all     int
	clients map[clientAddr]int
}

func newQuota() *quota { return &quota{clients: make(map[clientAddr]int)} }

// quotaVerdict is what take found.
type quotaVerdict uint8

const (
	quotaTaken      quotaVerdict = iota
	quotaExhausted               // too little is left
	quotaClientFull              // the client has as much as it may
)

// take counts one more for a client, if all may have limit and each client
// each.
func (q *quota) take(who clientAddr, limit, each int) quotaVerdict {
	q.mu.Lock()
	defer q.mu.Unlock()
	own := q.clients[who]
	switch {
	case own >= each:
		return quotaClientFull
	case q.all >= limit, q.all >= limit-limit/4 && own >= max(limit/16, 1):
		return quotaExhausted
	}
	q.all++
	q.clients[who] = own + 1
	return quotaTaken
}

// count returns how many there are.
func (q *quota) count() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.all
}

// giveBack takes one off again.
func (q *quota) giveBack(who clientAddr) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.all--
	if q.clients[who]--; q.clients[who] == 0 {
		delete(q.clients, who)
	}
}
