package transport

import (
	"errors"
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

// aheadSize is how many bytes are received at once where a small message is
// expected: one system call then brings header and message, and of a client
// that does not wait for replies several of them. What an idle connection
// costs counts too.
const aheadSize = 2 << 10

// tcp is the Direct TCP transport over any net.Conn.
type tcp struct {
	conn   net.Conn
	socket *socket // takes the place of conn, which is closed then; nil: there is none

	// Owned by the reader.
	ahead    [aheadSize]byte
	header   [FrameHeaderSize]byte // a field, so that it is not allocated for each message
	from, to int                   // of ahead: received, and not taken yet
	due      bool                  // a read deadline is set

	pending net.Buffers // owned by the writer: a field, so that it is not allocated anew
}

// NewTCP returns the Direct TCP transport over c, which it owns from now on. Of
// c nothing but its addresses may be used any more: it may even be closed, and
// the connection live on without it.
func NewTCP(c net.Conn) Conn { return &tcp{conn: c, socket: newSocket(c)} }

// Buffered implements [Conn].
func (t *tcp) Buffered() bool { return t.from < t.to }

// Read implements [Conn].
func (t *tcp) Read(o Owner) (*bufpool.Buf, error) {
	n, err := t.readHeader(o)
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
func (t *tcp) readHeader(o Owner) (n int, err error) {
	for {
		if t.from == t.to {
			if t.socket != nil {
				if err := t.socket.expect(o.Answered()); err != nil {
					return 0, err
				}
			}
			if err := t.await(false); err != nil {
				return 0, err
			}
			if err := t.fill(); err != nil {
				return 0, err
			}
		}
		header := &t.header
		if err := t.readFull(header[:]); err != nil {
			return 0, err
		}
		n := int(header[1])<<16 | int(header[2])<<8 | int(header[3])
		switch {
		case header[0] == 0:
			return n, nil
		case header[0] == keepAlive && n == 0:
			continue
		default:
			return 0, fmt.Errorf("%w: it begins with % x", ErrFrameType, header[:])
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
	for {
		n := copy(p, t.ahead[t.from:t.to])
		t.from += n
		if p = p[n:]; len(p) == 0 {
			return nil
		}
		if err := t.await(true); err != nil {
			return err
		}
		var err error
		if len(p) < len(t.ahead) {
			err = t.fill()
		} else {
			n, err = t.readSome(p)
			p = p[n:]
		}
		if err == io.EOF {
			return io.ErrUnexpectedEOF
		}
		if err != nil {
			return err
		}
	}
}

// fill receives what is there into ahead, which is empty: one byte or more.
func (t *tcp) fill() (err error) {
	t.from, t.to = 0, 0
	t.to, err = t.readSome(t.ahead[:])
	return err
}

// readSome waits for the next bytes of the stream and returns how many there
// were: one or more if there is no error.
func (t *tcp) readSome(p []byte) (int, error) {
	if t.socket != nil {
		limit := time.Duration(0)
		if t.due {
			limit = StallTimeout
		}
		return t.socket.read(p, limit)
	}
	return io.ReadAtLeast(t.conn, p, 1)
}

// await sets the read deadline for bytes that are due, or takes it away before
// a wait for the next frame.
func (t *tcp) await(due bool) error {
	if !due && !t.due {
		return nil
	}
	t.due = due
	if t.socket != nil {
		return nil
	}
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
	if t.socket != nil {
		return t.socket.write(bufs, limit)
	}
	if err := t.conn.SetWriteDeadline(time.Now().Add(limit)); err != nil {
		return err
	}
	t.pending = bufs
	_, err := t.pending.WriteTo(t.conn) // one writev on a TCP connection
	t.pending = nil
	if err != nil {
		return err
	}
	return t.conn.SetWriteDeadline(time.Time{})
}

// TryWrite implements [Conn].
func (t *tcp) TryWrite(bufs net.Buffers) (net.Buffers, error) {
	if t.socket == nil {
		return bufs, nil
	}
	return t.socket.tryWrite(bufs)
}

// Close implements [Conn].
func (t *tcp) Close() error {
	if t.socket != nil {
		return t.socket.close()
	}
	return t.conn.Close()
}

// CloseRead implements [Conn].
func (t *tcp) CloseRead() error {
	if t.socket != nil {
		return t.socket.closeRead()
	}
	if half, ok := t.conn.(interface{ CloseRead() error }); ok {
		return half.CloseRead()
	}
	return errors.ErrUnsupported
}
