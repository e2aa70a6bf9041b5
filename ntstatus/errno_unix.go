//go:build unix

package ntstatus

import (
	"errors"
	"syscall"
)

// errnos says what an errno means to an SMB client. An errno that is missing
// is a fault of ours (EBADF, EFAULT) or nothing a client could act on, and
// becomes InternalError, so that it is logged.
var errnos = map[syscall.Errno]Status{
	syscall.ENOENT:  ObjectNameNotFound,
	syscall.EEXIST:  ObjectNameCollision,
	syscall.EACCES:  AccessDenied,
	syscall.EPERM:   AccessDenied,
	syscall.EISDIR:  FileIsADirectory,
	syscall.EXDEV:   NotSameDevice,
	syscall.EROFS:   MediaWriteProtected,
	syscall.EMLINK:  TooManyLinks,
	syscall.ESTALE:  FileClosed,
	syscall.EINVAL:  InvalidParameter,
	syscall.EIO:     IODeviceError,
	syscall.ENODEV:  NoSuchDevice,
	syscall.EMFILE:  TooManyOpenedFiles,
	syscall.ENFILE:  TooManyOpenedFiles,
	syscall.ENOMEM:  InsufficientResources,
	syscall.ENOBUFS: InsufficientResources,
	syscall.ENOLCK:  InsufficientResources,
	syscall.ENOSYS:  NotSupported,
	syscall.EILSEQ:  ObjectNameInvalid,

	syscall.ENOTEMPTY:  DirectoryNotEmpty,
	syscall.ETIMEDOUT:  IOTimeout,
	syscall.ECANCELED:  Cancelled,
	syscall.EOPNOTSUPP: NotSupported,

	// Back ends are given single names, and the walk along a path is made
	// above them, where a component that is no directory is answered with
	// ObjectPathNotFound. ENOTDIR is thus about the object itself.
	syscall.ENOTDIR: NotADirectory,

	// Symbolic links are never followed, so a loop is a component that turned
	// into a link since it was looked up: no path leads there.
	syscall.ELOOP: ObjectPathNotFound,

	// Windows answers ObjectNameInvalid to a component of more than 255
	// characters; that is checked above. What arrives here is a name within
	// Windows' limit that is too long in bytes for the host. NameTooLong is
	// shown as such to the user, and cifs.ko makes ENAMETOOLONG of it where
	// it would make ENOENT of ObjectNameInvalid.
	syscall.ENAMETOOLONG: NameTooLong,

	// Programs handle a full disk well and any other quota or size status
	// badly; Windows' own file systems answer all three so.
	syscall.ENOSPC: DiskFull,
	syscall.EDQUOT: DiskFull,
	syscall.EFBIG:  DiskFull,

	// Somebody outside holds the file: a running program, a mount, a lease.
	syscall.EBUSY:   SharingViolation,
	syscall.ETXTBSY: SharingViolation,
	syscall.EAGAIN:  SharingViolation,
}

// fromErrno is the status of the errno that err wraps.
func fromErrno(err error) (Status, bool) {
	errno, ok := errors.AsType[syscall.Errno](err)
	if !ok {
		return 0, false
	}
	s, ok := errnos[errno]
	return s, ok
}
