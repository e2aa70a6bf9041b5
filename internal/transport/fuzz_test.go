package transport_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"slices"
	"testing"
	"time"

	"github.com/signet-smb/signet/internal/bufpool"
	"github.com/signet-smb/signet/internal/transport"
)

// FuzzRead feeds a stranger's stream, cut into pieces of any size, to a
// connection, and compares what comes out with a second, simple parser.
func FuzzRead(f *testing.F) {
	negotiate := append([]byte("\xfeSMB"), make([]byte, 60)...)
	f.Add(append(header(64), negotiate...), 1<<10, 1)
	f.Add(slices.Concat(header(3), []byte("abc"), header(0), header(1), []byte("d")), 100, 3)
	f.Add(slices.Concat([]byte{0x85, 0, 0, 0}, header(2), []byte("ok")), 100, 100)
	f.Add([]byte{0x81, 0, 0, 68}, 100, 4)
	f.Add(header(8<<20), 8<<20, 4)
	f.Add(append(header(70<<10), make([]byte, 70<<10)...), 1<<20, 1000)
	f.Add([]byte{0, 0xFF, 0xFF, 0xFF, 1}, 100, 2)
	f.Fuzz(func(t *testing.T, stream []byte, maxFrame, piece int) {
		bufpool.LeakCheck(t)
		maxFrame = min(max(maxFrame, 0), transport.MaxFrame)
		to := transport.NewTCP(&script{rest: stream, piece: min(max(piece, 1), 1<<16)})
		rest := stream
		for {
			var want []byte
			var wantErr error
			want, rest, wantErr = parse(rest, maxFrame)
			got, err := to.Read(transport.Limit(maxFrame))
			if !errors.Is(err, wantErr) {
				t.Fatalf("with %d bytes left: got error %v, want %v", len(rest), err, wantErr)
			}
			if err != nil {
				if got != nil {
					t.Fatalf("a buffer came with the error %v", err)
				}
				return
			}
			if !bytes.Equal(got.B, want) {
				t.Fatalf("got message % x, want % x", got.B, want)
			}
			got.Release()
		}
	})
}

// parse takes the first message off a stream.
func parse(stream []byte, maxFrame int) (msg, rest []byte, err error) {
	for bytes.HasPrefix(stream, []byte{0x85, 0, 0, 0}) {
		stream = stream[4:]
	}
	if len(stream) == 0 {
		return nil, nil, io.EOF
	}
	if len(stream) < 4 {
		return nil, nil, io.ErrUnexpectedEOF
	}
	n := int(stream[1])<<16 + int(stream[2])<<8 + int(stream[3])
	switch {
	case stream[0] != 0:
		return nil, nil, transport.ErrFrameType
	case n > maxFrame:
		return nil, nil, transport.ErrFrameTooLarge
	case n > len(stream)-4:
		return nil, nil, io.ErrUnexpectedEOF
	}
	return stream[4 : 4+n], stream[4+n:], nil
}

// script is a connection whose peer sends rest, at most piece bytes at a time,
// and closes.
type script struct {
	net.Conn
	rest  []byte
	piece int
}

func (s *script) Read(p []byte) (int, error) {
	if len(s.rest) == 0 {
		return 0, io.EOF
	}
	n := copy(p, s.rest[:min(s.piece, len(s.rest))])
	s.rest = s.rest[n:]
	return n, nil
}

func (s *script) SetReadDeadline(time.Time) error { return nil }
