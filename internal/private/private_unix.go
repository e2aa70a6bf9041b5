//go:build unix

package private

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// Open opens a file for reading that is as private as r wants. It
// follows no symbolic link and does not wait for the other end of a FIFO. The
// error wraps fs.ErrPermission if the file is not.
func Open(path string, r Rule) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK|syscall.O_CLOEXEC, 0)
	if errors.Is(err, syscall.ELOOP) {
		return nil, notPrivate(path, "is a symbolic link")
	}
	if err != nil {
		return nil, err
	}
	if err := r.check(path, f); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

func (r Rule) checkOwner(path string, info os.FileInfo) error {
	if bits := info.Mode().Perm() & r.forbidden; bits != 0 {
		return notPrivate(path, fmt.Sprintf("has mode %04o, which lets others in: chmod 600 it", info.Mode().Perm()))
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return notPrivate(path, "has an unknown owner")
	}
	if uid := int(stat.Uid); uid != os.Geteuid() && (!r.root || uid != 0) {
		return notPrivate(path, fmt.Sprintf("belongs to user %d, not to %d", uid, os.Geteuid()))
	}
	return nil
}

// SyncDir puts the entries of dir on the disk.
func SyncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
