package server

import (
	"net"
	"slices"
	"sync"

	"github.com/signet-smb/signet/internal/bufpool"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/transform"
	"github.com/signet-smb/signet/internal/transport"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/policy"
)

// The way of a reply, in the order of [MS-SMB2] 3.3.4.1. Nothing is signed
// until no byte of the whole chain will change:
//
//	chain.complete, request.pending   the replies that are ready
//	chain.grant                       .2  credits, on the last reply
//	chain.encode                      .3  headers, bodies, NextCommand, padding
//	chain.protect                     .1  sign each element, or .4 seal the whole
//	sender.send                       to the socket

// Who sends a message that is signed or verified here.
const (
	clientRole = transform.Client
	serverRole = transform.Server
)

const (
	// headroom is the room in front of the first header of a reply: the frame
	// header and the transform header.
	headroom = transport.FrameHeaderSize + smb2.TransformHeaderSize
	// tailroom is the capacity behind the last reply: an AEAD writes its tag
	// there before it goes into the transform header.
	tailroom = transform.SignatureSize
)

// complete sends the replies of all elements whose replies were not sent yet.
func (ch *chain) complete() {
	ch.reply(ch.elements[ch.replied:])
	ch.replied = len(ch.elements)
}

// reply encodes, protects and queues the replies of elements, all in one
// message.
func (ch *chain) reply(elements []request) {
	replies := make([]*request, 0, 1)
	for i := range elements {
		if r := &elements[i]; !r.silent {
			replies = append(replies, r)
		}
	}
	if len(replies) == 0 {
		return
	}
	credits := ch.grant(replies)
	buf, ends := ch.encode(replies, credits)
	frame, err := ch.protect(buf, replies, ends)
	if err != nil {
		buf.Release()
		ch.conn.disconnect(err)
	} else {
		ch.conn.sender.send(outgoing{buf: buf, frame: frame})
	}
	for _, r := range replies {
		if r.exchange != nil {
			r.exchange.mu.Unlock()
			r.exchange = nil
		}
		r.told()
	}
	ch.conn.server.tellBreaks() // that waited for one of these
}

// grant takes the replied requests out of the connection's lists and returns
// the credits that the last reply grants for all of them. What an interim
// response granted is not granted again. [MS-SMB2] 3.3.4.1.2, 3.3.4.2.
func (ch *chain) grant(replies []*request) uint16 {
	c := ch.conn
	limit := int(policy.Get(c.policy, policy.Smb2CreditsMax))
	generous := c.signedIn.Load()
	if c.server.memory.held.Load() >= c.maxMemory() {
		limit = min(limit, int(policy.Get(c.policy, policy.Smb2CreditsMin)))
	}
	total := 0
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, r := range replies {
		interim := r.status == ntstatus.Pending
		if !interim {
			delete(c.requests, r.header.MessageID)
			delete(c.asyncs, r.asyncID)
		}
		if r.asyncID != 0 && !interim {
			continue // granted by its interim response
		}
		want := r.creditCharge()
		if generous {
			want = max(want, int(r.header.Credits))
		}
		total += c.window.grant(want, limit)
	}
	return uint16(min(total, 0xFFFF))
}

// encode writes all replies into one buffer, headroom in front, and returns
// it with the end of each reply, in bytes from the start of the buffer.
// [MS-SMB2] 3.3.4.1.3.
func (ch *chain) encode(replies []*request, credits uint16) (*bufpool.Buf, []int) {
	ends := make([]int, 0, 1)
	last := replies[len(replies)-1]
	if len(replies) == 1 && last.inPlace != nil && !last.isPadded() {
		buf := last.inPlace
		last.inPlace = nil
		msg := buf.B[headroom:]
		h := last.replyHeader(credits)
		h.Put(msg)
		smb2.PutReadResponse(msg[smb2.HeaderSize:], len(msg)-smb2.ReadDataOffset)
		return buf, append(ends, len(buf.B))
	}
	size := headroom + tailroom
	for _, r := range replies {
		size += replySize(r.body)
	}
	buf := bufpool.Get(size)
	b := buf.B[:headroom]
	for _, r := range replies {
		start := len(b)
		h := r.replyHeader(0)
		if r == last {
			h.Credits = credits
		}
		b = slices.Grow(b, smb2.HeaderSize)[:start+smb2.HeaderSize]
		b = smb2.Append(b, r.replyBody())
		b = r.pad(b, start)
		if len(replies) > 1 { // the last of a compound is padded, too
			for (len(b)-start)%8 != 0 {
				b = append(b, 0)
			}
		}
		if r != last {
			h.NextCommand = uint32(len(b) - start)
		}
		h.Put(b[start:])
		ends = append(ends, len(b))
	}
	buf.B = slices.Grow(b, tailroom)
	return buf, ends
}

// replySize estimates the encoded length of a reply with body m, from above
// but for long lists of create contexts; encoding grows the buffer then.
func replySize(m smb2.Message) int {
	const fixed = 256
	switch m := m.(type) {
	case *smb2.ReadResponse:
		return fixed + len(m.Data)
	case *smb2.QueryDirectoryResponse:
		return fixed + len(m.Output)
	case *smb2.QueryInfoResponse:
		return fixed + len(m.Output)
	case *smb2.IoctlResponse:
		return fixed + len(m.Output)
	case *smb2.NegotiateResponse:
		return 2*fixed + len(m.SecurityBuffer)
	case *smb2.SessionSetupResponse:
		return fixed + len(m.SecurityBuffer)
	}
	return fixed
}

// replyHeader is the header of r's reply. [MS-SMB2] 3.3.4.1, 3.3.4.2.
func (r *request) replyHeader(credits uint16) smb2.Header {
	h := smb2.Header{
		CreditCharge: r.header.CreditCharge,
		Status:       r.status,
		Command:      r.header.Command,
		Credits:      credits,
		Flags:        smb2.FlagServerToRedir | r.header.Flags&smb2.FlagRelatedOperation,
		MessageID:    r.header.MessageID,
		AsyncID:      r.asyncID,
		TreeID:       r.treeID,
		SessionID:    r.sessionID,
	}
	if r.asyncID != 0 {
		h.Flags |= smb2.FlagAsyncCommand
	}
	// A signed request that failed before there was a key for its reply: the
	// flag is answered, the signature is zero. Samba's client hangs up on a
	// reply without the flag, but takes the status of one like this.
	if r.header.Is(smb2.FlagSigned) && r.status.IsError() && r.sealing == nil && r.replySigner() == nil {
		h.Flags |= smb2.FlagSigned
	}
	return h
}

// replyBody is the body of r's reply: the handler's, or an ERROR response.
func (r *request) replyBody() smb2.Message {
	if r.body == nil {
		return &smb2.ErrorResponse{}
	}
	return r.body
}

// protect signs every reply of buf, or seals all of it, and returns the frame
// to send, which aliases buf. The error is that the session has sealed all
// that it ever may. [MS-SMB2] 3.3.4.1.1, 3.3.4.1.4.
func (ch *chain) protect(buf *bufpool.Buf, replies []*request, ends []int) ([]byte, error) {
	for _, r := range replies {
		if r.sealing != nil && r.sealing.sealer != nil {
			ch.hashReplies(buf, replies, ends)
			// In place: encode has left room for the tag.
			sealed, err := r.sealing.sealer.Seal(buf.B[transport.FrameHeaderSize:])
			transport.PutFrameHeader(buf.B, len(sealed))
			return buf.B, err
		}
	}
	start := headroom
	for i, r := range replies {
		if s := r.replySigner(); s != nil {
			s.Sign(buf.B[start:ends[i]], serverRole)
		}
		start = ends[i]
	}
	ch.hashReplies(buf, replies, ends)
	frame := buf.B[smb2.TransformHeaderSize:]
	transport.PutFrameHeader(frame, len(frame)-transport.FrameHeaderSize)
	return frame, nil
}

// replySigner is what signs r's reply; nil if it is not signed.
func (r *request) replySigner() *transform.Signer {
	if r.security == nil || r.security.signer == nil || r.status == ntstatus.Pending {
		return nil
	}
	if r.header.Is(smb2.FlagSigned) || r.security.signingRequired || r.mustSign {
		return r.security.signer
	}
	return nil
}

// hashReplies adds the replies of NEGOTIATE and SESSION_SETUP to the
// preauthentication integrity hash, as they go over the wire.
func (ch *chain) hashReplies(buf *bufpool.Buf, replies []*request, ends []int) {
	start := headroom
	for i, r := range replies {
		if r.exchange != nil {
			r.exchange.hashReply(r.status, buf.B[start:ends[i]])
		}
		if r.settles != nil {
			ch.conn.settle(r.settles, buf.B[start:ends[i]])
		}
		start = ends[i]
	}
}

// outgoing is a message in the send queue: a buffer, and the part of it that
// is sent.
type outgoing struct {
	buf   *bufpool.Buf
	frame []byte
}

// memory is what m occupies in bytes: all of its buffer, of which the frame
// may be a small part.
func (m *outgoing) memory() int { return cap(m.buf.B) }

// sender is a connection's send queue. Whoever finds nobody writing writes,
// until the queue is empty; the others leave their message and go. Safe for
// concurrent use.
type sender struct {
	conn *connection

	mu      sync.Mutex
	queue   []outgoing
	spare   []outgoing // an empty one, for its memory
	writing bool
	failed  bool

	frames net.Buffers // of write, for its memory; whoever writes owns it
}

// maxSpare bounds how many messages an idle sender keeps memory for.
const maxSpare = 4

func newSender(c *connection) *sender { return &sender{conn: c} }

// send queues m, which it owns from now on, and writes the queue unless
// somebody else does. Messages leave in the order in which they were queued.
func (s *sender) send(m outgoing) {
	if s.enqueue(m) {
		s.flush()
	}
}

// post is send that lets another goroutine write: for who must not wait until
// this client reads. It reports false, and drops m, if the connection is gone.
func (s *sender) post(m outgoing) bool {
	if !s.conn.server.keepRunning(s.conn) {
		m.buf.Release()
		return false
	}
	if !s.enqueue(m) {
		s.conn.server.running.Done()
		return true
	}
	go func() {
		defer s.conn.server.running.Done()
		s.flush()
	}()
	return true
}

// enqueue queues m, and says whether the caller has to flush: nobody writes.
func (s *sender) enqueue(m outgoing) bool {
	s.conn.budget.hold(m.memory())
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queue = append(s.queue, m)
	first := !s.writing
	s.writing = true
	return first
}

// flush writes the queue until it is empty. The caller was told to by enqueue.
func (s *sender) flush() {
	s.mu.Lock()
	for len(s.queue) > 0 {
		batch := s.queue
		s.queue, s.spare = s.spare, nil
		failed := s.failed
		s.mu.Unlock()
		if !failed {
			failed = s.write(batch) != nil
		}
		for _, m := range batch {
			s.conn.budget.hold(-m.memory())
			m.buf.Release()
		}
		clear(batch)
		s.mu.Lock()
		if cap(batch) <= maxSpare {
			s.spare = batch[:0]
		}
		s.failed = failed
	}
	s.writing = false
	s.mu.Unlock()
}

// write sends a batch in one system call where it can. An error ends the
// connection.
func (s *sender) write(batch []outgoing) error {
	frames := s.frames[:0]
	sent := 0
	for _, m := range batch {
		frames = append(frames, m.frame)
		sent += len(m.frame) - transport.FrameHeaderSize
	}
	err := s.conn.transport.Write(frames)
	s.conn.tally.sent.Add(uint64(sent))
	clear(frames)
	if s.frames = nil; cap(frames) <= maxSpare {
		s.frames = frames
	}
	if err != nil {
		s.conn.disconnect(err)
	}
	return err
}
