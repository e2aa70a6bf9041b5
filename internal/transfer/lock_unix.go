//go:build linux || darwin || freebsd

package transfer

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// openNonblock lets an open of a pipe return.
const openNonblock = unix.O_NONBLOCK

// lockFile locks f until it is closed; false: somebody else has. Where a file
// system knows no locks, nobody is kept out.
func lockFile(f *os.File) bool {
	c, err := f.SyscallConn()
	if err != nil {
		return false
	}
	var failed error
	err = c.Control(func(fd uintptr) { failed = unix.Flock(int(fd), unix.LOCK_EX|unix.LOCK_NB) })
	return err == nil && !errors.Is(failed, unix.EWOULDBLOCK)
}
