package rpc

import (
	"context"
	"errors"
	"fmt"

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
	ahead    []byte // read and not used yet
}

// clientFragment is the largest fragment that a client offers to take, in
// bytes: what Windows' and Samba's clients offer.
const clientFragment = 4280

// errAnswer is the start of every error about a server that breaks the
// protocol.
var errAnswer = errors.New("rpc: the server breaks the protocol")

// Bind opens a conversation with interface s over pipe. [C706] 12.6.4.3.
func Bind(ctx context.Context, pipe Pipe, s Syntax) (*Client, error) {
	c := &Client{pipe: pipe, fragment: clientFragment}
	c.callID++
	p := newPacket(packetBind, flagsWhole, c.callID)
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
	if err := pipe.Write(ctx, p.finish()); err != nil {
		return nil, err
	}
	h, r, err := c.receive(ctx)
	if err != nil {
		return nil, err
	}
	if h.kind != packetBindAck {
		return nil, fmt.Errorf("rpc: the server refuses the interface (packet type %d)", h.kind)
	}
	r.U16()
	c.fragment = int(r.U16())
	r.U32()
	r.Skip(int(r.U16()))
	r.Align(4)
	r.Check(r.U32()&0xFF == 1, "results")
	result, reason := r.U16(), r.U16()
	if err := r.Err(); err != nil {
		return nil, fmt.Errorf("%w: %w", errAnswer, err)
	}
	if result != uint16(resultAcceptance) {
		return nil, fmt.Errorf("rpc: the server does not offer the interface (reason %d)", reason)
	}
	if c.fragment < headerSize+8+64 {
		return nil, fmt.Errorf("%w: fragments of %d bytes", errAnswer, c.fragment)
	}
	c.fragment = min(c.fragment, clientFragment)
	return c, nil
}

// Call runs an operation and returns its results, at most [MaxStub] bytes. The
// error is a [Fault] if the server says one. [C706] 12.6.4.9, 12.6.4.10.
func (c *Client) Call(ctx context.Context, opnum uint16, stub []byte) ([]byte, error) {
	c.callID++
	room := (c.fragment - headerSize - 8) &^ 7
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
		if err := c.pipe.Write(ctx, p.finish()); err != nil {
			return nil, err
		}
		if stub = stub[n:]; flags&flagLast != 0 {
			break
		}
	}
	var result []byte
	for range maxFragments {
		h, r, err := c.receive(ctx)
		if err != nil {
			return nil, err
		}
		switch h.kind {
		case packetFault:
			r.Skip(8)
			status := Fault(r.U32())
			if r.Err() != nil {
				return nil, fmt.Errorf("%w: %w", errAnswer, r.Err())
			}
			return nil, status
		case packetResponse:
		default:
			return nil, fmt.Errorf("%w: packet type %d", errAnswer, h.kind)
		}
		r.Skip(8)
		part := r.Rest()
		if err := r.Err(); err != nil {
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

// receive reads the next PDU, of any of which at most [maxFragment] bytes are
// taken. The cursor stands behind the header.
func (c *Client) receive(ctx context.Context) (h header, r *wire.Reader, err error) {
	if err := c.fill(ctx, headerSize); err != nil {
		return h, nil, err
	}
	h = decodeHeader(wire.NewReader(c.ahead))
	switch {
	case h.version != 5 || h.minor != 0 || h.representation != littleEndian || h.length < headerSize || h.length > maxFragment:
		return h, nil, fmt.Errorf("%w: it answers with something else", errAnswer)
	case h.callID != c.callID:
		return h, nil, fmt.Errorf("%w: an answer to call %d instead of %d", errAnswer, h.callID, c.callID)
	case h.authLength != 0:
		return h, nil, fmt.Errorf("%w: credentials, where none were agreed on", errAnswer)
	}
	if err := c.fill(ctx, int(h.length)); err != nil {
		return h, nil, err
	}
	whole := wire.NewReader(c.ahead)
	pdu := whole.Bytes(int(h.length))
	c.ahead = whole.Rest()
	r = wire.NewReader(pdu)
	decodeHeader(r)
	return h, r, nil
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
