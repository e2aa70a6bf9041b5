//go:build unix

package statedir

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// CheckPublished tells why f, a file of which others read what is decided,
// cannot be trusted: it belongs to somebody other than owner and root, or
// others may write to it. nil if it can.
func CheckPublished(f *os.File, owner int) error {
	var st unix.Stat_t
	if err := unix.Fstat(int(f.Fd()), &st); err != nil {
		return err
	}
	switch {
	case st.Mode&unix.S_IFMT != unix.S_IFREG:
		return fmt.Errorf("it is no regular file")
	case st.Uid != 0 && int(st.Uid) != owner:
		return fmt.Errorf("it belongs to uid %d", st.Uid)
	case st.Mode&0o022 != 0:
		return fmt.Errorf("it has mode %04o, and others may write to it", st.Mode&0o7777)
	}
	return nil
}
