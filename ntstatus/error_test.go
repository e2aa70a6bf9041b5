package ntstatus_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"testing"

	"github.com/signet-smb/signet/ntstatus"
)

func TestStatusAnswersInTheWordsOfTheStandardLibrary(t *testing.T) {
	sentinels := []error{
		fs.ErrNotExist, fs.ErrExist, fs.ErrPermission, fs.ErrClosed, fs.ErrInvalid,
		os.ErrDeadlineExceeded, context.Canceled, context.DeadlineExceeded,
		errors.ErrUnsupported, io.EOF, io.ErrUnexpectedEOF,
	}
	for _, c := range []struct {
		status ntstatus.Status
		is     []error
	}{
		{ntstatus.ObjectNameNotFound, []error{fs.ErrNotExist}},
		{ntstatus.ObjectPathNotFound, []error{fs.ErrNotExist}},
		{ntstatus.NoSuchFile, []error{fs.ErrNotExist}},
		{ntstatus.ObjectNameCollision, []error{fs.ErrExist}},
		{ntstatus.AccessDenied, []error{fs.ErrPermission}},
		{ntstatus.NetworkAccessDenied, []error{fs.ErrPermission}},
		{ntstatus.PrivilegeNotHeld, []error{fs.ErrPermission}},
		{ntstatus.FileClosed, []error{fs.ErrClosed}},
		{ntstatus.InvalidParameter, []error{fs.ErrInvalid}},
		{ntstatus.IOTimeout, []error{os.ErrDeadlineExceeded, context.DeadlineExceeded}},
		{ntstatus.Cancelled, []error{context.Canceled}},
		{ntstatus.NotSupported, []error{errors.ErrUnsupported}},
		{ntstatus.NotImplemented, []error{errors.ErrUnsupported}},
		{ntstatus.InvalidDeviceRequest, []error{errors.ErrUnsupported}},
		{ntstatus.EndOfFile, []error{io.EOF}},
		{ntstatus.InternalError, nil},
		{ntstatus.SharingViolation, nil},
		{ntstatus.DirectoryNotEmpty, nil},
		{ntstatus.Success, nil},
		{ntstatus.Status(0xDEADBEEF), nil},
	} {
		wrapped := fmt.Errorf("open x: %w", c.status)
		for _, sentinel := range sentinels {
			want := false
			for _, is := range c.is {
				want = want || is == sentinel
			}
			if got := errors.Is(wrapped, sentinel); got != want {
				t.Errorf("errors.Is(%v, %v) = %v, want %v", c.status, sentinel, got, want)
			}
		}
	}
	if !errors.Is(ntstatus.Retry, ntstatus.Retry) || errors.Is(ntstatus.Retry, ntstatus.Success) {
		t.Error("a Status is not itself, or is another")
	}
}

// errAbsent says that it is fs.ErrNotExist, as many packages' errors do.
type errAbsent struct{}

func (errAbsent) Error() string        { return "gone" }
func (errAbsent) Is(target error) bool { return target == fs.ErrNotExist }

func TestEveryForeignErrorBecomesOneStatus(t *testing.T) {
	for _, c := range []struct {
		name string
		err  error
		want ntstatus.Status
	}{
		{"nil", nil, ntstatus.Success},
		{"status", ntstatus.FileLockConflict, ntstatus.FileLockConflict},
		{"warning", ntstatus.BufferOverflow, ntstatus.BufferOverflow},
		{"unnamed status", ntstatus.Status(0xC0DE0001), ntstatus.Status(0xC0DE0001)},
		{"wrapped status", fmt.Errorf("x: %w", ntstatus.QuotaExceeded), ntstatus.QuotaExceeded},
		{"status beside others", errors.Join(io.EOF, ntstatus.QuotaExceeded), ntstatus.QuotaExceeded},
		{"status that is a sentinel", ntstatus.ObjectPathNotFound, ntstatus.ObjectPathNotFound},
		{"cancelled", context.Canceled, ntstatus.Cancelled},
		{"cancelled while it failed", errors.Join(fs.ErrNotExist, context.Canceled), ntstatus.Cancelled},
		{"out of time", fmt.Errorf("read: %w", context.DeadlineExceeded), ntstatus.IOTimeout},
		{"deadline of a connection", os.ErrDeadlineExceeded, ntstatus.IOTimeout},
		{"not there", fs.ErrNotExist, ntstatus.ObjectNameNotFound},
		{"says it is not there", errAbsent{}, ntstatus.ObjectNameNotFound},
		{"there already", &fs.PathError{Op: "mkdir", Path: "x", Err: fs.ErrExist}, ntstatus.ObjectNameCollision},
		{"no right", fs.ErrPermission, ntstatus.AccessDenied},
		{"closed", fs.ErrClosed, ntstatus.FileClosed},
		{"closed pipe", &fs.PathError{Op: "read", Path: "|0", Err: os.ErrClosed}, ntstatus.FileClosed},
		{"invalid", fs.ErrInvalid, ntstatus.InvalidParameter},
		{"unsupported", errors.ErrUnsupported, ntstatus.NotSupported},
		{"end", io.EOF, ntstatus.EndOfFile},
		{"something else", errors.New("boom"), ntstatus.InternalError},
		{"cut off", io.ErrUnexpectedEOF, ntstatus.InternalError},
	} {
		if got := ntstatus.FromError(c.err); got != c.want {
			t.Errorf("%s: FromError(%v) = %v, want %v", c.name, c.err, got, c.want)
		}
	}
}

func TestCauseOfAContextMayBeAStatus(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(fmt.Errorf("session logged off: %w", ntstatus.UserSessionDeleted))
	if got := ntstatus.FromError(context.Cause(ctx)); got != ntstatus.UserSessionDeleted {
		t.Errorf("got %v, want %v", got, ntstatus.UserSessionDeleted)
	}
}

func TestSentinelsSurviveTheWayThere(t *testing.T) {
	for _, sentinel := range []error{
		fs.ErrNotExist, fs.ErrExist, fs.ErrPermission, fs.ErrClosed, fs.ErrInvalid, io.EOF,
		os.ErrDeadlineExceeded, context.Canceled, context.DeadlineExceeded, errors.ErrUnsupported,
	} {
		if s := ntstatus.FromError(sentinel); !errors.Is(s, sentinel) {
			t.Errorf("FromError(%v) = %v, which is not %v any more", sentinel, s, sentinel)
		}
	}
}

func TestStatusIsSpelledAsMicrosoftDoes(t *testing.T) {
	for s, want := range map[ntstatus.Status]string{
		ntstatus.Success:                          "STATUS_SUCCESS",
		ntstatus.ObjectNameNotFound:               "STATUS_OBJECT_NAME_NOT_FOUND",
		ntstatus.SMBNoPreauthIntegrityHashOverlap: "STATUS_SMB_NO_PREAUTH_INTEGRITY_HASH_OVERLAP",
		ntstatus.Status(0xC0DE0001):               "NTSTATUS 0xC0DE0001",
	} {
		if s.String() != want || s.Error() != want {
			t.Errorf("String() = %q, Error() = %q, want %q", s.String(), s.Error(), want)
		}
	}
}

func TestWarningsAreNoErrors(t *testing.T) {
	for s, want := range map[ntstatus.Status]bool{
		ntstatus.Success: false, ntstatus.Pending: false, ntstatus.BufferOverflow: false,
		ntstatus.StoppedOnSymlink: false, ntstatus.AccessDenied: true, ntstatus.MoreProcessingRequired: true,
	} {
		if got := s.IsError(); got != want {
			t.Errorf("%v.IsError() = %v, want %v", s, got, want)
		}
	}
}

// The loop visits every severity and facility in which the package defines a
// status.
func TestNamesAreUniqueAndBelongToOneStatus(t *testing.T) {
	seen := make(map[string]ntstatus.Status)
	for _, base := range []uint32{0x00000000, 0x80000000, 0xC0000000, 0xC05D0000} {
		for code := range uint32(0x10000) {
			s := ntstatus.Status(base | code)
			name := s.String()
			if !strings.HasPrefix(name, "STATUS_") {
				continue
			}
			if other, ok := seen[name]; ok {
				t.Errorf("%s is 0x%08X and 0x%08X", name, uint32(other), uint32(s))
			}
			seen[name] = s
		}
	}
	if len(seen) < 100 {
		t.Errorf("only %d names found", len(seen))
	}
}
