package client

import (
	"bytes"
	"context"
	"net"
	"time"

	"github.com/signet-smb/signet/internal/bufpool"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/transform"
	"github.com/signet-smb/signet/internal/transport"
	"github.com/signet-smb/signet/ntstatus"
)

// frame is a message on its way out.
type frame struct {
	buf   *bufpool.Buf
	calls []*call
}

// headRoom is what precedes the first header: the framing, and room for a
// transform header.
const headRoom = transport.FrameHeaderSize + smb2.TransformHeaderSize

// do sends the requests as one message and waits for the answers to all of
// them. Each costs one credit. The answers are the caller's to release, as far
// as there are any: after an error there are none.
func (c *connection) do(ctx context.Context, requests ...request) ([]reply, error) {
	if _, err := c.acquire(ctx, len(requests), len(requests), len(requests)); err != nil {
		return nil, err
	}
	calls, err := c.submit(1, requests...)
	if err != nil {
		return nil, err
	}
	return c.waitAll(ctx, calls)
}

// post sends a request for whose answer nobody waits.
func (c *connection) post(q request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		return // and close waits for what was started before
	}
	c.wg.Go(func() {
		if replies, err := c.do(context.Background(), q); err == nil {
			replies[0].release()
		}
	})
}

// submit sends the requests as one message with credits that acquire has got:
// charge for each. After an error nothing was sent.
func (c *connection) submit(charge int, requests ...request) ([]*call, error) {
	calls, err := c.register(charge, requests)
	if err != nil {
		return nil, err
	}
	c.enqueue(c.encode(charge, requests, calls), calls)
	return calls, nil
}

// submitHashed is submit for one request of a handshake: it also returns what
// travels, for the preauthentication hash.
func (c *connection) submitHashed(q request) (sent []byte, k *call, err error) {
	calls, err := c.register(1, []request{q})
	if err != nil {
		return nil, nil, err
	}
	buf := c.encode(1, []request{q}, calls)
	sent = bytes.Clone(buf.B[transport.FrameHeaderSize:])
	c.enqueue(buf, calls)
	return sent, calls[0], nil
}

// register makes requests outstanding, and numbers them.
func (c *connection) register(charge int, requests []request) ([]*call, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		return nil, c.err
	}
	return c.registerLocked(charge, requests), nil
}

// registerLocked is register on a connection that has not ended. The caller
// holds mu.
func (c *connection) registerLocked(charge int, requests []request) []*call {
	calls := make([]*call, len(requests))
	for i, q := range requests {
		k := &call{
			session:  q.session,
			command:  smb2.CommandOf(q.message),
			id:       c.nextID,
			protect:  q.protect,
			renews:   q.session != nil && q.session.proved() && !q.binding,
			ask:      c.credits.request(),
			orphan:   q.orphan,
			answered: make(chan struct{}),
		}
		c.nextID += smb2.MessageID(charge)
		c.calls[k.id] = k
		calls[i] = k
	}
	return calls
}

// encode makes one message of the requests. [MS-SMB2] 3.2.4.1: credits, then
// the chain, then signatures or the seal.
func (c *connection) encode(charge int, requests []request, calls []*call) *bufpool.Buf {
	size := headRoom + 16 // which the cipher wants behind the message for a moment
	for _, q := range requests {
		size += smb2.HeaderSize + 256
		if w, ok := q.message.(*smb2.WriteRequest); ok {
			size += len(w.Data)
		}
	}
	buf := bufpool.Get(size)
	out := buf.B[:headRoom]
	for i, q := range requests {
		start := len(out)
		h := smb2.Header{
			CreditCharge: c.creditCharge(charge),
			Command:      calls[i].command,
			Credits:      uint16(calls[i].ask),
			MessageID:    calls[i].id,
			TreeID:       q.tree,
		}
		if q.session != nil {
			h.SessionID = q.session.id
			h.Status = ntstatus.Status(uint16(q.session.channels.sequence.Load())) // ChannelSequence
		}
		if q.dfs {
			h.Flags |= smb2.FlagDFSOperation
		}
		if q.replay {
			h.Flags |= smb2.FlagReplayOperation
		}
		if q.related {
			h.Flags |= smb2.FlagRelatedOperation
		}
		out = append(out, make([]byte, smb2.HeaderSize)...)
		out = smb2.Append(out, q.message)
		if i < len(requests)-1 {
			for (len(out)-start)%8 != 0 {
				out = append(out, 0)
			}
			h.NextCommand = uint32(len(out) - start)
		}
		h.Put(out[start:])
		if q.protect.sign {
			q.session.keys.Load().Signer.Sign(out[start:], transform.Client)
		}
	}
	buf.B = c.frame(out, requests[0])
	return buf
}

// frame seals what follows headRoom in out, if q's protection says so, and
// puts the framing before it. It returns nil if there can be no more sealed
// messages.
func (c *connection) frame(out []byte, q request) []byte {
	at := smb2.TransformHeaderSize
	if q.protect.seal {
		sealed, err := q.session.keys.Load().Sealer.Seal(out[transport.FrameHeaderSize:])
		if err != nil {
			c.fail(err)
			return nil
		}
		if len(sealed) != 0 && &sealed[0] != &out[transport.FrameHeaderSize] {
			out = append(out[:transport.FrameHeaderSize], sealed...)
		}
		at = 0
	}
	out = out[at:]
	transport.PutFrameHeader(out, len(out)-transport.FrameHeaderSize)
	return out
}

// outgoing is what is being written.
type outgoing struct {
	frames []frame
	vector net.Buffers // room for their bytes
	rest   net.Buffers // what is left of them
}

// enqueue has a message written: at once, as far as the connection takes it,
// unless somebody is writing; by the write loop otherwise. It never waits: what
// can be queued is bounded by credits.
func (c *connection) enqueue(buf *bufpool.Buf, calls []*call) {
	c.mu.Lock()
	if c.err != nil {
		c.mu.Unlock()
		buf.Release()
		return
	}
	c.queue = append(c.queue, frame{buf, calls})
	if c.writing {
		c.mu.Unlock()
		return
	}
	c.writing = true
	c.mu.Unlock()
	if c.write(c.transport.TryWrite) {
		return
	}
	c.mu.Lock()
	ended := c.err != nil
	if !ended {
		c.wake <- struct{}{} // there is room: the write loop does not write
	}
	c.mu.Unlock()
	if ended {
		c.dropRest()
	}
}

// dropRest gives up what is left of what is being written: the connection has
// ended. The caller is who writes.
func (c *connection) dropRest() {
	c.out.rest = nil
	c.next()
}

// write writes until the queue is empty, and reports false if send has left a
// rest. The caller is who writes; afterwards it is not any more, but if there
// is a rest. All that is queued leaves in one system call.
func (c *connection) write(send func(net.Buffers) (net.Buffers, error)) (done bool) {
	o := &c.out
	for {
		if len(o.rest) == 0 && !c.next() {
			return true
		}
		var err error
		if o.rest, err = send(o.rest); err != nil {
			c.fail(err)
			o.rest = nil
		}
		if len(o.rest) > 0 {
			return false
		}
	}
}

// next takes what has been queued as what is being written, in place of what
// has been written. It reports false if there is nothing: then nobody writes.
func (c *connection) next() bool {
	o := &c.out
	now := time.Now()
	c.mu.Lock()
	for _, f := range o.frames {
		f.buf.Release()
		for _, k := range f.calls {
			k.sent = now
		}
	}
	clear(o.frames)
	o.frames, c.queue = c.queue, o.frames[:0] // empty if the connection has ended
	some := len(o.frames) > 0
	c.writing = some
	c.mu.Unlock()
	if !some {
		return false // and o may be somebody else's by now
	}
	o.vector = o.vector[:0]
	for _, f := range o.frames {
		o.vector = append(o.vector, f.buf.B)
	}
	o.rest = o.vector
	return true
}

// writeLoop writes what could not be written at once.
func (c *connection) writeLoop() {
	for {
		select {
		case <-c.wake:
			c.write(func(bufs net.Buffers) (net.Buffers, error) { return nil, c.transport.Write(bufs) })
			continue
		case <-c.done:
		}
		select {
		case <-c.wake:
			c.dropRest()
		default:
		}
		return
	}
}

// wait waits for the answer to k, which is the caller's to release. When ctx
// ends first, the request is cancelled and its answer, if it comes, k.orphan's.
func (c *connection) wait(ctx context.Context, k *call) (reply, error) {
	select {
	case <-k.answered:
		return k.reply, k.err
	default:
	}
	select {
	case <-k.answered:
		return k.reply, k.err
	case <-ctx.Done():
		if !c.abandon(k) {
			return k.reply, k.err
		}
		return reply{}, context.Cause(ctx)
	}
}

// waitAll waits for the answers to all of calls.
func (c *connection) waitAll(ctx context.Context, calls []*call) ([]reply, error) {
	replies := make([]reply, len(calls))
	for i, k := range calls {
		var err error
		if replies[i], err = c.wait(ctx, k); err != nil {
			for j := range i {
				if f := calls[j].orphan; f != nil {
					f(replies[j])
				}
				replies[j].release()
			}
			for _, k := range calls[i+1:] {
				if !c.abandon(k) {
					if k.orphan != nil && k.err == nil {
						k.orphan(k.reply)
					}
					k.reply.release()
				}
			}
			return nil, err
		}
	}
	return replies, nil
}

// abandon says that nobody waits for k any more, and cancels it. It reports
// false if k is answered already.
func (c *connection) abandon(k *call) bool {
	c.mu.Lock()
	select {
	case <-k.answered:
		c.mu.Unlock()
		return false
	default:
	}
	k.abandoned = true
	asyncID := k.asyncID
	c.mu.Unlock()
	c.cancel(k, asyncID)
	return true
}
