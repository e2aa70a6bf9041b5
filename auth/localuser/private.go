package localuser

import (
	"fmt"
	"io/fs"
	"os"
)

// privacy is how private a file must be.
type privacy struct {
	forbidden fs.FileMode // permission bits that must not be set
	root      bool        // root may own it, too
}

var (
	ownerOnly  = privacy{forbidden: 0o077}
	credential = privacy{forbidden: 0o037, root: true}
)

// notPrivate is the error for a file that others could read or have made. It
// wraps fs.ErrPermission.
func notPrivate(path, reason string) error {
	return fmt.Errorf("%s %s: %w", path, reason, fs.ErrPermission)
}

// check judges the file that f is, not what its name means meanwhile.
func (p privacy) check(path string, f *os.File) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return notPrivate(path, "is not a regular file")
	}
	return p.checkOwner(path, info)
}
