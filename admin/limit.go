package admin

import (
	"net"
	"sync"
)

// limitedListener accepts no more than cap(free) connections at a time; the
// others wait in the kernel's queue. Of one address it keeps no more than each,
// if that is not 0, and closes the others.
type limitedListener struct {
	net.Listener
	free chan struct{} // one element for each connection that is open
	done chan struct{} // closed with the listener
	once sync.Once

	each int
	mu   sync.Mutex
	from map[string]int // connections that are open, by clientKey; guarded by mu
}

// Accept implements net.Listener.
func (l *limitedListener) Accept() (net.Conn, error) {
	for {
		select {
		case l.free <- struct{}{}:
		case <-l.done:
			return nil, net.ErrClosed
		}
		conn, err := l.Listener.Accept()
		if err != nil {
			<-l.free
			return nil, err
		}
		release, ok := l.take(conn)
		if ok {
			return &limitedConn{Conn: conn, release: sync.OnceFunc(func() {
				release()
				<-l.free
			})}, nil
		}
		conn.Close()
		<-l.free
	}
}

// take counts a connection of its address; ok is false if that has too many.
func (l *limitedListener) take(conn net.Conn) (release func(), ok bool) {
	if l.each == 0 {
		return func() {}, true
	}
	key := clientKey(conn.RemoteAddr().String())
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.from[key] >= l.each {
		return nil, false
	}
	l.from[key]++
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.from[key]--; l.from[key] == 0 {
			delete(l.from, key)
		}
	}, true
}

// Close implements net.Listener.
func (l *limitedListener) Close() error {
	l.once.Do(func() { close(l.done) })
	return l.Listener.Close()
}

// limitedConn is a connection that makes room when it is closed.
type limitedConn struct {
	net.Conn
	release func()
}

// Close implements net.Conn.
func (c *limitedConn) Close() error {
	defer c.release()
	return c.Conn.Close()
}
