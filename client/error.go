package client

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"

	"github.com/signet-smb/signet/ntstatus"
)

// Error is the failure of one operation on a server. It wraps what went wrong:
// an [ntstatus.Status] that the server answered, which is what [errors.Is]
// compares with io/fs's errors, a *[ConnectionError], a *[Refusal], a
// *[NameError], or the cause of a context's end.
type Error struct {
	Op   string // "open", "read"
	Path string // as the caller wrote it, or \\server\share; may be empty
	Err  error
}

// Error gives operation, path and cause.
func (e *Error) Error() string {
	if e.Path == "" {
		return e.Op + ": " + describe(e.Err)
	}
	return e.Op + " " + e.Path + ": " + describe(e.Err)
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Status is what the server answered; ok is false if it did not.
func (e *Error) Status() (status ntstatus.Status, ok bool) {
	return errors.AsType[ntstatus.Status](e.Err)
}

// describe adds to a bare status what it means.
func describe(err error) string {
	if status, ok := any(err).(ntstatus.Status); ok {
		if words := meanings[status]; words != "" {
			return fmt.Sprintf("%s (%v)", words, status)
		}
	}
	return err.Error()
}

// fail wraps err, unless it is nil.
func fail(op, path string, err error) error {
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*Error](err); ok {
		err = e.Err
	}
	return &Error{Op: op, Path: path, Err: err}
}

// ConnectionError says that the connection to a server has ended, and why.
type ConnectionError struct {
	Server string
	Err    error // a *[ProtocolError], a *[SignatureError], or what the network says

	// Uncertain says that what was asked for must not be asked for again by
	// itself, and was under way: the server may have done it, or not.
	Uncertain bool

	underWay bool // the request was sent, or may have been
	over     bool // connecting again was tried in vain
}

// Error gives server and cause.
func (e *ConnectionError) Error() string {
	text := "connection to " + e.Server + ": " + describe(e.Err)
	if e.Uncertain {
		text += "; it may have been done all the same"
	}
	return text
}

// Unwrap gives the cause.
func (e *ConnectionError) Unwrap() error { return e.Err }

// lost reports whether the connection was lost, and may be made again: nobody
// has broken a rule on it.
func (e *ConnectionError) lost() bool {
	if e.over || Altered(e.Err) {
		return false
	}
	_, network := errors.AsType[net.Error](e.Err)
	return network || errors.Is(e.Err, errHungUp) || errors.Is(e.Err, errNoAnswer) || errors.Is(e.Err, io.ErrUnexpectedEOF) ||
		errors.Is(e.Err, net.ErrClosed) || errors.Is(e.Err, io.ErrClosedPipe) || errors.Is(e.Err, ntstatus.UserSessionDeleted)
}

// lostConnection reports whether err is the loss of a connection that may be
// made again.
func lostConnection(err error) bool {
	e, ok := errors.AsType[*ConnectionError](err)
	return ok && e.lost()
}

// LostError says that a file was open on a connection that was lost, and that
// the server has not kept it open. What was written and confirmed is written.
type LostError struct {
	Name string
	Err  error // why the server did not give it back; nil: it had not promised to
}

// Error says that the file is not open any more.
func (e *LostError) Error() string {
	const text = "the connection was lost, and the server has closed the file"
	if e.Err == nil {
		return text
	}
	return text + ": " + describe(e.Err)
}

// Unwrap gives [ntstatus.FileClosed], and the cause.
func (e *LostError) Unwrap() []error {
	if e.Err == nil {
		return []error{ntstatus.FileClosed}
	}
	return []error{ntstatus.FileClosed, e.Err}
}

// SignatureError is an answer that is not signed, or sealed, as the session
// demands: it was changed on its way, or somebody else has sent it. Nothing of
// it was used, and the connection is closed. [MS-SMB2] 3.2.5.1.3.
type SignatureError struct {
	Command   string          // "READ"
	MessageID uint64          // of the request that it claims to answer
	Status    ntstatus.Status // that the answer claimed
	Want      string          // "signed" or "sealed"
}

// Error says what is wrong with the answer.
func (e *SignatureError) Error() string {
	return fmt.Sprintf("the answer to %s, message %#x, is not rightly %s, as this session requires: it may have been altered on the way", e.Command, e.MessageID, e.Want)
}

// DecryptError is a sealed message that the session's key does not open: it was
// changed on its way, or somebody else has sent it. What it answers cannot be
// known. The connection is closed. [MS-SMB2] 3.2.5.1.1.1.
type DecryptError struct {
	SessionID uint64 // for which it says that it was sealed
	Err       error  // what is wrong with it
}

// Error says what is wrong with the message.
func (e *DecryptError) Error() string {
	return fmt.Sprintf("a sealed answer cannot be opened: it may have been altered on the way: %v", e.Err)
}

// Unwrap gives the cause.
func (e *DecryptError) Unwrap() error { return e.Err }

// Altered reports whether err says that what came from a server was not what
// the server has sent: a wrong or missing signature, a sealed message that
// cannot be opened, a negotiation that the two ends remember differently.
func Altered(err error) bool {
	_, unproved := errors.AsType[*SignatureError](err)
	_, unopened := errors.AsType[*DecryptError](err)
	return unproved || unopened || errors.Is(err, errAltered)
}

// ProtocolError is an answer that no server may give. The connection is closed.
type ProtocolError struct {
	Section string // of [MS-SMB2], whose rule is broken
	Problem string
}

// Error gives problem and section.
func (e *ProtocolError) Error() string {
	return "the server breaks the protocol: " + e.Problem + " ([MS-SMB2] " + e.Section + ")"
}

// violation makes a *ProtocolError.
func violation(section, format string, args ...any) error {
	return &ProtocolError{Section: section, Problem: fmt.Sprintf(format, args...)}
}

// NameError is a name that a server has sent and that no file can have: with a
// separator, a NUL, or a way up in it. It was not used.
type NameError struct {
	Name    string // as sent; print it with %q
	Problem string
}

// Error gives the name, escaped, and what is wrong with it.
func (e *NameError) Error() string {
	return fmt.Sprintf("the server sent the name %q: %s", e.Name, e.Problem)
}

// errUnprovedExpiry says that the sign-in has expired, and proves nothing: what
// must not be done twice may have been done.
var errUnprovedExpiry = fmt.Errorf("an answer without proof: %w", ntstatus.NetworkSessionExpired)

// Errors of a connection.
var (
	// errNoAnswer also is [os.ErrDeadlineExceeded].
	errNoAnswer = fmt.Errorf("no answer from the server: %w", os.ErrDeadlineExceeded)
	errHungUp   = errors.New("the server has closed the connection")
)

// meanings says in words what the statuses mean that people meet.
var meanings = map[ntstatus.Status]string{
	ntstatus.AccessDenied:          "access denied",
	ntstatus.AccountDisabled:       "the account is disabled",
	ntstatus.AccountRestriction:    "the account is restricted",
	ntstatus.BadNetworkName:        "there is no such share",
	ntstatus.BadNetworkPath:        "the path is not on this server",
	ntstatus.Cancelled:             "cancelled",
	ntstatus.CannotDelete:          "it cannot be deleted",
	ntstatus.DeletePending:         "it is being deleted",
	ntstatus.DirectoryNotEmpty:     "the directory is not empty",
	ntstatus.DiskFull:              "the disk is full",
	ntstatus.EAsNotSupported:       "the file system has no extended attributes",
	ntstatus.FileClosed:            "it was closed",
	ntstatus.FileIsADirectory:      "it is a directory",
	ntstatus.FileLockConflict:      "another has locked this part of the file",
	ntstatus.InsufficientResources: "the server is short of resources",
	ntstatus.InvalidDeviceRequest:  "the file system cannot do that",
	ntstatus.InvalidParameter:      "the server takes it for an invalid request",
	ntstatus.LockNotGranted:        "another has locked this part of the file",
	ntstatus.LogonFailure:          "wrong user name or password",
	ntstatus.MediaWriteProtected:   "the share is read-only",
	ntstatus.NetworkNameDeleted:    "the share is no longer connected",
	ntstatus.NetworkSessionExpired: "the session has expired",
	ntstatus.NoSuchFile:            "it does not exist",
	ntstatus.NotADirectory:         "it is not a directory",
	ntstatus.NotSameDevice:         "it is on another file system",
	ntstatus.NotSupported:          "the server does not support it",
	ntstatus.ObjectNameCollision:   "it exists already",
	ntstatus.ObjectNameInvalid:     "the name is not valid",
	ntstatus.ObjectNameNotFound:    "it does not exist",
	ntstatus.ObjectPathNotFound:    "its directory does not exist",
	ntstatus.ObjectPathSyntaxBad:   "the path is not valid",
	ntstatus.PasswordExpired:       "the password has expired",
	ntstatus.PathNotCovered:        "it is on another server of the DFS namespace",
	ntstatus.PrivilegeNotHeld:      "the user lacks the privilege",
	ntstatus.QuotaExceeded:         "the quota is used up",
	ntstatus.RangeNotLocked:        "this part of the file is not locked",
	ntstatus.SharingViolation:      "another uses it",
	ntstatus.StoppedOnSymlink:      "it is a symbolic link",
	ntstatus.TooManyOpenedFiles:    "too many files are open",
	ntstatus.UserSessionDeleted:    "the server has ended the session",
}
