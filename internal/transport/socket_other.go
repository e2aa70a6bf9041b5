//go:build !linux

package transport

import (
	"net"
	"time"
)

// socket is what Linux reads and writes by way of its descriptor; elsewhere
// there is none.
type socket struct{}

func newSocket(net.Conn) *socket { return nil }

func (*socket) expect(bool) error                       { panic("transport: no socket") }
func (*socket) read([]byte, time.Duration) (int, error) { panic("transport: no socket") }
func (*socket) write(net.Buffers, time.Duration) error  { panic("transport: no socket") }
func (*socket) tryWrite(net.Buffers) (net.Buffers, error) {
	panic("transport: no socket")
}
func (*socket) closeRead() error { panic("transport: no socket") }
func (*socket) close() error     { panic("transport: no socket") }
