package rpc

import (
	"context"
	"errors"

	"github.com/signet-smb/signet/internal/wire"
)

const (
	// MaxStub is the most bytes of parameters, and of results, of one call.
	// Windows stops at 4 MiB ([MS-RPCE] 3.3.3.5.4); no operation here comes
	// near one.
	MaxStub = 1 << 20
	// MaxWrite is the most that may be written at once, in bytes: the length
	// field of a fragment can say no more.
	MaxWrite = 1<<16 - 1
	// maxFragments of one call: with the smallest size that can be negotiated
	// MaxStub needs 519.
	maxFragments = 1024
	// Fragment sizes that are negotiated, in bytes; a request of the larger
	// size is taken whatever was negotiated. Windows' values.
	minFragment, maxFragment = 2048, 5840
	// maxContexts is how many presentation contexts a connection may have: a
	// pipe has few interfaces.
	maxContexts = 64
	// maxBacklog is how many bytes of answers may wait to be read before
	// nothing more is taken.
	maxBacklog = 64 << 10
	// oldCall is by how much the identifier of a call that is over may differ
	// from the last one. [MS-RPCE] 3.3.3.5.6.
	oldCall = 150
)

var (
	// ErrClosed is what Write returns after the server has ended the
	// connection.
	ErrClosed = errors.New("rpc: connection closed")
	// ErrBusy is what Write returns while too much waits to be read.
	ErrBusy = errors.New("rpc: too many unread answers")
	// ErrTooLong is what Write returns for more than MaxWrite bytes.
	ErrTooLong = errors.New("rpc: more bytes than a fragment can have")
)

// Conn is the server's end of one connection. Not safe for concurrent use.
//
// Deviation: call identifiers need not increase ([MS-RPCE] 3.3.3.5.2). They
// only name calls to the client, which may wrap around.
type Conn struct {
	endpoint *Endpoint
	caller   *Caller

	partial  []byte // the beginning of a fragment whose end was not written yet
	bound    bool
	closed   bool
	fragment int    // negotiated size, bytes
	group    uint32 // association
	contexts map[uint16]*Interface

	security     map[uint32]*security // by auth_context_id
	secureBind   bool                 // the bind came with credentials
	signsHeaders bool                 // header signing is agreed on
	multiplex    bool                 // several security contexts are agreed on

	call     *assembly // the call whose fragments are coming in; nil: none
	lastCall uint32    // identifier of the last call that began
	handles  Handles
	told     bool // of something malformed

	out    [][]byte // fragments to be read
	queued int      // their bytes
}

// Endpoint is what the connections of one pipe have in common. Immutable.
type Endpoint struct {
	// Name is what clients are told that they connected to, as in
	// `\PIPE\srvsvc`; at most 255 bytes.
	Name       string
	Interfaces []*Interface
	// NewGroup gives a number for an association, never 0. Safe for concurrent
	// use.
	NewGroup func() uint32
	// Authenticate begins an authentication of the client's own, besides that
	// of the transport, by NTLM or by SPNEGO; what it begins is used under the
	// Conn's own rules. nil: a bind with credentials is refused in the way that
	// makes clients come back without.
	Authenticate func() Authentication
	// Failed, if set, is told of errors of operations that are no faults: the
	// client learns only that something failed. Safe for concurrent use.
	Failed func(i *Interface, operation string, err error)
	// Refused, if set, is told of calls for which the caller's role is too low.
	// Safe for concurrent use.
	Refused func(caller *Caller, i *Interface, operation string, needs Role)
	// Malformed, if set, is told of the first thing that a connection's client
	// sent and that cannot be read. Safe for concurrent use.
	Malformed func(caller *Caller, status Fault)
}

// NewConn returns a connection of caller to e.
func NewConn(e *Endpoint, caller *Caller) *Conn {
	return &Conn{endpoint: e, caller: caller, contexts: make(map[uint16]*Interface), security: make(map[uint32]*security)}
}

// Write takes what the client sent: usually one fragment, but any part of the
// stream of fragments will do. It runs the calls that are complete, so it takes
// as long as they do; ctx is theirs. p is not kept.
//
// Errors: ErrClosed, ErrBusy, ErrTooLong, all before anything was taken. What
// the client does wrong is answered to the client.
func (c *Conn) Write(ctx context.Context, p []byte) error {
	switch {
	case c.closed:
		return ErrClosed
	case c.queued >= maxBacklog:
		return ErrBusy
	case len(p) > MaxWrite:
		return ErrTooLong
	}
	stream := p
	if len(c.partial) > 0 {
		stream = append(c.partial, p...)
		c.partial = nil
	}
	r := wire.NewReader(stream)
	for !c.closed && r.Len() >= headerSize {
		start := r.Offset()
		h := decodeHeader(r)
		if !h.understood() {
			c.refuseHeader(h)
			return nil
		}
		if r.Len() < int(h.length)-headerSize {
			c.keep(stream, start)
			return nil
		}
		r.Skip(int(h.length) - headerSize)
		whole := wire.NewReader(stream)
		whole.Skip(start)
		c.receive(ctx, h, whole.Bytes(int(h.length)))
	}
	if !c.closed {
		c.keep(stream, r.Offset())
	}
	return nil
}

// keep stores the beginning of a fragment, all of stream from off on: less
// than 64 KiB, for the header says how long it will be.
func (c *Conn) keep(stream []byte, off int) {
	r := wire.NewReader(stream)
	r.Skip(off)
	c.partial = append([]byte(nil), r.Rest()...)
}

// Read returns the next fragment for the client, which belongs to the caller
// from now on; nil: there is none.
func (c *Conn) Read() []byte {
	if len(c.out) == 0 {
		return nil
	}
	f := c.out[0]
	c.out = c.out[1:]
	c.queued -= len(f)
	return f
}

// Unread is how many fragments, and how many bytes, wait for Read.
func (c *Conn) Unread() (fragments, bytes int) { return len(c.out), c.queued }

// Held is how many bytes c keeps between calls of Write and Read: parts of a
// fragment, parts of a call, answers.
func (c *Conn) Held() int {
	n := cap(c.partial) + c.queued
	if c.call != nil {
		n += cap(c.call.stub)
	}
	return n
}

// Closed reports whether the connection has ended, so that there is nothing
// more to come than what Read still returns.
func (c *Conn) Closed() bool { return c.closed }

// send queues a fragment.
func (c *Conn) send(f []byte) {
	c.out = append(c.out, f)
	c.queued += len(f)
}

// close ends the connection: nothing more is taken.
func (c *Conn) close() {
	c.closed = true
	c.call, c.partial = nil, nil
}

// refuseHeader answers a PDU of another version, or one whose numbers cannot
// be read. [MS-RPCE] 3.3.1.5.1.
func (c *Conn) refuseHeader(h header) {
	if h.kind == packetBind {
		c.refuseBind(h, nakProtocolVersion)
		return
	}
	c.abort(h.callID, 0, FaultProtocol)
}

// abort answers what cannot be answered otherwise, and ends the connection.
// [MS-RPCE] 3.3.3.5.7.
func (c *Conn) abort(callID uint32, context uint16, status Fault) {
	c.malformed(status)
	c.send(appendFault(callID, context, 0, status))
	c.close()
}

// malformed tells of the first thing that could not be read.
func (c *Conn) malformed(status Fault) {
	if !c.told && c.endpoint.Malformed != nil {
		c.endpoint.Malformed(c.caller, status)
	}
	c.told = true
}

// receive takes one fragment.
func (c *Conn) receive(ctx context.Context, h header, f fragment) {
	switch h.kind {
	case packetBind:
		c.receiveBind(ctx, h, f)
	case packetAlterContext:
		c.receiveAlter(ctx, h, f)
	case packetAuth3:
		c.receiveAuth3(ctx, h, f)
	case packetRequest:
		c.receiveRequest(ctx, h, f)
	case packetOrphaned:
		if c.call != nil && c.call.id == h.callID {
			c.call = nil
		}
	case packetCoCancel:
		// Calls run as they arrive, so there is none to cancel.
	default:
		c.abort(h.callID, 0, FaultProtocol)
	}
}
