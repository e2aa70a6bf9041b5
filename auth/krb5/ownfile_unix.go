//go:build unix

package krb5

import (
	"fmt"
	"os"
	"syscall"
)

// ownFile tells why f belongs to somebody else than the user or root, or nil.
func ownFile(f *os.File) error {
	i, err := f.Stat()
	if err != nil {
		return err
	}
	if s, ok := i.Sys().(*syscall.Stat_t); ok && int(s.Uid) != os.Geteuid() && s.Uid != 0 {
		return fmt.Errorf("%s belongs to somebody else (uid %d): set KRB5CCNAME if that is meant", f.Name(), s.Uid)
	}
	return nil
}
