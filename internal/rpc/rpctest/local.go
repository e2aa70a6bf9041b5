package rpctest

import (
	"context"
	"testing"
)

// Conn is the server's end of a connection.
type Conn interface {
	Write(ctx context.Context, p []byte) error
	Read() []byte
}

// Local carries PDUs to c without anything between.
func Local(t testing.TB, c Conn) Pipe { return local{t, c} }

// local is a Pipe to a Conn of the same process.
type local struct {
	t    testing.TB
	conn Conn
}

// Send implements Pipe.
func (l local) Send(pdu []byte) {
	l.t.Helper()
	if err := l.conn.Write(context.Background(), pdu); err != nil {
		l.t.Fatal(err)
	}
}

// Receive implements Pipe.
func (l local) Receive() []byte { return l.conn.Read() }
