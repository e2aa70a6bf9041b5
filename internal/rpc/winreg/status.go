package winreg

import (
	"errors"
	"io/fs"
)

// status is an error_status_t, what every method returns. [MS-RRP] 2.2.6.
type status uint32

const (
	success           status = 0
	fileNotFound      status = 2
	accessDenied      status = 5
	invalidParameter  status = 87
	insufficientSpace status = 122 // ERROR_INSUFFICIENT_BUFFER
	moreData          status = 234
	noMoreItems       status = 259
	tooManyHandles    status = 1450 // ERROR_NO_SYSTEM_RESOURCES
	heldByPolicy      status = 1260 // ERROR_ACCESS_DISABLED_BY_POLICY
)

// statusOf is the status for an error of a [Registry]; ok is false for one that
// the client is told nothing about.
func statusOf(err error) (s status, ok bool) {
	switch {
	case err == nil:
		return success, true
	case errors.Is(err, fs.ErrNotExist):
		return fileNotFound, true
	case errors.Is(err, fs.ErrPermission):
		return accessDenied, true
	case errors.Is(err, ErrInvalid):
		return invalidParameter, true
	case errors.Is(err, ErrHeld):
		return heldByPolicy, true
	}
	return 0, false
}
