//go:build !windows && !plan9

package journal

import (
	"context"
	"log/syslog"
)

// localSyslog is the system's log, by its socket.
type localSyslog struct{}

func (localSyslog) String() string { return "syslog" }

// Note implements Anchor. The socket takes a message or refuses it: there is
// nothing to wait for.
func (localSyslog) Note(_ context.Context, line string) error {
	// Facility 13 of RFC 5424, log audit, has no name in log/syslog.
	w, err := syslog.New(syslog.LOG_NOTICE|13<<3, "signet")
	if err != nil {
		return err
	}
	_, err = w.Write([]byte(line))
	if closed := w.Close(); err == nil {
		err = closed
	}
	return err
}
