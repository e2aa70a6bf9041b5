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
	calls := make([]*call, len(requests))
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		return nil, c.err
	}
	for i, q := range requests {
		k := &call{
			session:  q.session,
			command:  smb2.CommandOf(q.message),
			id:       c.nextID,
			protect:  q.protect,
			renews:   q.session != nil && q.session.proved(),
			ask:      c.credits.request(),
			orphan:   q.orphan,
			answered: make(chan struct{}),
		}
		c.nextID += smb2.MessageID(charge)
		c.calls[k.id] = k
		calls[i] = k
	}
	return calls, nil
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
			h.Status = ntstatus.Status(q.session.sequence) // ChannelSequence
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

// enqueue hands a message to the write loop. It never waits: what can be
// queued is bounded by credits.
func (c *connection) enqueue(buf *bufpool.Buf, calls []*call) {
	c.mu.Lock()
	if c.err != nil {
		c.mu.Unlock()
		buf.Release()
		return
	}
	c.queue = append(c.queue, frame{buf, calls})
	c.mu.Unlock()
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// writeLoop writes what is queued, all of it in one system call.
func (c *connection) writeLoop() {
	var bufs net.Buffers
	for {
		select {
		case <-c.done:
			return
		case <-c.wake:
		}
		c.mu.Lock()
		frames := c.queue
		c.queue = nil
		c.mu.Unlock()
		bufs = bufs[:0]
		for _, f := range frames {
			bufs = append(bufs, f.buf.B)
		}
		err := c.transport.Write(bufs)
		now := time.Now()
		c.mu.Lock()
		for _, f := range frames {
			f.buf.Release()
			for _, k := range f.calls {
				k.sent = now
			}
		}
		c.mu.Unlock()
		if err != nil {
			c.fail(err)
			return
		}
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
