package transport

import (
	"fmt"
	"io"
	"net"
	"time"

	"github.com/signet-smb/signet/internal/bufpool"
)

// keepAlive is the only type besides zero that a Direct TCP peer is forgiven:
// clients that also speak NetBIOS send it on idle connections. RFC 1002 4.3.6.
const keepAlive = 0x85

// firstStep is how much memory an announced length may take before any byte of
// the message has come; growth is the factor by which what has come lets it
// grow, from class to class of bufpool. A message of 64 KiB is received in
// place, one of 1 MiB copies its first sixteenth, one of 8 MiB its first
// eighth.
//
// thriftyStep takes the place of firstStep where the owner wants that: nothing
// that a client says before it has signed in is much longer.
const (
	firstStep   = 64<<10 + bufpool.HeaderRoom
	thriftyStep = 4<<10 + bufpool.HeaderRoom
	growth      = 16
)

// tcp is the Direct TCP transport over any net.Conn.
type tcp struct {
	conn net.Conn

	header  [FrameHeaderSize]byte // owned by the reader
	waiting bool                  // owned by the reader: a read deadline is set

	pending net.Buffers // owned by the writer: a field, so that it is not allocated anew
}

// NewTCP returns the Direct TCP transport over c, which it owns from now on.
func NewTCP(c net.Conn) Conn { return &tcp{conn: c} }

// Read implements [Conn].
func (t *tcp) Read(o Owner) (*bufpool.Buf, error) {
	n, err := t.readHeader()
	if err != nil {
		return nil, err
	}
	if limit := o.MaxFrame(); n > limit {
		return nil, fmt.Errorf("%w: %d bytes announced, %d allowed", ErrFrameTooLarge, n, limit)
	}
	return t.readMessage(o, n)
}

// readHeader waits, without limit, for a frame to begin and returns the length
// of its message. Keep-alives are passed over: each costs its sender four
// bytes, and the owner's idle limit still applies.
func (t *tcp) readHeader() (n int, err error) {
	for {
		if err := t.await(false); err != nil {
			return 0, err
		}
		got, err := io.ReadAtLeast(t.conn, t.header[:], 1)
		if err != nil {
			return 0, err
		}
		if err := t.readFull(t.header[got:]); err != nil {
			return 0, err
		}
		n := int(t.header[1])<<16 | int(t.header[2])<<8 | int(t.header[3])
		switch {
		case t.header[0] == 0:
			return n, nil
		case t.header[0] == keepAlive && n == 0:
			continue
		default:
			return 0, fmt.Errorf("%w: it begins with % x", ErrFrameType, t.header)
		}
	}
}

// readMessage reads the n bytes of a message, taking memory as they arrive.
func (t *tcp) readMessage(o Owner, n int) (*bufpool.Buf, error) {
	step := firstStep
	if o.Thrifty() {
		step = thriftyStep
	}
	b := take(o, min(n, step))
	have := 0
	for {
		if err := t.readFull(b.B[have:]); err != nil {
			giveBack(o, b)
			return nil, err
		}
		have = len(b.B)
		if have == n {
			return b, nil
		}
		larger := take(o, min(n, (have-bufpool.HeaderRoom)*growth+bufpool.HeaderRoom))
		copy(larger.B, b.B)
		giveBack(o, b)
		b = larger
	}
}

// take lends a buffer of n bytes at o's expense.
func take(o Owner, n int) *bufpool.Buf {
	o.Hold(bufpool.Cap(n))
	return bufpool.Get(n)
}

// giveBack releases what take lent.
func giveBack(o Owner, b *bufpool.Buf) {
	o.Hold(-bufpool.Cap(len(b.B)))
	b.Release()
}

// readFull fills p with bytes of a frame that has begun, wanting progress. A
// stream that ends here is io.ErrUnexpectedEOF.
func (t *tcp) readFull(p []byte) error {
	for len(p) > 0 {
		if err := t.await(true); err != nil {
			return err
		}
		got, err := io.ReadAtLeast(t.conn, p, min(len(p), stallBytes))
		if err == io.EOF {
			return io.ErrUnexpectedEOF
		}
		if err != nil {
			return err
		}
		p = p[got:]
	}
	return nil
}

// await sets the read deadline for bytes that are due, or takes it away before
// a wait for the next frame.
func (t *tcp) await(due bool) error {
	if !due && !t.waiting {
		return nil
	}
	t.waiting = due
	if due {
		return t.conn.SetReadDeadline(time.Now().Add(StallTimeout))
	}
	return t.conn.SetReadDeadline(time.Time{})
}

// Write implements [Conn].
func (t *tcp) Write(bufs net.Buffers) error {
	var size int
	for _, b := range bufs {
		size += len(b)
	}
	limit := time.Duration(1+size/stallBytes) * StallTimeout
	if err := t.conn.SetWriteDeadline(time.Now().Add(limit)); err != nil {
		return err
	}
	if len(bufs) == 1 {
		_, err := t.conn.Write(bufs[0])
		return err
	}
	t.pending = bufs
	_, err := t.pending.WriteTo(t.conn) // one writev on a TCP connection
	t.pending = nil
	return err
}

// Close implements [Conn].
func (t *tcp) Close() error { return t.conn.Close() }
