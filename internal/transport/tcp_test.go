package transport_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"runtime"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/signet-smb/signet/internal/bufpool"
	"github.com/signet-smb/signet/internal/invariants"
	"github.com/signet-smb/signet/internal/transport"
)

const limit = 8<<20 + 1<<10 // the maxFrame of most tests

func TestFrameHeaderIsAZeroByteAndABigEndianLength(t *testing.T) {
	for n, want := range map[int][4]byte{
		0:                  {0, 0, 0, 0},
		64:                 {0, 0, 0, 64},
		0x12345:            {0, 0x01, 0x23, 0x45},
		transport.MaxFrame: {0, 0xFF, 0xFF, 0xFF},
	} {
		got := [4]byte{9, 9, 9, 9}
		transport.PutFrameHeader(got[:], n)
		if got != want {
			t.Errorf("PutFrameHeader(%#x): got % x, want % x", n, got, want)
		}
	}
}

func TestMessageThatCannotBeFramedPanics(t *testing.T) {
	for _, n := range []int{-1, transport.MaxFrame + 1} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("PutFrameHeader(%d) did not panic", n)
				}
			}()
			transport.PutFrameHeader(make([]byte, 4), n)
		}()
	}
}

// Sizes around every step of the growing buffer.
var sizes = []int{0, 1, 3, 64, 300, 4<<10 + 112, 64 << 10, 64<<10 + 256, 64<<10 + 257, 1<<20 + 256, 1<<20 + 257, 8<<20 + 300}

func TestMessagesArriveWholeAndInOrder(t *testing.T) {
	for name, pair := range map[string]func(testing.TB) (net.Conn, net.Conn){"pipe": pipe, "tcp": loopback} {
		t.Run(name, func(t *testing.T) {
			bufpool.LeakCheck(t)
			a, b := pair(t)
			from, to := newTCP(t, a), newTCP(t, b)
			var want [][]byte
			for i, n := range sizes {
				want = append(want, message(i, n))
			}
			sent := make(chan error, 1)
			go func() { sent <- writeAll(from, want) }()
			for _, w := range want {
				expect(t, to, w)
			}
			if err := <-sent; err != nil {
				t.Errorf("Write: %v", err)
			}
		})
	}
}

func TestManyBuffersLeaveAsOneStream(t *testing.T) {
	bufpool.LeakCheck(t)
	a, b := loopback(t)
	var chain net.Buffers
	var want [][]byte
	for i := range 2000 { // more than one writev takes
		msg := message(i, 10+i%50)
		want = append(want, msg)
		chain = append(chain, header(len(msg)), msg[:5], msg[5:])
	}
	sent := make(chan error, 1)
	go func() { sent <- newTCP(t, a).Write(chain) }()
	to := newTCP(t, b)
	for _, w := range want {
		expect(t, to, w)
	}
	if err := <-sent; err != nil {
		t.Errorf("Write: %v", err)
	}
}

func TestSlowPeerIsWaitedForByteByByte(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bufpool.LeakCheck(t)
		a, b := pipe(t)
		msg := message(1, 200)
		go func() {
			for _, c := range append(header(len(msg)), msg...) {
				time.Sleep(100 * time.Millisecond)
				a.Write([]byte{c})
			}
		}()
		expect(t, newTCP(t, b), msg)
	})
}

func TestIdleConnectionMayWaitForeverBetweenFrames(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bufpool.LeakCheck(t)
		a, b := pipe(t)
		to := newTCP(t, b)
		go func() {
			a.Write(append(header(3), "one"...))
			time.Sleep(30 * 24 * time.Hour)
			a.Write(append(header(3), "two"...))
		}()
		expect(t, to, []byte("one"))
		expect(t, to, []byte("two"))
	})
}

func TestPeerThatStallsWithinAFrameIsGivenUp(t *testing.T) {
	big := append(header(8<<20), make([]byte, 300<<10)...)
	for name, sent := range map[string][]byte{
		"in the header":        {0, 0},
		"before any byte":      header(8 << 20),
		"after the first byte": append(header(100), 1),
		"in a large message":   big,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				bufpool.LeakCheck(t)
				a, b := pipe(t)
				go a.Write(sent)
				start := time.Now()
				_, err := newTCP(t, b).Read(transport.Limit(limit))
				if !errors.Is(err, os.ErrDeadlineExceeded) {
					t.Errorf("got error %v, want one that wraps %v", err, os.ErrDeadlineExceeded)
				}
				if took, want := time.Since(start), transport.StallTimeout; took != want {
					t.Errorf("gave up after %v, want %v", took, want)
				}
			})
		})
	}
}

func TestSlowLineKeepsALargeFrameAliveByProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bufpool.LeakCheck(t)
		a, b := pipe(t)
		msg := message(2, 512<<10)
		go func() {
			a.Write(header(len(msg)))
			for part := range slices.Chunk(msg, 64<<10) {
				time.Sleep(transport.StallTimeout - time.Second)
				a.Write(part)
			}
		}()
		expect(t, newTCP(t, b), msg)
	})
}

func TestPeerThatTakesNothingIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, _ := pipe(t)
		err := newTCP(t, a).Write(net.Buffers{header(3), []byte("abc")})
		if !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("got error %v, want one that wraps %v", err, os.ErrDeadlineExceeded)
		}
	})
}

func TestFrameAboveTheLimitIsRefusedBeforeItsFirstByte(t *testing.T) {
	bufpool.LeakCheck(t)
	a, b := pipe(t)
	go a.Write(header(68<<10 + 1))
	_, err := newTCP(t, b).Read(transport.Limit(68 << 10))
	if !errors.Is(err, transport.ErrFrameTooLarge) {
		t.Errorf("got error %v, want one that wraps %v", err, transport.ErrFrameTooLarge)
	}
}

func TestFrameAtTheLimitIsAccepted(t *testing.T) {
	bufpool.LeakCheck(t)
	a, b := pipe(t)
	msg := message(3, 68<<10)
	go writeAll(newTCP(t, a), [][]byte{msg})
	got, err := newTCP(t, b).Read(transport.Limit(len(msg)))
	if err != nil {
		t.Fatalf("Read: %v", err)
	}
	defer got.Release()
	if !bytes.Equal(got.B, msg) {
		t.Errorf("message of %d bytes arrived altered", len(msg))
	}
}

func TestKeepAliveIsPassedOver(t *testing.T) {
	bufpool.LeakCheck(t)
	a, b := pipe(t)
	go a.Write(slices.Concat([]byte{0x85, 0, 0, 0}, []byte{0x85, 0, 0, 0}, header(2), []byte("ok")))
	expect(t, newTCP(t, b), []byte("ok"))
}

func TestOtherFrameTypesAreRefused(t *testing.T) {
	for name, h := range map[string][]byte{
		"NetBIOS session request":   {0x81, 0, 0, 68},
		"keep-alive with a payload": {0x85, 0, 0, 1},
		"TLS handshake":             {0x16, 3, 1, 2},
		"HTTP":                      []byte("GET "),
	} {
		t.Run(name, func(t *testing.T) {
			bufpool.LeakCheck(t)
			a, b := pipe(t)
			go a.Write(h)
			_, err := newTCP(t, b).Read(transport.Limit(limit))
			if !errors.Is(err, transport.ErrFrameType) {
				t.Errorf("frame % x: got error %v, want one that wraps %v", h, err, transport.ErrFrameType)
			}
		})
	}
}

func TestEndOfStreamIsCleanOnlyBetweenFrames(t *testing.T) {
	frame := append(header(70<<10), message(4, 70<<10)...)
	for _, c := range []struct {
		sent int
		want error
	}{
		{0, io.EOF},
		{1, io.ErrUnexpectedEOF},
		{3, io.ErrUnexpectedEOF},
		{4, io.ErrUnexpectedEOF},
		{5, io.ErrUnexpectedEOF},
		{4 + 64<<10 + 256, io.ErrUnexpectedEOF}, // exactly the first step
		{len(frame) - 1, io.ErrUnexpectedEOF},
	} {
		t.Run(fmt.Sprintf("after %d bytes", c.sent), func(t *testing.T) {
			bufpool.LeakCheck(t)
			a, b := loopback(t)
			go func() {
				a.Write(frame[:c.sent])
				a.Close()
			}()
			if _, err := newTCP(t, b).Read(transport.Limit(limit)); err != c.want {
				t.Errorf("got error %v, want %v", err, c.want)
			}
		})
	}
}

func TestCloseEndsAWaitingRead(t *testing.T) {
	bufpool.LeakCheck(t)
	_, b := loopback(t)
	to := newTCP(t, b)
	read := make(chan error, 1)
	go func() {
		_, err := to.Read(transport.Limit(limit))
		read <- err
	}()
	if err := to.Close(); err != nil {
		t.Fatalf("Close: %v", err)
	}
	if err := <-read; !errors.Is(err, net.ErrClosed) {
		t.Errorf("got error %v, want one that wraps %v", err, net.ErrClosed)
	}
}

func TestAnnouncedLengthTakesLittleMemoryUntilItsBytesArrive(t *testing.T) {
	if !invariants.Enabled {
		t.Skip("memory on loan is counted only with -race or -tags invariants")
	}
	for _, c := range []struct{ sent, want int }{
		{0, 64<<10 + 256},
		{10, 64<<10 + 256},
		{100 << 10, 1<<20 + 256},
	} {
		t.Run(fmt.Sprintf("%d bytes sent", c.sent), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				bufpool.LeakCheck(t)
				before := bufpool.OutstandingBytes()
				a, b := pipe(t)
				to := newTCP(t, b)
				done := make(chan struct{})
				go func() {
					defer close(done)
					to.Read(transport.Limit(limit))
				}()
				synctest.Wait()
				if got := bufpool.OutstandingBytes() - before; got != 0 {
					t.Errorf("an idle connection holds %d bytes, want none", got)
				}
				a.Write(append(header(8<<20), make([]byte, c.sent)...))
				synctest.Wait()
				if got := bufpool.OutstandingBytes() - before; got != c.want {
					t.Errorf("8 MiB announced, %d bytes sent: %d bytes taken, want %d", c.sent, got, c.want)
				}
				a.Close()
				<-done
			})
		})
	}
}

// counter is an owner that counts what is held, and notes the most.
type counter struct {
	max        func() int
	held, most int
}

func (c *counter) MaxFrame() int  { return c.max() }
func (c *counter) Thrifty() bool  { return true }
func (c *counter) Answered() bool { return true }
func (c *counter) Hold(n int)     { c.held += n; c.most = max(c.most, c.held) }

func TestThriftyOwnerLendsLittleMoreThanHasArrived(t *testing.T) {
	for _, c := range []struct{ sent, want int }{
		{0, 4<<10 + 256},
		{4 << 10, 4<<10 + 256},
		{5 << 10, 64<<10 + 256 + 4<<10 + 256}, // while the first step is copied
	} {
		bufpool.LeakCheck(t)
		a, b := loopback(t) // a pipe takes no deadline once its far end is closed
		o := &counter{max: func() int { return limit }}
		go func() {
			a.Write(append(header(8<<20), make([]byte, c.sent)...))
			a.Close()
		}()
		if _, err := newTCP(t, b).Read(o); err != io.ErrUnexpectedEOF {
			t.Errorf("%d bytes sent: got error %v", c.sent, err)
		}
		if o.most != c.want || o.held != 0 {
			t.Errorf("%d bytes sent: held %d at most, want %d; %d after the error, want none", c.sent, o.most, c.want, o.held)
		}
	}
}

func TestWhatIsHeldForAMessageIsTheMemoryOfItsBuffer(t *testing.T) {
	for _, n := range []int{0, 1, 4<<10 + 256, 64 << 10, 70 << 10, 1 << 20, limit} {
		bufpool.LeakCheck(t)
		a, b := loopback(t)
		go writeAll(newTCP(t, a), [][]byte{message(5, n)})
		o := &counter{max: func() int { return n }}
		m, err := newTCP(t, b).Read(o)
		if err != nil {
			t.Fatalf("%d bytes: %v", n, err)
		}
		if want := bufpool.Cap(n); o.held != want {
			t.Errorf("%d bytes: %d held, want %d", n, o.held, want)
		}
		m.Release()
	}
}

func TestTheLimitIsAskedWhenAMessageComesNotBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bufpool.LeakCheck(t)
		a, b := pipe(t)
		allowed := 10
		o := &counter{max: func() int { return allowed }}
		read := make(chan error)
		go func() {
			m, err := newTCP(t, b).Read(o)
			if err == nil {
				m.Release()
			}
			read <- err
		}()
		synctest.Wait() // it waits for the header
		allowed = 20
		go writeAll(newTCP(t, a), [][]byte{message(6, 20)})
		if err := <-read; err != nil {
			t.Errorf("a message of 20 bytes, allowed since the wait began: %v", err)
		}
	})
}

// A peer that reads nothing does not hold up who tries; what is left arrives
// behind what was sent.
func TestTryWriteReturnsWhatDoesNotFitAndNothingIsLost(t *testing.T) {
	for name, pair := range map[string]func(testing.TB) (net.Conn, net.Conn){"pipe": pipe, "loopback": loopback} {
		t.Run(name, func(t *testing.T) {
			a, b := pair(t)
			from, to := newTCP(t, a), newTCP(t, b)
			const n = 4
			var left net.Buffers
			for i := range n {
				msg := message(i, 8<<20)
				rest := net.Buffers{header(len(msg)), msg}
				if len(left) == 0 {
					var err error
					if rest, err = from.TryWrite(rest); err != nil {
						t.Fatal(err)
					}
				}
				left = append(left, rest...)
			}
			if len(left) == 0 {
				t.Fatal("32 MiB were taken at once")
			}
			written := started(func() error { return from.Write(left) })
			for i := range n {
				expect(t, to, message(i, 8<<20))
			}
			if err := <-written; err != nil {
				t.Fatal(err)
			}
		})
	}
	a, b := loopback(t)
	from := newTCP(t, a)
	b.Close()
	from.Close()
	if _, err := from.TryWrite(net.Buffers{header(0)}); !errors.Is(err, net.ErrClosed) && runtime.GOOS == "linux" {
		t.Errorf("closed: %v", err)
	}
}

// started runs f and gives what it returns.
func started(f func() error) <-chan error {
	done := make(chan error, 1)
	go func() { done <- f() }()
	return done
}

func TestSmallMessagesAreReadAndWrittenWithoutAllocating(t *testing.T) {
	if invariants.Enabled {
		t.Skip("the ledger kept under invariants allocates")
	}
	a, b := loopback(t)
	from, to := newTCP(t, a), newTCP(t, b)
	frame := append(header(200), make([]byte, 200)...)
	bufs := make(net.Buffers, 2)
	got := testing.AllocsPerRun(200, func() {
		bufs[0], bufs[1] = frame[:100], frame[100:]
		if err := from.Write(bufs); err != nil {
			t.Fatal(err)
		}
		m, err := to.Read(transport.Limit(limit))
		if err != nil {
			t.Fatal(err)
		}
		m.Release()
	})
	if got != 0 {
		t.Errorf("one message allocates %v times, want 0", got)
	}
}

func BenchmarkLoopback(b *testing.B) {
	for _, n := range []int{200, 4<<10 + 112, 64<<10 + 112, 1<<20 + 112, 8<<20 + 112} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			x, y := loopback(b)
			from, to := newTCP(b, x), newTCP(b, y)
			frame := append(header(n), make([]byte, n)...)
			b.SetBytes(int64(n))
			b.ReportAllocs()
			go func() {
				bufs := make(net.Buffers, 1)
				for {
					bufs[0] = frame
					if from.Write(bufs) != nil {
						return
					}
				}
			}()
			for b.Loop() {
				m, err := to.Read(transport.Limit(limit))
				if err != nil {
					b.Fatal(err)
				}
				m.Release()
			}
		})
	}
}

// message is n bytes that depend on seed, so that a mix-up shows.
func message(seed, n int) []byte {
	msg := make([]byte, n)
	r := rand.NewChaCha8([32]byte{byte(seed), byte(seed >> 8)})
	r.Read(msg)
	return msg
}

func header(n int) []byte {
	h := make([]byte, 4)
	transport.PutFrameHeader(h, n)
	return h
}

func writeAll(c transport.Conn, msgs [][]byte) error {
	for _, msg := range msgs {
		if err := c.Write(net.Buffers{header(len(msg)), msg}); err != nil {
			return err
		}
	}
	return nil
}

// expect reads one message and compares it.
func expect(t *testing.T, c transport.Conn, want []byte) {
	t.Helper()
	got, err := c.Read(transport.Limit(limit))
	if err != nil {
		t.Fatalf("Read of a message of %d bytes: %v", len(want), err)
	}
	defer got.Release()
	if !bytes.Equal(got.B, want) {
		t.Fatalf("message of %d bytes arrived altered, with %d bytes", len(want), len(got.B))
	}
}

func pipe(t testing.TB) (net.Conn, net.Conn) {
	a, b := net.Pipe()
	t.Cleanup(func() { a.Close(); b.Close() })
	return a, b
}

func loopback(t testing.TB) (net.Conn, net.Conn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("listen on loopback: %v", err)
	}
	defer l.Close()
	a, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatalf("dial loopback: %v", err)
	}
	b, err := l.Accept()
	if err != nil {
		t.Fatalf("accept on loopback: %v", err)
	}
	t.Cleanup(func() { a.Close(); b.Close() })
	return a, b
}

// newTCP returns the transport over c, closed when the test ends.
func newTCP(t testing.TB, c net.Conn) transport.Conn {
	to := transport.NewTCP(c)
	t.Cleanup(func() { to.Close() })
	return to
}
