//go:build !linux

package transport

import "net"

// socket is what Linux reads and writes by way of its descriptor; elsewhere
// there is none.
type socket struct{}

func newSocket(net.Conn) *socket { return nil }

func (*socket) read([]byte) (int, error)  { panic("transport: no socket") }
func (*socket) write([]byte) (int, error) { panic("transport: no socket") }
