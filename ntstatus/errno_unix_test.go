//go:build unix

package ntstatus

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestEveryErrnoHasItsStatus(t *testing.T) {
	want := map[syscall.Errno]Status{
		syscall.ENOENT: ObjectNameNotFound, syscall.EEXIST: ObjectNameCollision, syscall.ENOTEMPTY: DirectoryNotEmpty,
		syscall.EACCES: AccessDenied, syscall.EPERM: AccessDenied, syscall.EROFS: MediaWriteProtected,
		syscall.EISDIR: FileIsADirectory, syscall.ENOTDIR: NotADirectory, syscall.ELOOP: ObjectPathNotFound,
		syscall.ENAMETOOLONG: NameTooLong, syscall.EILSEQ: ObjectNameInvalid,
		syscall.ENOSPC: DiskFull, syscall.EDQUOT: DiskFull, syscall.EFBIG: DiskFull,
		syscall.EXDEV: NotSameDevice, syscall.EMLINK: TooManyLinks, syscall.EIO: IODeviceError, syscall.ENODEV: NoSuchDevice,
		syscall.EMFILE: TooManyOpenedFiles, syscall.ENFILE: TooManyOpenedFiles,
		syscall.ENOMEM: InsufficientResources, syscall.ENOBUFS: InsufficientResources, syscall.ENOLCK: InsufficientResources,
		syscall.EBUSY: SharingViolation, syscall.ETXTBSY: SharingViolation, syscall.EAGAIN: SharingViolation,
		syscall.EINVAL: InvalidParameter, syscall.ESTALE: FileClosed, syscall.ENOSYS: NotSupported, syscall.EOPNOTSUPP: NotSupported,
		syscall.ETIMEDOUT: IOTimeout, syscall.ECANCELED: Cancelled,
	}
	if len(want) != len(errnos) {
		t.Errorf("this table has %d rows, errnos has %d", len(want), len(errnos))
	}
	for errno, status := range want {
		for _, err := range []error{errno, &os.PathError{Op: "open", Path: "x", Err: errno}, os.NewSyscallError("openat2", errno), fmt.Errorf("x: %w", errno)} {
			if got := FromError(err); got != status {
				t.Errorf("FromError(%v) = %v, want %v", err, got, status)
			}
		}
	}
}

func TestErrnoOfOursIsAnInternalError(t *testing.T) {
	for _, errno := range []syscall.Errno{syscall.EBADF, syscall.EFAULT, syscall.ENOTTY, 0xFFFF} {
		if got := FromError(errno); got != InternalError {
			t.Errorf("FromError(%v) = %v, want %v", errno, got, InternalError)
		}
	}
}

func TestErrnoSaysMoreThanTheSentinelItIs(t *testing.T) {
	if !errors.Is(syscall.ENOTEMPTY, os.ErrExist) {
		t.Fatal("ENOTEMPTY is no longer fs.ErrExist; the order in FromError needs another reason")
	}
	if got := FromError(syscall.ENOTEMPTY); got != DirectoryNotEmpty {
		t.Errorf("FromError(ENOTEMPTY) = %v, want %v", got, DirectoryNotEmpty)
	}
}

func TestErrorsOfTheHostBecomeStatuses(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	closed, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	for _, c := range []struct {
		name string
		do   func() error
		want Status
	}{
		{"open what is not there", func() error { _, err := os.Open(filepath.Join(dir, "none")); return err }, ObjectNameNotFound},
		{"make what is there", func() error { return os.Mkdir(file, 0o700) }, ObjectNameCollision},
		{"remove a directory with a file", func() error { return syscall.Rmdir(dir) }, DirectoryNotEmpty},
		{"write to a directory", func() error { _, err := os.OpenFile(dir, os.O_WRONLY, 0); return err }, FileIsADirectory},
		{"use a file as a directory", func() error { _, err := os.Open(filepath.Join(file, "x")); return err }, NotADirectory},
		{"read from a closed file", func() error { _, err := closed.Read(make([]byte, 1)); return err }, FileClosed},
		{"name of 300 bytes", func() error { _, err := os.Open(filepath.Join(dir, strings.Repeat("x", 300))); return err }, NameTooLong},
	} {
		err := c.do()
		if got := FromError(err); err == nil || got != c.want {
			t.Errorf("%s: FromError(%v) = %v, want %v", c.name, err, got, c.want)
		}
	}
}
