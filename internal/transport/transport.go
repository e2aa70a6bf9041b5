package transport

import (
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/signet-smb/signet/internal/bufpool"
)

// Conn carries whole messages. One goroutine at a time may read, one may
// write, and any may close, all at the same time.
type Conn interface {
	// Read waits for the next message and returns exactly its bytes, without
	// framing, in a buffer that the caller holds. o, the connection's owner,
	// is asked what to accept once a message is announced, not before: what it
	// allows may change while the peer is silent.
	//
	// The error is io.EOF when the peer closed between messages,
	// io.ErrUnexpectedEOF when it closed within one, or wraps
	// ErrFrameTooLarge, ErrFrameType, os.ErrDeadlineExceeded (the peer
	// stalled within a frame) or net.ErrClosed. After an error the stream has
	// lost its place: close it.
	Read(o Owner) (*bufpool.Buf, error)

	// Buffered reports whether part of the next message is here already, so
	// that Read would not wait for the peer to begin one. It is for who reads.
	Buffered() bool

	// Write sends messages that their sender has already framed, see
	// PutFrameHeader. It consumes the elements of bufs, and is done with their
	// bytes when it returns. After an error part of a message may have left:
	// close.
	Write(bufs net.Buffers) error

	// TryWrite is Write that does not wait: it sends what the connection takes
	// at once and returns the rest, for Write. Where that cannot be known
	// nothing is sent.
	TryWrite(bufs net.Buffers) (rest net.Buffers, err error)

	// Close ends Read and Write with net.ErrClosed.
	Close() error

	// CloseRead lets Read see the end of the stream after what has arrived,
	// while Write goes on. The error is errors.ErrUnsupported where a stream
	// has no halves.
	CloseRead() error
}

// Owner bounds what a connection may cost while a message is read. It is called
// by the goroutine that reads.
type Owner interface {
	// MaxFrame is the largest message accepted now, in bytes.
	MaxFrame() int

	// Thrifty reports whether an announced message shall be given next to no
	// memory until its bytes have come, at the price of a further read.
	Thrifty() bool

	// Answered reports whether the peer has been answered all it asked, so that
	// its next message may come soon. It is asked before the wait for one.
	Answered() bool

	// Hold says that the message being read holds n bytes more, or less if n
	// is negative. What is held when Read returns a buffer is the [bufpool.Cap]
	// of its length, and the owner's to give back; after an error it is
	// nothing.
	Hold(n int)
}

// Limit is an Owner that accepts messages of so many bytes, has memory to
// spare, and does not count it.
type Limit int

// MaxFrame implements [Owner].
func (l Limit) MaxFrame() int { return int(l) }

// Thrifty implements [Owner].
func (Limit) Thrifty() bool { return false }

// Answered implements [Owner].
func (Limit) Answered() bool { return true }

// Hold implements [Owner].
func (Limit) Hold(int) {}

// FrameHeaderSize is the length in bytes of what precedes each message.
const FrameHeaderSize = 4

// MaxFrame is the longest message, in bytes, that the framing can express.
const MaxFrame = 1<<24 - 1

// StallTimeout is how long a peer may send nothing inside a frame, or take
// nothing of what is written to it, before it is given up. It is counted
// anew for every [stallBytes] bytes, so a slow line is no fault.
const StallTimeout = 30 * time.Second

// stallBytes is the progress that earns another StallTimeout: with it, the
// slowest line tolerated carries about 2 KiB a second.
const stallBytes = 64 << 10

// Errors that say how a peer broke the framing. Compare with errors.Is; the
// text of the error returned has the details.
var (
	// ErrFrameTooLarge is a message longer than the caller's limit.
	ErrFrameTooLarge = errors.New("frame too large")
	// ErrFrameType is a first byte that is not zero: no Direct TCP message.
	ErrFrameType = errors.New("not a Direct TCP frame")
)

// PutFrameHeader writes the framing of a message of n bytes into the first
// four bytes of b. It panics if n is negative or above [MaxFrame]: a sender
// never lets a message grow so far. [MS-SMB2] 2.1.
func PutFrameHeader(b []byte, n int) {
	if n < 0 || n > MaxFrame {
		panic(fmt.Sprintf("transport: a message of %d bytes cannot be framed", n))
	}
	b[0], b[1], b[2], b[3] = 0, byte(n>>16), byte(n>>8), byte(n)
}
