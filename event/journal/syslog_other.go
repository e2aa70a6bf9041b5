//go:build windows || plan9

package journal

import (
	"context"
	"errors"
)

// localSyslog is the system's log, which does not exist here.
type localSyslog struct{}

func (localSyslog) String() string { return "syslog" }

// Note implements Anchor.
func (localSyslog) Note(context.Context, string) error {
	return errors.New("this system has no syslog")
}
