//go:build unix

package statedir

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// openDirectory opens path as a directory, not following a symbolic link in
// its last component.
func openDirectory(path string) (*os.File, error) {
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	switch {
	case errors.Is(err, unix.ENOTDIR), errors.Is(err, unix.ELOOP):
		return nil, fmt.Errorf("%s is a symbolic link or not a directory: name the directory itself", path)
	case err != nil:
		return nil, &fs.PathError{Op: "open", Path: path, Err: err}
	}
	return os.NewFile(uintptr(fd), path), nil
}

func checkDirectory(f *os.File, path string) error {
	var st unix.Stat_t
	if err := unix.Fstat(int(f.Fd()), &st); err != nil {
		return fmt.Errorf("state directory %s: %w", path, err)
	}
	if uid := os.Geteuid(); int(st.Uid) != uid {
		return fmt.Errorf("state directory %s belongs to uid %d, but Signet runs as uid %d", path, st.Uid, uid)
	}
	if mode := st.Mode & 0o7777; mode&0o077 != 0 {
		return fmt.Errorf("state directory %s has mode %04o and is open to others: chmod 700 it", path, mode)
	}
	return checkParents(path)
}

// checkParents refuses a place where another user could put a directory of
// their own in the way between our checks and a later open by path: SQLite
// opens its files by path, several times.
func checkParents(path string) error {
	resolved, err := filepath.EvalSymlinks(path)
	if err != nil {
		return fmt.Errorf("state directory: %w", err)
	}
	// Both the path as given and what it resolves to are checked: a link on
	// the way lies in a directory of its own.
	for _, p := range []string{path, resolved} {
		for dir := filepath.Dir(p); ; dir = filepath.Dir(dir) {
			if err := checkParent(dir); err != nil {
				return err
			}
			if dir == filepath.Dir(dir) {
				break
			}
		}
	}
	return nil
}

func checkParent(dir string) error {
	var st unix.Stat_t
	if err := unix.Stat(dir, &st); err != nil {
		return fmt.Errorf("state directory: %w", &fs.PathError{Op: "stat", Path: dir, Err: err})
	}
	uid := os.Geteuid()
	if st.Uid != 0 && int(st.Uid) != uid {
		return fmt.Errorf("the state directory must not lie below %s, which belongs to uid %d", dir, st.Uid)
	}
	writable := st.Mode & 0o022
	// A group of one's own, with the user's number, as most distributions
	// give to every user together with umask 002.
	if st.Gid == st.Uid && int(st.Uid) == uid {
		writable &^= 0o020
	}
	// In a sticky directory such as /tmp only owners rename their entries.
	if writable != 0 && st.Mode&unix.S_ISVTX == 0 {
		return fmt.Errorf("the state directory must not lie below %s, which others may change (mode %04o)", dir, st.Mode&0o7777)
	}
	return nil
}
