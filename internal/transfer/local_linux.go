package transfer

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/vfs/localfs"
)

// statEntry adds what only this system tells.
func statEntry(i fs.FileInfo, e *Entry) {
	if s, ok := i.Sys().(*syscall.Stat_t); ok {
		e.ID = s.Ino
		e.Changed = time.Unix(s.Ctim.Unix())
		e.Accessed = time.Unix(s.Atim.Unix())
	}
}

// onFD runs a system call on f.
func onFD(f *os.File, call func(fd int) error) error {
	c, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	if err := c.Control(func(fd uintptr) { failed = call(int(fd)) }); err != nil {
		return err
	}
	return failed
}

// readMeta adds the attributes and the creation time that writeMeta, Samba or
// signet serve have stored.
func readMeta(f *os.File, e *Entry) {
	buf := make([]byte, localfs.MaxDOSAttrib)
	n := 0
	err := onFD(f, func(fd int) (err error) {
		n, err = unix.Fgetxattr(fd, localfs.DOSAttribName, buf)
		return err
	})
	if err != nil {
		return // there are none
	}
	attributes, created, ok := localfs.ParseDOSAttrib(buf[:n])
	if !ok {
		return
	}
	e.Attributes |= attributes & keptAttributes
	if created != 0 {
		e.Created = created.Time()
	}
}

// writeMeta keeps attributes and creation time as Samba does. Where a file
// system has no extended attributes they are lost.
func writeMeta(f *os.File, e Entry) {
	if e.Created.IsZero() {
		return
	}
	value := localfs.AppendDOSAttrib(nil, e.Attributes, dtyp.FileTimeOf(e.Created))
	_ = onFD(f, func(fd int) error { return unix.Fsetxattr(fd, localfs.DOSAttribName, value, 0) })
}

// checkSpace refuses a file that the file system has no room for, before hours
// are spent on it.
func checkSpace(f *os.File, size int64) error {
	var s unix.Statfs_t
	if err := onFD(f, func(fd int) error { return unix.Fstatfs(fd, &s) }); err != nil || s.Bsize <= 0 {
		return nil //nolint:nilerr // who does not tell has room
	}
	if free := s.Bavail * uint64(s.Bsize); uint64(size) > free {
		return fmt.Errorf("%w: it has %d bytes, and %d are free", errNoRoom, size, free)
	}
	return nil
}

var errNoRoom = fmt.Errorf("no room: %w", unix.ENOSPC)

// flushParts makes what the parts hold safe from a power failure.
func flushParts(parts []finished) error {
	err := onFD(parts[0].part.File, unix.Syncfs)
	if !errors.Is(err, unix.ENOSYS) {
		return err
	}
	for _, f := range parts {
		if err := f.part.Sync(); err != nil {
			return err
		}
	}
	return nil
}

// flushNames makes the names below root safe.
func flushNames(root *os.Root) error {
	f, err := root.Open(".")
	if err != nil {
		return err
	}
	defer f.Close()
	if err := onFD(f, unix.Syncfs); !errors.Is(err, unix.ENOSYS) {
		return err
	}
	return nil
}
