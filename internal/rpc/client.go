package rpc

import (
	"context"
	"errors"
	"fmt"

	"github.com/signet-smb/signet/auth"
	"github.com/signet-smb/signet/internal/wire"
)

// Pipe is a client's end of a named pipe that carries PDUs.
type Pipe interface {
	// Write sends one PDU. It keeps nothing of it.
	Write(ctx context.Context, pdu []byte) error
	// Read waits for bytes and returns at most limit of them, never none. The
	// slice is the caller's.
	Read(ctx context.Context, limit int) ([]byte, error)
}

// Client calls the operations of one interface of a server. Not safe for
// concurrent use: a pipe carries one call at a time.
type Client struct {
	pipe     Pipe
	fragment int // most bytes of a fragment that the server takes
	callID   uint32
	ahead    []byte  // read and not used yet
	secure   bool    // it authenticates its calls
	shield   *shield // of its calls; nil: the transport's
}

// clientFragment is the largest fragment that a client offers to take, in
// bytes: what Windows' and Samba's clients offer.
const clientFragment = 4280

// minClientFragment is the smallest fragment of a server's that can be worked
// with, in bytes.
const minClientFragment = headerSize + 8 + 64

// ErrRefused is the error of a bind that the server does not take: it does not
// know the interface's protocol, or not the credentials'.
var ErrRefused = errors.New("rpc: the server refuses the interface")

// errAnswer is the start of every error about a server that breaks the
// protocol.
var errAnswer = errors.New("rpc: the server breaks the protocol")

// Bind opens a conversation with interface s over pipe, whose calls are those of
// whoever the transport signed in. [C706] 12.6.4.3.
func Bind(ctx context.Context, pipe Pipe, s Syntax) (*Client, error) {
	c := &Client{pipe: pipe, fragment: clientFragment}
	_, _, err := c.bind(ctx, packetBind, s, nil)
	if err != nil {
		return nil, err
	}
	return c, nil
}

// BindAs opens a conversation with interface s over pipe whose calls are signed
// and encrypted under the key of an authentication by SPNEGO. The initiator is of
// one exchange, and must be an [auth.Protector]. [MS-RPCE] 3.3.1.5.2.
func BindAs(ctx context.Context, pipe Pipe, s Syntax, initiator auth.Initiator) (*Client, error) {
	c := &Client{pipe: pipe, fragment: clientFragment, secure: true}
	x := &shield{provider: providerSPNEGO, level: LevelPrivacy, id: 1}
	var token []byte
	kind := packetBind
	for range maxLegs {
		out, done, err := initiator.Step(ctx, token)
		switch {
		case err != nil:
			return nil, err
		case done && len(out) == 0:
			if x.protection, err = protectionOf(initiator); err != nil {
				return nil, err
			}
			c.shield = x
			return c, nil
		}
		h, cred, err := c.bind(ctx, kind, s, &offered{x, out})
		switch {
		case err != nil:
			return nil, err
		case h.authLength == 0:
			return nil, fmt.Errorf("%w: credentials without an answer", errAnswer)
		case !x.is(&cred):
			return nil, fmt.Errorf("%w: credentials of another kind", errAnswer)
		}
		token, kind = cred.token, packetAlterContext
	}
	return nil, errLegs
}

// protectionOf is that of an initiator's finished exchange.
func protectionOf(initiator auth.Initiator) (auth.Protection, error) {
	p, ok := initiator.(auth.Protector)
	if !ok {
		return nil, errors.New("rpc: the mechanism protects no messages")
	}
	return p.Protection(true)
}

// offered is a token that a client sends.
type offered struct {
	shield *shield
	token  []byte
}

// bind sends a bind or alter_context for interface s and takes its answer, whose
// credentials alias it.
func (c *Client) bind(ctx context.Context, kind packetType, s Syntax, with *offered) (h header, cred credentials, err error) {
	c.callID++
	flags := flagsWhole
	if with != nil {
		flags |= flagHeaderSign
	}
	p := newPacket(kind, flags, c.callID)
	p.U16(clientFragment)
	p.U16(clientFragment)
	p.U32(0)
	p.U32(1) // contexts
	p.U16(0) // the context's id
	p.U16(1) // transfer syntaxes
	for _, y := range []Syntax{s, ndr20} {
		p.Bytes(y.UUID[:])
		p.U32(y.Version)
	}
	if with != nil {
		p.credentials(&credentials{provider: with.shield.provider, level: with.shield.level, context: with.shield.id}, with.token)
	}
	if err := c.pipe.Write(ctx, p.finish()); err != nil {
		return h, cred, err
	}
	h, f, err := c.receive(ctx)
	if err != nil {
		return h, cred, err
	}
	switch h.kind {
	case packetBindAck, packetAlterResponse:
		return c.takeBindAck(h, f)
	case packetFault:
		return h, cred, faultIn(f)
	}
	return h, cred, fmt.Errorf("%w (packet type %d)", ErrRefused, h.kind)
}

// takeBindAck reads the answer to a bind or alter_context.
func (c *Client) takeBindAck(h header, f fragment) (header, credentials, error) {
	var cred credentials
	body, found, ok := f.bindBody(h)
	if !ok {
		return h, cred, fmt.Errorf("%w: lengths of credentials", errAnswer)
	}
	if found != nil {
		cred = *found
	}
	r := body.Reader
	r.U16()
	size := int(r.U16())
	r.U32()
	r.Skip(int(r.U16()))
	r.Align(4)
	r.Check(r.U32()&0xFF == 1, "results")
	result, reason := r.U16(), r.U16()
	switch err := r.Err(); {
	case err != nil:
		return h, cred, fmt.Errorf("%w: %w", errAnswer, err)
	case result != uint16(resultAcceptance):
		return h, cred, fmt.Errorf("rpc: the server does not offer the interface (reason %d)", reason)
	case size < minClientFragment:
		return h, cred, fmt.Errorf("%w: fragments of %d bytes", errAnswer, size)
	}
	c.fragment = min(size, clientFragment)
	return h, cred, nil
}

// Call runs an operation and returns its results, at most [MaxStub] bytes. The
// error is a [Fault] if the server says one. [C706] 12.6.4.9, 12.6.4.10.
func (c *Client) Call(ctx context.Context, opnum uint16, stub []byte) ([]byte, error) {
	c.callID++
	const head = headerSize + 8
	room := c.shield.room(c.fragment, head)
	for flags := flagFirst; ; flags = 0 {
		n := min(room, len(stub))
		if n == len(stub) {
			flags |= flagLast
		}
		p := newPacket(packetRequest, flags, c.callID)
		p.U32(uint32(len(stub))) // alloc_hint
		p.U16(0)
		p.U16(opnum)
		p.Bytes(stub[:n])
		if err := c.pipe.Write(ctx, c.shield.finish(p, head)); err != nil {
			return nil, err
		}
		if stub = stub[n:]; flags&flagLast != 0 {
			break
		}
	}
	var result []byte
	for range maxFragments {
		h, f, err := c.receive(ctx)
		if err != nil {
			return nil, err
		}
		switch h.kind {
		case packetFault:
			return nil, faultIn(f)
		case packetResponse:
		default:
			return nil, fmt.Errorf("%w: packet type %d", errAnswer, h.kind)
		}
		part, err := c.open(h, f)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", errAnswer, err)
		}
		if len(result)+len(part) > MaxStub {
			return nil, fmt.Errorf("%w: results of more than %d bytes", errAnswer, MaxStub)
		}
		result = append(result, part...)
		if h.flags&flagLast != 0 {
			return result, nil
		}
	}
	return nil, fmt.Errorf("%w: more than %d fragments", errAnswer, maxFragments)
}

// open checks and decrypts a response and returns its results.
func (c *Client) open(h header, f fragment) ([]byte, error) {
	if c.shield == nil {
		r := wire.NewReader(f)
		r.Skip(responseHeaderSize)
		return r.Rest(), r.Err()
	}
	cred, s, ok := f.credentials(h, responseHeaderSize)
	if !ok || !c.shield.is(&cred) {
		return nil, errors.New("a response without the credentials that were agreed on")
	}
	return c.shield.open(h, f, responseHeaderSize, &cred, &s)
}

// faultIn is the error of a fault PDU, which is not signed.
func faultIn(f fragment) error {
	r := wire.NewReader(f)
	r.Skip(headerSize + 8)
	status := Fault(r.U32())
	if r.Err() != nil {
		return fmt.Errorf("%w: %w", errAnswer, r.Err())
	}
	return status
}

// receive reads the next PDU, of any of which at most [maxFragment] bytes are
// taken.
func (c *Client) receive(ctx context.Context) (h header, f fragment, err error) {
	if err := c.fill(ctx, headerSize); err != nil {
		return h, nil, err
	}
	h = decodeHeader(wire.NewReader(c.ahead))
	switch {
	case !h.understood() || h.bigEndian() || h.length > maxFragment:
		return h, nil, fmt.Errorf("%w: it answers with something else", errAnswer)
	case h.authLength != 0 && !c.secure:
		return h, nil, fmt.Errorf("%w: credentials, where none were agreed on", errAnswer)
	case h.callID != c.callID:
		return h, nil, fmt.Errorf("%w: an answer to call %d instead of %d", errAnswer, h.callID, c.callID)
	}
	if err := c.fill(ctx, int(h.length)); err != nil {
		return h, nil, err
	}
	whole := wire.NewReader(c.ahead)
	f = whole.Bytes(int(h.length))
	c.ahead = whole.Rest()
	return h, f, nil
}

// fill reads until there are n bytes ahead. Each read brings at least one.
func (c *Client) fill(ctx context.Context, n int) error {
	for len(c.ahead) < n {
		b, err := c.pipe.Read(ctx, maxFragment)
		if err != nil {
			return err
		}
		if len(b) == 0 || len(b) > maxFragment {
			return fmt.Errorf("%w: a read of %d bytes", errAnswer, len(b))
		}
		c.ahead = append(c.ahead, b...)
	}
	return nil
}
