//go:build unix

package statedir

import (
	"errors"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"
)

// openFile opens a file of the directory, not following a symbolic link and
// not waiting for the other end of a pipe; one that it makes has mode 0600.
func (d *Dir) openFile(name string, flags int) (*os.File, error) {
	fd, err := unix.Openat(int(d.f.Fd()), name, flags|unix.O_NOFOLLOW|unix.O_CLOEXEC|unix.O_NONBLOCK, 0o600)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: d.File(name), Err: err}
	}
	return os.NewFile(uintptr(fd), d.File(name)), nil
}

// rename gives a file of the directory another name, in place of what has it,
// and returns once that is on the disk.
func (d *Dir) rename(from, to string) error {
	fd := int(d.f.Fd())
	if err := unix.Renameat(fd, from, fd, to); err != nil {
		return &os.LinkError{Op: "rename", Old: d.File(from), New: d.File(to), Err: err}
	}
	return d.f.Sync()
}

// lockFile locks the file for this process, or reports that another holds it.
func lockFile(f *os.File) (held bool, err error) {
	err = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		return true, nil
	}
	if err != nil {
		err = &fs.PathError{Op: "lock", Path: f.Name(), Err: err}
	}
	return false, err
}
