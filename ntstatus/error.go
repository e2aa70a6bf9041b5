package ntstatus

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
)

// sentinels pairs the errors of the standard library that are known by
// identity with a Status. [Status.Is] reads it from right to left,
// [FromError] from left to right, first match first.
var sentinels = [...]struct {
	err    error
	status Status
}{
	{context.Canceled, Cancelled},
	{context.DeadlineExceeded, IOTimeout},
	{os.ErrDeadlineExceeded, IOTimeout},
	{fs.ErrNotExist, ObjectNameNotFound},
	{fs.ErrNotExist, ObjectPathNotFound},
	{fs.ErrNotExist, NoSuchFile},
	{fs.ErrExist, ObjectNameCollision},
	{fs.ErrPermission, AccessDenied},
	{fs.ErrPermission, NetworkAccessDenied},
	{fs.ErrPermission, PrivilegeNotHeld},
	{fs.ErrClosed, FileClosed},
	{fs.ErrInvalid, InvalidParameter},
	{errors.ErrUnsupported, NotSupported},
	{errors.ErrUnsupported, NotImplemented},
	{errors.ErrUnsupported, InvalidDeviceRequest},
	{io.EOF, EndOfFile},
}

// Is lets callers ask in the standard library's words:
// errors.Is(ntstatus.ObjectNameNotFound, fs.ErrNotExist) holds. It answers for
// fs.ErrNotExist, ErrExist, ErrPermission, ErrClosed and ErrInvalid,
// errors.ErrUnsupported, io.EOF, os.ErrDeadlineExceeded and the two errors of
// package context.
func (s Status) Is(target error) bool {
	for _, row := range sentinels {
		if row.status == s && row.err == target {
			return true
		}
	}
	return false
}

// FromError is the one function that makes a status of an error that is not
// one. It asks, in this order: is it nil (Success); does it wrap a Status; is
// the context over (Cancelled, IOTimeout); is it an errno of this system; is it
// one of the errors that [Status.Is] knows. Everything else is InternalError,
// which the caller logs with err.
//
// The errno is asked before the io/fs errors because it says more: for those,
// ENOTEMPTY is the same as EEXIST.
//
// An operation that ended because its context did should be given
// context.Cause(ctx), which may be a Status. A malformed message is the
// decoder's *wire.Error, answered with INVALID_PARAMETER where it was decoded;
// it does not come here.
func FromError(err error) Status {
	if err == nil {
		return Success
	}
	if s, ok := errors.AsType[Status](err); ok {
		return s
	}
	if errors.Is(err, context.Canceled) {
		return Cancelled
	}
	if s, ok := fromErrno(err); ok {
		return s
	}
	for _, row := range sentinels {
		if errors.Is(err, row.err) {
			return row.status
		}
	}
	return InternalError
}
