package localfs

import (
	"context"
	"errors"
	"io/fs"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/vfs"
)

// resolve is how every name is looked up: beneath the directory, through no
// symbolic link and no magic link.
const resolve = unix.RESOLVE_BENEATH | unix.RESOLVE_NO_SYMLINKS | unix.RESOLVE_NO_MAGICLINKS

// openEntry opens the entry name of dir as O_PATH, with extra flags. A
// symbolic link is opened itself: O_PATH with O_NOFOLLOW is the one way in
// which RESOLVE_NO_SYMLINKS lets a last component be a link, and a single
// component has nothing before it that could be one.
func openEntry(dir int, name string, flags uint64) (int, error) {
	return openat2(dir, name, &unix.OpenHow{
		Flags:   unix.O_PATH | unix.O_NOFOLLOW | unix.O_CLOEXEC | flags,
		Resolve: resolve,
	})
}

// openat2 retries what the kernel could not decide because of renames going on.
func openat2(dir int, name string, how *unix.OpenHow) (int, error) {
	const maxTries = 128 // a directory that is renamed all the time must not hold a request for ever
	for try := 1; ; try++ {
		fd, err := unix.Openat2(dir, name, how)
		if err == nil || try == maxTries || err != unix.EINTR && err != unix.EAGAIN {
			return fd, err
		}
	}
}

// openat is for the names that are ours: the folder itself and /proc/self/fd.
func openat(dir int, name string, flags int) (fd int, err error) {
	err = retry(func() error {
		fd, err = unix.Openat(dir, name, flags, 0)
		return err
	})
	return fd, err
}

// reopen opens what fd refers to once more, with other flags. The rights to
// the file itself are checked, those on any path to it are not. The caller
// knows what kind of file it is.
func (f *FS) reopen(fd int, flags int) (int, error) {
	return openat(f.procSelf, strconv.Itoa(fd), flags|unix.O_CLOEXEC)
}

// checkName refuses what is no single component, which the layers above let not
// through, this being the last door, and the one name that is ours.
func checkName(name string) error {
	if name == "" || name == "." || name == ".." || strings.ContainsAny(name, "/\x00") || isSpillName(name) {
		return ntstatus.ObjectNameInvalid
	}
	return nil
}

// Lookup implements [vfs.FS].
//
// Missing: a directory that ignores case itself (ext4 and f2fs casefold) finds
// the entry at once, and then the name asked for is returned as the stored one.
func (f *FS) Lookup(ctx context.Context, as *vfs.Cred, dir vfs.Node, name string) (vfs.Node, string, error) {
	d, err := f.directory(dir)
	if err != nil {
		return nil, "", err
	}
	if err := checkName(name); err != nil {
		return nil, "", err
	}
	disk := meantName(name)
	if checkName(disk) != nil {
		return nil, "", fs.ErrNotExist // "." and "..", said in private-use characters
	}
	var (
		fd     int
		stored string
	)
	err = f.doActing(ctx, as, func() (err error) {
		fd, stored, err = f.find(d, disk)
		return err
	})
	if err != nil {
		return nil, "", err
	}
	n, err := f.newNode(newHandle(fd), stored)
	if err != nil {
		return nil, "", err
	}
	if f.protected.hides(n.id) || f.protected.namesIn(d.id)[meantName(stored)] {
		n.Close()
		return nil, "", fs.ErrNotExist
	}
	return n, stored, nil
}

// find opens the entry of d that is called disk on disk, or differs in case
// from how that is shown, as O_PATH, and returns its name as clients are shown
// it.
func (f *FS) find(d *node, disk string) (int, string, error) {
	fd, err := openEntry(d.handle.fd, disk, 0)
	shown := shownName(disk)
	if err != unix.ENOENT {
		return fd, shown, err
	}
	// Twice: the name found first may be gone by the time it is opened.
	for range 2 {
		stored, err := f.names.lookup(f, d, shown)
		if err != nil {
			return -1, "", err
		}
		fd, err := openEntry(d.handle.fd, meantName(stored), 0)
		if err != unix.ENOENT {
			return fd, stored, err
		}
		f.names.forget(d.id)
	}
	return -1, "", fs.ErrNotExist
}

// retry repeats op while a signal interrupts it.
func retry(op func() error) error {
	for {
		if err := op(); err != unix.EINTR {
			return err
		}
	}
}

// isAccess reports whether err says that a right is missing.
func isAccess(err error) bool { return errors.Is(err, fs.ErrPermission) }
