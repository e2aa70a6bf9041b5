//go:build !windows && !plan9

package journal

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"time"
)

// syslogSockets are where systems have the socket of their log.
var syslogSockets = []string{"/dev/log", "/var/run/syslog", "/var/run/log"}

// localSyslog is the system's log, by its socket.
type localSyslog struct {
	socket string // "": the first of syslogSockets that takes it
}

func (localSyslog) String() string { return "syslog" }

// Note implements Anchor. The socket takes a message or refuses it.
func (a localSyslog) Note(ctx context.Context, line string) error {
	sockets := syslogSockets
	if a.socket != "" {
		sockets = []string{a.socket}
	}
	var errs []error
	for _, socket := range sockets {
		for _, network := range []string{"unixgram", "unix"} {
			err := sendLocal(ctx, network, socket, line)
			if err == nil {
				return nil
			}
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// sendLocal sends line as such sockets have always taken it: RFC 3164 without
// the host. A stream needs an end of line.
func sendLocal(ctx context.Context, network, socket, line string) error {
	var d net.Dialer
	conn, err := d.DialContext(ctx, network, socket)
	if err != nil {
		return err
	}
	defer conn.Close()
	if deadline, ok := ctx.Deadline(); ok {
		if err := conn.SetWriteDeadline(deadline); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(conn, "<%d>%s signet[%d]: %s\n", anchorPriority, time.Now().Format(time.Stamp), os.Getpid(), line)
	return err
}
