package transport

import (
	"fmt"
	"os"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// poller wakes the writers of sockets that took no more for a while. It is an
// epoll of our own, because Go's poller would tell of bytes that arrive, too.
// It is watched by Go's: no thread waits in it. Safe for concurrent use.
type poller struct {
	fd    int
	crowd crowd

	mu      sync.RWMutex
	sockets map[int32]*socket // by descriptor; each as long as its descriptor is open
}

// processPoller returns the poller of the process: it lives as long as that,
// for the sockets of all servers.
var processPoller = sync.OnceValues(newPoller)

func newPoller() (*poller, error) {
	fd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, os.NewSyscallError("epoll_create", err)
	}
	if err := unix.SetNonblock(fd, true); err != nil { // else os.NewFile gives Go's poller nothing to watch
		unix.Close(fd)
		return nil, os.NewSyscallError("fcntl", err)
	}
	f := os.NewFile(uintptr(fd), "epoll")
	if err := f.SetReadDeadline(time.Time{}); err != nil {
		f.Close()
		return nil, fmt.Errorf("watch an epoll: %w", err)
	}
	raw, err := f.SyscallConn()
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("watch an epoll: %w", err)
	}
	p := &poller{fd: fd, sockets: make(map[int32]*socket)}
	p.crowd.begin = time.Now()
	go p.run(f, raw)
	return p, nil
}

// run is the goroutine of p.
func (p *poller) run(f *os.File, raw syscall.RawConn) {
	defer f.Close()
	events := make([]unix.EpollEvent, 128)
	// It never ends: nothing closes f.
	raw.Read(func(fd uintptr) bool {
		for {
			n, err := unix.EpollWait(int(fd), events, 0)
			if err == unix.EINTR {
				continue
			}
			for _, e := range events[:max(n, 0)] {
				p.dispatch(e)
			}
			if n < len(events) {
				return false // all was seen: what comes now makes f readable anew
			}
		}
	})
}

// dispatch wakes whom e concerns. An event may come late, for a descriptor
// that another socket has by now: who is woken looks for himself.
func (p *poller) dispatch(e unix.EpollEvent) {
	p.mu.RLock()
	s := p.sockets[e.Fd]
	p.mu.RUnlock()
	if s == nil {
		return
	}
	s.writable.wake()
}

// add begins to watch s: edge-triggered, so that a wait needs no system call.
func (p *poller) add(s *socket) error {
	p.mu.Lock()
	p.sockets[int32(s.fd)] = s
	p.mu.Unlock()
	err := p.control(unix.EPOLL_CTL_ADD, s, unix.EPOLLOUT|unix.EPOLLET)
	if err != nil {
		p.forget(s)
	}
	return err
}

// remove ends what add began. The caller closes the descriptor afterwards.
func (p *poller) remove(s *socket) {
	// To close the descriptor would do, unless a child that is being started
	// has a copy of it still.
	p.control(unix.EPOLL_CTL_DEL, s, 0)
	p.forget(s)
}

func (p *poller) forget(s *socket) {
	p.mu.Lock()
	delete(p.sockets, int32(s.fd))
	p.mu.Unlock()
}

func (p *poller) control(op int, s *socket, events uint32) error {
	e := unix.EpollEvent{Events: events, Fd: int32(s.fd)}
	return os.NewSyscallError("epoll_ctl", unix.EpollCtl(p.fd, op, s.fd, &e))
}

// waiter is where one goroutine parks until it is woken. A wake that comes
// first is not lost, and one too many does no harm: who waits tries again.
type waiter struct {
	woken chan struct{} // of one element
	timer *time.Timer   // owned by who waits; nil until there is a limit
}

func newWaiter() waiter { return waiter{woken: make(chan struct{}, 1)} }

// wake ends a wait, this one or the next. Safe for concurrent use; never
// blocks.
func (w *waiter) wake() {
	select {
	case w.woken <- struct{}{}:
	default:
	}
}

// wait parks until it is woken. The error is os.ErrDeadlineExceeded after
// until, if that is not zero.
func (w *waiter) wait(until time.Time) error {
	if until.IsZero() {
		<-w.woken
		return nil
	}
	if w.timer == nil {
		w.timer = time.NewTimer(time.Until(until))
	} else {
		w.timer.Reset(time.Until(until))
	}
	defer w.timer.Stop()
	select {
	case <-w.woken:
		return nil
	case <-w.timer.C:
		return os.ErrDeadlineExceeded
	}
}
