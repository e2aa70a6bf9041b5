package server

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/signet-smb/signet/auth"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/policy"
)

const (
	// triesAtOnce is how many sign-ins of one client are being judged, or have
	// failed within the delay. More wait, so that opening many connections does
	// not buy tries. An office behind one address needs some.
	triesAtOnce = 8
	// maxLateness is the most by which the answer to a failure waits, however
	// many have failed for the same account, as a multiple of the delay.
	maxLateness = 8
	// maxLimited bounds what is remembered: further clients and accounts share
	// one entry.
	maxLimited = 1 << 16
)

// logonLimiter makes failed sign-ins cost time. A client has a number of tries;
// one that succeeds is given back at once, and one that fails after the delay,
// which is when the failure is answered. Failures for one account, whoever makes
// them, make each other's delay longer. So a sign-in that succeeds is never
// delayed by what others try, but only by failures from its own address.
//
// Safe for concurrent use; the zero value is ready. Its lock is a leaf.
type logonLimiter struct {
	mu       sync.Mutex
	clients  map[clientAddr]*tries
	accounts map[string]int // failures that are being delayed, by folded name
}

// tries are those of one client. Guarded by logonLimiter.mu.
type tries struct {
	taken int
	queue []chan struct{} // who waits for one, first come first served; closed when it is theirs
}

// try is the right to have one sign-in judged.
type try struct {
	limiter *logonLimiter
	client  clientAddr
}

// take waits until client has a try left. busy is called first if it must
// wait. If ctx or drained ends that, it returns RequestNotAccepted.
func (l *logonLimiter) take(ctx context.Context, drained <-chan struct{}, client clientAddr, busy func()) (try, error) {
	l.mu.Lock()
	if l.clients == nil {
		l.clients = make(map[clientAddr]*tries)
		l.accounts = make(map[string]int)
	}
	t := l.clients[client]
	if t == nil && len(l.clients) >= maxLimited {
		client = clientAddr{}
		t = l.clients[client]
	}
	if t == nil {
		t = new(tries)
		l.clients[client] = t
	}
	y := try{l, client}
	if t.taken < triesAtOnce {
		t.taken++
		l.mu.Unlock()
		return y, nil
	}
	mine := make(chan struct{})
	t.queue = append(t.queue, mine)
	l.mu.Unlock()
	busy()
	select {
	case <-mine:
		return y, nil
	case <-drained:
	case <-ctx.Done():
	}
	l.mu.Lock()
	i := slices.Index(t.queue, mine)
	if i >= 0 {
		t.queue = slices.Delete(t.queue, i, i+1)
	}
	l.mu.Unlock()
	if i < 0 { // it came at the same moment
		y.giveBack()
	}
	return try{}, ntstatus.RequestNotAccepted
}

// giveBack ends a try that did not fail.
func (y try) giveBack() {
	l := y.limiter
	l.mu.Lock()
	defer l.mu.Unlock()
	t := l.clients[y.client]
	if len(t.queue) > 0 {
		close(t.queue[0])
		t.queue = slices.Delete(t.queue, 0, 1)
		return
	}
	if t.taken--; t.taken == 0 {
		delete(l.clients, y.client)
	}
}

// fail ends a try that failed for account: it is given back when the returned
// delay is over, whatever becomes of its connection.
func (y try) fail(account string, delay time.Duration) time.Duration {
	l := y.limiter
	l.mu.Lock()
	if _, ok := l.accounts[account]; !ok && len(l.accounts) >= maxLimited {
		account = ""
	}
	l.accounts[account]++
	late := delay * time.Duration(min(1+(l.accounts[account]-1)/triesAtOnce, maxLateness))
	l.mu.Unlock()
	time.AfterFunc(late, func() {
		l.mu.Lock()
		if l.accounts[account]--; l.accounts[account] == 0 {
			delete(l.accounts, account)
		}
		l.mu.Unlock()
		y.giveBack()
	})
	return late
}

// logonDelay is by how much the answer to a failed sign-in waits; 0 is not at
// all.
func logonDelay(s *policy.Snapshot) time.Duration {
	if !policy.Get(s, policy.EnableAuthRateLimiter) {
		return 0
	}
	return time.Duration(policy.Get(s, policy.InvalidAuthenticationDelayTimeInMs)) * time.Millisecond
}

// accept gives token to x's mechanism. A guess that failed is answered late,
// after what it began is gone.
func (a *authenticated) accept(x *exchange, token []byte) (out []byte, done bool, err error) {
	x.legs++
	out, done, _, err = a.judge(x.session.policy, x.acceptor, x.legs, token, func(err error) { a.refuse(x, err) })
	return out, done, err
}

// judge gives token, which is the mechanism's in the leg of that number, to it
// under snapshot s. A guess that failed is answered late; refuse is called before, and told reports
// that it was.
func (a *authenticated) judge(s *policy.Snapshot, mechanism auth.Acceptor, leg int, token []byte, refuse func(error)) (out []byte, done, told bool, err error) {
	c := a.conn
	delay := logonDelay(s)
	if delay == 0 || leg == 1 { // no password can be wrong before the challenge
		out, done, err = mechanism.Accept(a.ctx, token)
		return out, done, false, err
	}
	busy := func() { c.replaceReader(a.chain) }
	try, err := c.server.logons.take(a.ctx, c.drained, c.client, busy)
	if err != nil {
		return nil, false, false, err
	}
	out, done, err = mechanism.Accept(a.ctx, token)
	f, failed := errors.AsType[*auth.Failure](err)
	if !failed || f.Status != ntstatus.LogonFailure && f.Status != ntstatus.AccountDisabled {
		try.giveBack()
		return out, done, false, err
	}
	late := time.NewTimer(try.fail(auth.Upcase(auth.AccountName(f.Account)), delay))
	defer late.Stop()
	busy()
	refuse(err) // now: who does not wait for the answer is not to go unnoticed
	select {
	case <-late.C:
	case <-c.drained: // shutting down: nobody may wait any more
	case <-a.ctx.Done():
	}
	return out, done, true, err
}
