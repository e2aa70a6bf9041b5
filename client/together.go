package client

import (
	"context"
	"slices"

	"github.com/signet-smb/signet/internal/smb2"
)

// Bounds of a message that carries the chains of several operations.
const (
	// togetherMessages is how many such messages are under way at a time: one
	// that the server works on, and the one that it finds then.
	togetherMessages = 2

	togetherRequests = 64        // elements
	togetherBytes    = 256 << 10 // payload, of the requests and of their answers
)

// together lets chains of requests, each of which opens a file and closes it,
// leave in one message where many wait: half of what a small operation costs,
// here and there, is the message. Who comes while fewer than togetherMessages
// are under way goes at once; others go together when one of those is answered.
// Guarded by connection.mu.
//
// Deviation: such a message mixes related and unrelated requests, which [MS-SMB2]
// 3.2.4.1.4 does not want and servers may refuse. Windows takes it (<117>), and so
// do Samba and Signet; it is sent to who has shown to take it: tryTogether.
type together struct {
	able     bool // the server takes several chains in one message
	underWay int
	waiting  []*chain
}

// chain is requests that wait to be sent, and for which there are credits.
type chain struct {
	requests []request
	payload  int           // bytes
	sent     chan struct{} // closed when calls or err is set
	calls    []*call
	err      error
}

// message is one that carries chains; guarded by connection.mu.
type message struct {
	left int // requests that no answer has come to
}

// doTogether is do for a chain, which may leave in one message with others.
func (c *connection) doTogether(ctx context.Context, requests ...request) ([]reply, error) {
	if _, err := c.acquire(ctx, len(requests), len(requests), len(requests)); err != nil {
		return nil, err
	}
	k := &chain{requests: requests, payload: payloadOf(requests), sent: make(chan struct{})}
	c.mu.Lock()
	if c.err != nil {
		defer c.mu.Unlock()
		return nil, c.err
	}
	if !c.together.able {
		c.mu.Unlock()
		calls, err := c.submit(1, requests...)
		if err != nil {
			return nil, err
		}
		return c.waitAll(ctx, calls)
	}
	c.together.waiting = append(c.together.waiting, k)
	c.mu.Unlock()
	c.sendTogether()
	select {
	case <-k.sent:
	case <-ctx.Done():
		if c.withdraw(k) {
			return nil, context.Cause(ctx)
		}
		<-k.sent
	}
	if k.err != nil {
		return nil, k.err
	}
	return c.waitAll(ctx, k.calls)
}

// payloadOf is how many bytes of file data requests and their answers carry.
func payloadOf(requests []request) int {
	n := 0
	for _, q := range requests {
		switch m := q.message.(type) {
		case *smb2.WriteRequest:
			n += len(m.Data)
		case *smb2.ReadRequest:
			n += int(m.Length)
		case *smb2.QueryInfoRequest:
			n += int(m.OutputBufferLength)
		case *smb2.QueryDirectoryRequest:
			n += int(m.OutputBufferLength)
		case *smb2.IoctlRequest:
			n += int(m.MaxOutputResponse)
		}
	}
	return n
}

// withdraw takes back a chain that was not sent, and its credits. It reports
// false if it is sent, or is being.
func (c *connection) withdraw(k *chain) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	i := slices.Index(c.together.waiting, k)
	if i < 0 {
		return false
	}
	c.together.waiting = slices.Delete(c.together.waiting, i, i+1)
	c.credits.free += len(k.requests)
	c.credits.outstanding -= len(k.requests)
	c.credits.grant()
	return true
}

// sendTogether sends what waits, as far as there may be more under way.
func (c *connection) sendTogether() {
	for {
		c.mu.Lock()
		chains := c.together.take()
		if c.err != nil || len(chains) == 0 {
			c.mu.Unlock()
			return
		}
		var requests []request
		for _, k := range chains {
			requests = append(requests, k.requests...)
		}
		calls := c.registerLocked(1, requests)
		m := &message{left: len(calls)}
		for _, k := range calls {
			k.message = m
		}
		c.together.underWay++
		c.mu.Unlock()
		c.enqueue(c.encode(1, requests, calls), calls)
		for _, k := range chains {
			k.calls, calls = calls[:len(k.requests):len(k.requests)], calls[len(k.requests):]
			close(k.sent)
		}
	}
}

// take takes the chains of the next message off those that wait: of one share,
// and protected in one way.
func (t *together) take() []*chain {
	if t.underWay >= togetherMessages || len(t.waiting) == 0 {
		return nil
	}
	first := &t.waiting[0].requests[0]
	n, requests, payload := 0, 0, 0
	for _, k := range t.waiting {
		q := &k.requests[0]
		requests += len(k.requests)
		payload += k.payload
		if n > 0 && (requests > togetherRequests || payload > togetherBytes ||
			q.session != first.session || q.tree != first.tree || q.protect != first.protect) {
			break
		}
		n++
	}
	chains := slices.Clone(t.waiting[:n])
	t.waiting = slices.Delete(t.waiting, 0, n)
	return chains
}

// answered notes that k is answered, or will be late: it reports whether others
// that wait may be sent. The caller holds connection.mu.
func (t *together) answered(k *call) bool {
	m := k.message
	if m == nil || m.left == 0 {
		return false
	}
	if m.left--; k.pending {
		m.left = 0 // others do not wait for what takes the server long
	}
	if m.left > 0 {
		return false
	}
	t.underWay--
	return len(t.waiting) > 0
}

// tryTogether finds out whether the server takes several chains in one message,
// by opening the share's root twice. It does so on a connection on which
// nothing else is under way: a server may as well hang up.
func (t *treeConnect) tryTogether(ctx context.Context) (bool, error) {
	c := t.session.conn
	if n := &c.negotiated; n.capabilities&smb2.CapLargeMTU == 0 || min(n.maxTransact, n.maxRead, n.maxWrite) < 2*togetherBytes {
		return false, nil
	}
	var requests []request
	for range 2 {
		open := t.request(&smb2.CreateRequest{
			RequestedOplockLevel: smb2.OplockNone,
			ImpersonationLevel:   smb2.ImpersonationImpersonation,
			DesiredAccess:        statOptions.Access,
			ShareAccess:          shareAll,
			CreateDisposition:    dispositions[OpenExisting],
		})
		open.orphan = t.closeLate
		shut := t.request(&smb2.CloseRequest{FileID: smb2.RelatedFileID})
		shut.related = true
		requests = append(requests, open, shut)
	}
	replies, err := c.do(ctx, requests...)
	if err != nil {
		return false, err
	}
	defer releaseAll(replies)
	for i := range replies {
		if !succeeded(replies[i].header.Status) {
			return false, nil
		}
	}
	return true, nil
}

// sendsTogether lets small operations leave together from now on.
func (c *connection) sendsTogether() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.together.able = true
}
