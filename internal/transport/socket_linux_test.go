package transport

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"runtime"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// states are what a reader can be doing when something happens to its socket:
// it has parked, or it lingers in the kernel and parks after a moment.
var states = map[string]func(*testing.T, *socket, *net.TCPConn){
	"parked":    func(*testing.T, *socket, *net.TCPConn) {},
	"lingering": makeLinger,
}

func TestWhateverEndsAReadIsSeenByReadersThatParkAndThatLinger(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(*socket, *net.TCPConn)
		want error
	}{
		{"close", func(s *socket, _ *net.TCPConn) { s.close() }, net.ErrClosed},
		{"close of the reading half", func(s *socket, _ *net.TCPConn) { s.closeRead() }, io.EOF},
		{"end of the peer's half", func(_ *socket, peer *net.TCPConn) { peer.CloseWrite() }, io.EOF},
		{"end of the peer", func(_ *socket, peer *net.TCPConn) { peer.Close() }, io.EOF},
		{"reset", func(_ *socket, peer *net.TCPConn) { peer.SetLinger(0); peer.Close() }, unix.ECONNRESET},
		{"bytes", func(_ *socket, peer *net.TCPConn) { peer.Write([]byte("x")) }, nil},
	} {
		for state, reach := range states {
			t.Run(c.name+", "+state, func(t *testing.T) {
				// At several moments: while it lingers, when it parks, after.
				for delay := range 12 {
					s, peer := socketPair(t)
					reach(t, s, peer)
					read := make(chan error, 1)
					go func() {
						s.expect(true)
						_, err := s.read(make([]byte, 100), 0)
						read <- err
					}()
					<-time.After(time.Duration(delay) * time.Millisecond)
					c.do(s, peer)
					if err := within(t, read); !errors.Is(err, c.want) {
						t.Errorf("%s after %d ms: got error %v, want %v", c.name, delay, err, c.want)
					}
					s.close()
				}
			})
		}
	}
}

func TestHalfClosedPeerIsStillAnswered(t *testing.T) {
	s, peer := socketPair(t)
	peer.CloseWrite()
	if _, err := s.read(make([]byte, 1), 0); err != io.EOF {
		t.Fatalf("got error %v, want %v", err, io.EOF)
	}
	if err := s.write(net.Buffers{[]byte("bye")}, time.Second); err != nil {
		t.Fatalf("write: %v", err)
	}
	s.close()
	if got, err := io.ReadAll(peer); string(got) != "bye" || err != nil {
		t.Errorf("the peer got %q, %v, want %q", got, err, "bye")
	}
}

func TestReadIsGivenUpAfterItsLimit(t *testing.T) {
	for state, reach := range states {
		t.Run(state, func(t *testing.T) {
			s, peer := socketPair(t)
			reach(t, s, peer)
			const limit = 40 * time.Millisecond
			for range 2 { // the second with the timer of the first
				begin := time.Now()
				_, err := s.read(make([]byte, 1), limit)
				if took := time.Since(begin); !errors.Is(err, os.ErrDeadlineExceeded) || took < limit {
					t.Errorf("got error %v after %v, want %v after %v", err, took, os.ErrDeadlineExceeded, limit)
				}
			}
			peer.Write([]byte("x")) // nothing is broken by it
			if n, err := s.read(make([]byte, 1), time.Minute); n != 1 || err != nil {
				t.Errorf("read after the limit: got %d, %v", n, err)
			}
		})
	}
}

func TestWriteIsGivenUpAfterItsLimit(t *testing.T) {
	s, _ := socketPair(t)
	err := s.write(net.Buffers{make([]byte, 64<<20)}, 30*time.Millisecond)
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("got error %v, want %v", err, os.ErrDeadlineExceeded)
	}
}

func TestCloseEndsAWaitingWrite(t *testing.T) {
	for delay := range 5 {
		s, _ := socketPair(t)
		written := make(chan error, 1)
		go func() { written <- s.write(net.Buffers{make([]byte, 64<<20)}, time.Minute) }()
		<-time.After(time.Duration(delay) * time.Millisecond)
		s.close()
		if err := within(t, written); !errors.Is(err, net.ErrClosed) {
			t.Errorf("closed after %d ms: got error %v, want %v", delay, err, net.ErrClosed)
		}
	}
}

func TestWriteToAPeerThatIsGoneFails(t *testing.T) {
	s, peer := socketPair(t)
	peer.SetLinger(0)
	peer.Close()
	var err error
	// The first may leave before the reset comes.
	for end := time.Now().Add(time.Minute); err == nil && time.Now().Before(end); {
		err = s.write(net.Buffers{make([]byte, 1<<10)}, time.Second)
	}
	if !errors.Is(err, unix.ECONNRESET) && !errors.Is(err, unix.EPIPE) {
		t.Errorf("got error %v, want %v or %v", err, unix.ECONNRESET, unix.EPIPE)
	}
}

func TestWriteThatMustWaitArrivesWholeWhileTheReaderLingers(t *testing.T) {
	s, peer := socketPair(t)
	makeLinger(t, s, peer)
	go func() {
		for {
			s.expect(true)
			if _, err := s.read(make([]byte, 1), 0); err != nil {
				return
			}
		}
	}()
	var bufs net.Buffers
	var want []byte
	for i := range 3000 { // more than one system call takes
		b := bytes.Repeat([]byte{byte(i)}, i*3)
		bufs, want = append(bufs, b), append(want, b...)
	}
	written := make(chan error, 1)
	go func() { written <- s.write(bufs, time.Minute) }()
	got := make([]byte, len(want))
	for from := 0; from < len(got); from += 1 << 20 {
		peer.Write([]byte("x"))
		if _, err := io.ReadFull(peer, got[from:min(from+1<<20, len(got))]); err != nil {
			t.Fatalf("after %d bytes: %v", from, err)
		}
	}
	if err := within(t, written); err != nil || !bytes.Equal(got, want) {
		t.Errorf("write: %v; the same bytes arrived: %v", err, bytes.Equal(got, want))
	}
}

func TestReaderLingersForABusyPeerOnly(t *testing.T) {
	s, peer := socketPair(t)
	makeLinger(t, s, peer)
	go func() {
		for { // until it lingers no more
			if flags, err := unix.FcntlInt(uintptr(s.fd), unix.F_GETFL, 0); err != nil || flags&unix.O_NONBLOCK != 0 {
				break
			}
			<-time.After(time.Millisecond)
		}
		peer.Write([]byte("x"))
	}()
	s.expect(true)
	if n, err := s.read(make([]byte, 1), 0); n != 1 || err != nil {
		t.Fatalf("got %d bytes and error %v", n, err)
	}
	if s.lingers || s.prompt > 1 { // 1 if the byte came before it parked
		t.Errorf("after a pause: lingering %v, %d prompt frames, want false and 0 or 1", s.lingers, s.prompt)
	}
	makeLinger(t, s, peer)
	peer.Write([]byte("x"))
	s.expect(false)
	if n, err := s.read(make([]byte, 1), 0); n != 1 || err != nil || s.lingers {
		t.Errorf("with requests in progress: got %d, %v, lingering %v, want 1 byte, false", n, err, s.lingers)
	}
}

func TestReaderGoesOnLingeringWhileThereIsNoDescriptorToParkWith(t *testing.T) {
	s, peer := socketPair(t)
	makeLinger(t, s, peer)
	if err := s.setFlags(unix.O_NONBLOCK); err != nil { // as a writer does that waits
		t.Fatal(err)
	}
	var err error
	withoutDescriptors(t, func() { _, err = s.read(make([]byte, 1), 40*time.Millisecond) })
	if !errors.Is(err, os.ErrDeadlineExceeded) || !s.lingers {
		t.Errorf("got error %v, lingering %v, want %v, true", err, s.lingers, os.ErrDeadlineExceeded)
	}
	if flags, err := unix.FcntlInt(uintptr(s.fd), unix.F_GETFL, 0); err != nil || flags&unix.O_NONBLOCK != 0 {
		t.Errorf("flags %#x, error %v: it does not wait in the kernel any more", flags, err)
	}
	peer.Write([]byte("x"))
	if n, err := s.read(make([]byte, 1), time.Second); n != 1 || err != nil {
		t.Errorf("afterwards: got %d bytes and error %v", n, err)
	}
}

func TestWriterWaitsWithoutADescriptorToSpare(t *testing.T) {
	s, peer := socketPair(t)
	want := bytes.Repeat([]byte("signed or sealed"), 4<<20)
	received := make(chan []byte, 1)
	withoutDescriptors(t, func() {
		go func() {
			got := make([]byte, len(want))
			io.ReadFull(peer, got)
			received <- got
		}()
		if err := s.write(net.Buffers{bytes.Clone(want)}, time.Minute); err != nil {
			t.Errorf("write: %v", err)
		}
		if err := s.write(net.Buffers{make([]byte, 64<<20)}, 20*time.Millisecond); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("nobody reads: got error %v, want %v", err, os.ErrDeadlineExceeded)
		}
	})
	if !bytes.Equal(<-received, want) {
		t.Error("other bytes arrived")
	}
}

// withoutDescriptors runs do while the process can open nothing.
func withoutDescriptors(t *testing.T, do func()) {
	t.Helper()
	var old unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &old); err != nil {
		t.Fatalf("getrlimit: %v", err)
	}
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: 3, Max: old.Max}); err != nil {
		t.Fatalf("setrlimit: %v", err)
	}
	do()
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &old); err != nil {
		t.Fatalf("setrlimit: %v", err)
	}
}

func TestSignalsDoNotEndALingeringRead(t *testing.T) {
	s, peer := socketPair(t)
	for range 20 {
		makeLinger(t, s, peer)
		thread := make(chan int, 1)
		read := make(chan error, 1)
		go func() {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			thread <- unix.Gettid()
			s.expect(true)
			_, err := s.read(make([]byte, 1), 0)
			read <- err
		}()
		tid := <-thread
		for range 30 {
			unix.Tgkill(unix.Getpid(), tid, unix.SIGURG) // as the Go runtime does
			<-time.After(50 * time.Microsecond)
		}
		peer.Write([]byte("x"))
		if err := within(t, read); err != nil {
			t.Fatalf("read: %v", err)
		}
	}
}

// A reader that is left with the number of a closed descriptor would read what
// another connection is sent.
func TestSocketsClosedInUseLeaveNothingAndMixNothingUp(t *testing.T) {
	socketPair(t) // Go's poller has descriptors, too, from its first use on
	runtime.GC()  // connections that other tests left; some may go later
	before := descriptors(t)
	for round := range 30 {
		var wg sync.WaitGroup
		for i := range 8 {
			s, peer := socketPair(t)
			tag := byte(round*8 + i)
			wg.Go(func() {
				p := make([]byte, 64)
				for {
					s.expect(true)
					n, err := s.read(p, 0)
					if err != nil {
						if !errors.Is(err, net.ErrClosed) {
							t.Errorf("read: %v", err)
						}
						return
					}
					if x := bytes.TrimLeft(p[:n], string(tag)); len(x) > 0 && tag < 0x80 {
						t.Errorf("connection %#x received % x", tag, x)
						return
					}
					if err := s.write(net.Buffers{p[:1]}, time.Minute); err != nil && !errors.Is(err, net.ErrClosed) {
						t.Errorf("write: %v", err)
					}
				}
			})
			wg.Go(func() {
				defer peer.Close()
				for p := []byte{tag}; ; {
					if _, err := peer.Write(p); err != nil {
						return
					}
					if _, err := io.ReadFull(peer, p); err != nil {
						return
					}
					if p[0] != tag {
						t.Errorf("connection %#x was answered %#x", tag, p[0])
					}
				}
			})
			for range 2 {
				wg.Go(func() {
					<-time.After(time.Duration(i*round%11) * time.Millisecond)
					s.close()
				})
			}
		}
		wg.Wait()
	}
	if after := descriptors(t); after > before {
		t.Errorf("%d descriptors are open, %d were before", after, before)
	}
}

func TestClosedSocketIsClosed(t *testing.T) {
	s, _ := socketPair(t)
	if err := s.close(); err != nil {
		t.Fatalf("close: %v", err)
	}
	_, read := s.read(make([]byte, 1), 0)
	for name, err := range map[string]error{
		"read":  read,
		"write": s.write(net.Buffers{[]byte("x")}, time.Second),
		"half":  s.closeRead(),
		"close": s.close(),
	} {
		if !errors.Is(err, net.ErrClosed) {
			t.Errorf("%s: got error %v, want %v", name, err, net.ErrClosed)
		}
	}
}

func TestParkedReadersCostNoThread(t *testing.T) {
	const n = 200
	var wg sync.WaitGroup
	sockets := make([]*socket, n)
	for i := range sockets {
		s, _ := socketPair(t)
		sockets[i] = s
		wg.Go(func() { s.read(make([]byte, 1), 0) })
	}
	threads, err := os.ReadDir("/proc/self/task")
	if err != nil {
		t.Fatalf("list threads: %v", err)
	}
	if len(threads) > n/2 {
		t.Errorf("%d readers and %d threads", n, len(threads))
	}
	for _, s := range sockets {
		s.close()
	}
	wg.Wait()
}

// socketPair returns a socket that a test closes, or its end, and its peer.
func socketPair(t *testing.T) (*socket, *net.TCPConn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("listen on loopback: %v", err)
	}
	defer l.Close()
	peer, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatalf("dial loopback: %v", err)
	}
	c, err := l.Accept()
	if err != nil {
		t.Fatalf("accept on loopback: %v", err)
	}
	s := newSocket(c)
	if s == nil {
		t.Fatal("no socket was made of a TCP connection")
	}
	t.Cleanup(func() { s.close(); peer.Close() })
	if c.Close() == nil {
		t.Error("the net.Conn is open still")
	}
	if got, want := c.RemoteAddr().String(), peer.LocalAddr().String(); got != want {
		t.Errorf("the closed net.Conn is of %s, want %s", got, want)
	}
	return s, peer.(*net.TCPConn)
}

// makeLinger has s read bytes of a busy peer until its reader lingers.
func makeLinger(t *testing.T, s *socket, peer *net.TCPConn) {
	t.Helper()
	if before := runtime.GOMAXPROCS(0); before < 64 {
		runtime.GOMAXPROCS(64) // other tests' connections do not make a crowd
		t.Cleanup(func() { runtime.GOMAXPROCS(before) })
	}
	for end := time.Now().Add(time.Minute); !s.lingers; {
		if time.Now().After(end) {
			t.Fatal("the reader does not linger")
		}
		peer.Write([]byte("x"))
		s.expect(true)
		if _, err := s.read(make([]byte, 1), 0); err != nil {
			t.Fatalf("read: %v", err)
		}
	}
}

// within returns what comes from c, soon.
func within(t *testing.T, c <-chan error) error {
	t.Helper()
	select {
	case err := <-c:
		return err
	case <-time.After(time.Minute):
		return errors.New("nothing happened for a minute")
	}
}

// descriptors returns how many descriptors the process has.
func descriptors(t *testing.T) int {
	t.Helper()
	list, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatalf("list descriptors: %v", err)
	}
	return len(list)
}
