package transport

import (
	"io"
	"net"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// socket is a connection by way of its descriptor: it is read and written
// without the deadlines and wake-ups that a net.Conn needs to wait. Where there
// is nothing to be had at once it waits as a net.Conn does, and obeys the same
// deadlines. One goroutine at a time may read, one may write.
type socket struct {
	raw syscall.RawConn

	// Owned by the reader, and by the writer. try… is what they hand to raw,
	// made once; the others its argument and results.
	tryRead    func(fd uintptr) bool
	in         []byte
	received   int
	readError  error
	tryWrite   func(fd uintptr) bool
	out        []byte
	sent       int
	writeError error
}

// newSocket returns the socket under c, or nil if c is none.
func newSocket(c net.Conn) *socket {
	sc, ok := c.(syscall.Conn)
	if !ok {
		return nil
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		return nil // closed already: the net.Conn will say so
	}
	s := &socket{raw: raw}
	s.tryRead, s.tryWrite = s.readNow, s.writeNow
	return s
}

// read waits for bytes and returns how many it read into p, which is not
// empty: one or more, or io.EOF or another error.
func (s *socket) read(p []byte) (int, error) {
	s.in = p
	err := s.raw.Read(s.tryRead)
	s.in = nil
	if err == nil {
		err = s.readError
	}
	if err == nil && s.received == 0 {
		err = io.EOF
	}
	if err != nil {
		return 0, err
	}
	return s.received, nil
}

// readNow reads what is there. It reports false if there is nothing: raw then
// waits and asks again.
func (s *socket) readNow(fd uintptr) bool {
	for {
		n, err := unix.Read(int(fd), s.in)
		switch err {
		case nil:
			s.received, s.readError = n, nil
			return true
		case unix.EINTR:
			continue
		case unix.EAGAIN:
			return false
		}
		s.received, s.readError = 0, os.NewSyscallError("read", err)
		return true
	}
}

// write sends what the socket takes of p at once and returns how much that is.
func (s *socket) write(p []byte) (int, error) {
	s.out = p
	err := s.raw.Write(s.tryWrite)
	s.out = nil
	if err != nil {
		return 0, err
	}
	return s.sent, s.writeError
}

func (s *socket) writeNow(fd uintptr) bool {
	for {
		n, err := unix.Write(int(fd), s.out)
		switch err {
		case unix.EINTR:
			continue
		case nil:
			s.sent, s.writeError = n, nil
		case unix.EAGAIN:
			s.sent, s.writeError = 0, nil
		default:
			s.sent, s.writeError = 0, os.NewSyscallError("write", err)
		}
		return true
	}
}
