package transport

import (
	"cmp"
	"errors"
	"io"
	"net"
	"os"
	"runtime"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// socket is a TCP connection by way of its descriptor, which it owns. Who reads
// it either parks, as goroutines do, in Go's poller, which knows a copy of the
// descriptor for that; or lingers, see crowd: waits in the kernel, and Go's
// poller, which would wake another thread for each message, knows nothing. One
// goroutine at a time may read, one may write, any may close.
//
// While the reader lingers the socket is in blocking mode, with a time-out for
// reads of lingerTime. A writer never blocks; one that has to wait gives Go's
// poller a copy, too, for that time.
type socket struct {
	fd    int
	state atomic.Int32 // users of fd, and isClosed; the last user closes fd

	// Owned by the reader, then by the last user.
	lingers  bool            // with leave of the crowd
	file     *os.File        // the copy that Go's poller knows; nil: the reader lingers
	raw      syscall.RawConn // of file
	limited  bool            // file has a deadline
	prompt   int             // how many frames in a row came without much of a wait
	presence uint32          // see crowd
	parked   time.Time       // when others last had the processor

	// tryRead is what the reader hands to raw, made once; the others are its
	// argument and results. began is when there was nothing, or zero.
	tryRead  func(fd uintptr) bool
	in       []byte
	received int
	failed   error
	began    time.Time
}

// isClosed is added to socket.state by close: nobody may begin to use fd.
const isClosed = 1 << 30

// promptEnough is how many frames in a row must have come within lingerTime
// before a reader lingers for the next: lingering in vain costs more than
// parking.
const promptEnough = 4

// turn is for how long a reader that finds bytes whenever it looks keeps the
// processor: for a few small requests.
const turn = 250 * time.Microsecond

// newSocket takes the connection away from c, which is closed then but still
// knows its addresses. It returns nil, and leaves c as it was, if c is no TCP
// connection or there are no descriptors left.
func newSocket(c net.Conn) *socket {
	tc, ok := c.(*net.TCPConn)
	if !ok {
		return nil
	}
	raw, err := tc.SyscallConn()
	if err != nil {
		return nil // closed already: the net.Conn will say so
	}
	s := &socket{fd: -1}
	s.tryRead = s.readNow
	if err := raw.Control(func(fd uintptr) { s.fd, err = duplicate(int(fd)) }); err != nil || s.fd < 0 {
		return nil
	}
	if err := s.take(); err != nil {
		unix.Close(s.fd)
		return nil
	}
	tc.Close()
	return s
}

// duplicate returns another descriptor of the same socket, or -1.
func duplicate(fd int) (int, error) {
	return unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 0)
}

// take prepares the socket for a life without its net.Conn. An error leaves it
// as it was.
func (s *socket) take() error {
	limit := unix.NsecToTimeval(lingerTime.Nanoseconds())
	err := unix.SetsockoptTimeval(s.fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &limit)
	if err != nil {
		return os.NewSyscallError("setsockopt", err)
	}
	return s.attach()
}

// attach lets the reader park.
func (s *socket) attach() error {
	file, err := s.watched()
	if err != nil {
		return err
	}
	s.file = file
	s.raw, err = file.SyscallConn()
	return err
}

// watched returns a copy of the descriptor that Go's poller knows. The socket
// is not in blocking mode any more: a reader that lingers will see that nothing
// is there and park, too.
func (s *socket) watched() (*os.File, error) {
	fd, err := duplicate(s.fd)
	if err != nil {
		return nil, os.NewSyscallError("dup", err)
	}
	if err := s.setFlags(unix.O_NONBLOCK); err != nil { // or Go's poller would not watch it
		unix.Close(fd)
		return nil, err
	}
	return os.NewFile(uintptr(fd), "socket"), nil
}

// acquire begins a use of the descriptor, and reports false if the socket is
// closed. Each use ends with release.
func (s *socket) acquire() bool {
	for {
		n := s.state.Load()
		if n&isClosed != 0 {
			return false
		}
		if s.state.CompareAndSwap(n, n+1) {
			return true
		}
	}
}

func (s *socket) release() {
	if s.state.Add(-1) == isClosed {
		if s.lingers {
			processCrowd.endLinger()
		}
		if s.file != nil {
			s.file.Close()
		}
		unix.Close(s.fd)
	}
}

// close ends the connection and every wait for it. The descriptor lives until
// its last user has left it, so no other connection can get its number under
// them.
func (s *socket) close() error {
	for {
		n := s.state.Load()
		if n&isClosed != 0 {
			return net.ErrClosed
		}
		if s.state.CompareAndSwap(n, n+1|isClosed) {
			break
		}
	}
	defer s.release()
	_ = unix.Shutdown(s.fd, unix.SHUT_RDWR) // who waits is woken; the error is a peer that has gone
	return nil
}

// closeRead lets the reader see the end of the stream after what is there.
func (s *socket) closeRead() error {
	if !s.acquire() {
		return net.ErrClosed
	}
	defer s.release()
	return os.NewSyscallError("shutdown", unix.Shutdown(s.fd, unix.SHUT_RD))
}

// expect says that a frame is to be read next, and whether the peer is likely
// to send one now. An error is of a socket that is of no use any more.
func (s *socket) expect(soon bool) error {
	if !s.acquire() {
		return net.ErrClosed
	}
	defer s.release()
	switch may := soon && s.prompt >= promptEnough && processCrowd.allows(); {
	case s.lingers && !may:
		return s.endLinger()
	case !s.lingers && may && processCrowd.beginLinger():
		return s.beginLinger()
	}
	return nil
}

// read waits for bytes, for no more than limit if it is not 0, and returns how
// many it read into p, which is not empty: one or more, or io.EOF or another
// error.
func (s *socket) read(p []byte, limit time.Duration) (int, error) {
	if !s.acquire() {
		return 0, net.ErrClosed
	}
	defer s.release()
	n, err := s.receive(p, limit)
	switch {
	case s.state.Load()&isClosed != 0:
		return 0, net.ErrClosed
	case err != nil:
		return 0, err
	case n == 0:
		return 0, io.EOF
	}
	first := processCrowd.enter(&s.presence)
	switch {
	case s.lingers && first:
		// Go's monitor thread takes who has not been scheduled for 10 ms for
		// stuck, wakes up every 20 us from then on, and sends a signal.
		runtime.Gosched()
	case !s.lingers:
		s.yield()
	}
	return n, nil
}

// yield lets others have the processor if the reader, which could have parked,
// did not for a turn: it has found the next bytes there whenever it had answered
// the last ones, as where client and server share a processor. Go would let it
// go on for 10 ms, and what came before on another connection be late by as much.
func (s *socket) yield() {
	if now := time.Now(); now.Sub(s.parked) >= turn {
		s.parked = now
		runtime.Gosched()
	}
}

// receive is read without a look at what its results mean.
func (s *socket) receive(p []byte, limit time.Duration) (int, error) {
	var until time.Time
	if limit > 0 {
		until = time.Now().Add(limit)
	}
	for s.lingers { // once, mostly
		n, err := s.linger(p)
		if !errors.Is(err, unix.EAGAIN) {
			return n, os.NewSyscallError("read", err)
		}
		s.prompt = 0
		if limit > 0 && time.Now().After(until) {
			return 0, os.ErrDeadlineExceeded
		}
		if err := s.endLinger(); err != nil {
			return 0, err
		}
	}
	if s.limited || limit > 0 {
		if err := s.file.SetReadDeadline(until); err != nil {
			return 0, err
		}
		s.limited = limit > 0
	}
	s.in, s.began = p, time.Time{}
	err := s.raw.Read(s.tryRead)
	s.in = nil
	if err != nil {
		return 0, err
	}
	var waited time.Duration
	if !s.began.IsZero() {
		s.parked = time.Now()
		waited = s.parked.Sub(s.began)
	}
	s.note(waited)
	return s.received, s.failed
}

// readNow reads what is there, as a callback of raw. It reports false if there is nothing: raw then
// waits and asks again.
func (s *socket) readNow(uintptr) bool {
	for {
		n, err := unix.Read(s.fd, s.in)
		switch err {
		case unix.EINTR:
			continue
		case unix.EAGAIN:
			if s.began.IsZero() {
				s.began = time.Now()
			}
			return false
		}
		s.received, s.failed = max(n, 0), os.NewSyscallError("read", err)
		return true
	}
}

// linger reads what is there or comes within lingerTime; otherwise the error
// is EAGAIN.
func (s *socket) linger(p []byte) (int, error) {
	for {
		// The Go runtime interrupts threads at will: to begin again takes some
		// time more, no harm.
		n, err := unix.Read(s.fd, p)
		if err != unix.EINTR {
			return max(n, 0), err
		}
	}
}

// beginLinger lets the reader wait in the kernel. The crowd has allowed it.
func (s *socket) beginLinger() error {
	s.lingers = true
	file := s.file
	s.file, s.raw, s.limited = nil, nil, false
	if err := file.Close(); err != nil {
		return err
	}
	return s.setFlags(0)
}

// endLinger lets the reader park again, and others linger. While there is no
// descriptor to be had the reader goes on as before, in blocking mode, which a
// writer may have ended. An error is of a socket that is of no use any more.
func (s *socket) endLinger() error {
	if s.attach() != nil {
		return s.setFlags(0)
	}
	s.lingers = false
	processCrowd.endLinger()
	return nil
}

func (s *socket) setFlags(flags int) error {
	_, err := unix.FcntlInt(uintptr(s.fd), unix.F_SETFL, flags)
	return os.NewSyscallError("fcntl", err)
}

// note notes how long the peer let us wait for the bytes just read.
func (s *socket) note(waited time.Duration) {
	if waited > lingerTime {
		s.prompt = 0
	} else {
		s.prompt = min(s.prompt+1, promptEnough)
	}
}

// write sends bufs, whose elements it consumes. What the socket does not take
// at once it must have taken within limit.
func (s *socket) write(bufs net.Buffers, limit time.Duration) error {
	if !s.acquire() {
		return net.ErrClosed
	}
	defer s.release()
	done, err := s.send(&bufs)
	if !done {
		err = s.sendSlowly(&bufs, time.Now().Add(limit))
	}
	if s.state.Load()&isClosed != 0 {
		return net.ErrClosed
	}
	return err
}

// tryWrite sends what the socket takes of bufs at once, whose elements it
// consumes, and returns the rest.
func (s *socket) tryWrite(bufs net.Buffers) (net.Buffers, error) {
	if !s.acquire() {
		return nil, net.ErrClosed
	}
	defer s.release()
	_, err := s.send(&bufs)
	if s.state.Load()&isClosed != 0 {
		return nil, net.ErrClosed
	}
	return bufs, err
}

// sendSlowly is send for what the socket takes until then.
func (s *socket) sendSlowly(bufs *net.Buffers, until time.Time) error {
	file, err := s.watched()
	if err != nil {
		return s.sendAndBlock(bufs, until)
	}
	defer file.Close()
	if err := file.SetWriteDeadline(until); err != nil {
		return err
	}
	raw, err := file.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	err = raw.Write(func(uintptr) (done bool) {
		done, failed = s.send(bufs)
		return done
	})
	return cmp.Or(failed, err)
}

// sendAndBlock is sendSlowly while there is no descriptor to be had: it keeps
// its thread.
func (s *socket) sendAndBlock(bufs *net.Buffers, until time.Time) error {
	for {
		left := time.Until(until)
		if left <= 0 {
			return os.ErrDeadlineExceeded
		}
		ready := []unix.PollFd{{Fd: int32(s.fd), Events: unix.POLLOUT}}
		if _, err := unix.Poll(ready, int(left.Milliseconds())+1); err != nil && err != unix.EINTR {
			return os.NewSyscallError("poll", err)
		}
		if done, err := s.send(bufs); done {
			return err
		}
	}
}

// send sends what the socket takes of bufs at once, whose elements it consumes,
// and reports whether that is the end of it: all is sent, or it has failed.
func (s *socket) send(bufs *net.Buffers) (done bool, err error) {
	for len(*bufs) > 0 {
		n, err := s.sendOnce(*bufs)
		switch {
		case err == nil:
			*bufs = consume(*bufs, n)
		case errors.Is(err, unix.EAGAIN):
			return false, nil
		case !errors.Is(err, unix.EINTR):
			return true, os.NewSyscallError("write", err)
		}
	}
	return true, nil
}

// maxVector is how many buffers Linux takes at once, UIO_MAXIOV.
const maxVector = 1024

// sendOnce is one system call of send.
func (s *socket) sendOnce(bufs net.Buffers) (int, error) {
	const flags = unix.MSG_DONTWAIT | unix.MSG_NOSIGNAL
	if len(bufs) == 1 {
		return unix.SendmsgN(s.fd, bufs[0], nil, nil, flags)
	}
	return unix.SendmsgBuffers(s.fd, bufs[:min(len(bufs), maxVector)], nil, nil, flags)
}

// consume takes the first n bytes off bufs, and what is empty then.
func consume(bufs net.Buffers, n int) net.Buffers {
	for len(bufs) > 0 {
		k := min(n, len(bufs[0]))
		bufs[0] = bufs[0][k:]
		n -= k
		if len(bufs[0]) > 0 {
			break
		}
		bufs = bufs[1:]
	}
	return bufs
}
