// Package private opens files that hold what only their owner may know, and
// refuses those that others could read or have made.
//
// It looks at mode, owner and kind of a file, not at the directories above it:
// internal/statedir does that for those of the state directory.
package private

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// Rule is how private a file must be.
type Rule struct {
	forbidden fs.FileMode // permission bits that must not be set
	root      bool        // root may own it, too
}

// The rules.
var (
	// OwnerOnly: the file belongs to this user, and nobody else has any right.
	OwnerOnly = Rule{forbidden: 0o077}
	// Credential: it belongs to this user or to root, and its group may read
	// it: systemd grants access by an ACL, which shows as a right of the group.
	Credential = Rule{forbidden: 0o037, root: true}
)

// Make makes an empty file that is its owner's only, or checks the one that is
// there. The error wraps fs.ErrPermission if that is not private.
func Make(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		f, err = Open(path, OwnerOnly)
	}
	if err != nil {
		return err
	}
	return f.Close()
}

// notPrivate is the error for a file that others could read or have made. It
// wraps fs.ErrPermission.
func notPrivate(path, reason string) error {
	return fmt.Errorf("%s %s: %w", path, reason, fs.ErrPermission)
}

// check judges the file that f is, not what its name means meanwhile.
func (r Rule) check(path string, f *os.File) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return notPrivate(path, "is not a regular file")
	}
	return r.checkOwner(path, info)
}
