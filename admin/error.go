package admin

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"
)

// Error is every error of the API, and of the commands under --json. It never
// repeats a value it was given: that might be a password.
type Error struct {
	Code     string   `json:"Code" doc:"one word for programs, such as NotFound"`
	Status   int      `json:"Status" doc:"HTTP status; 0 for an error of the command itself"`
	Message  string   `json:"Message" doc:"one sentence for people"`
	Property string   `json:"Property,omitempty" doc:"the property that was refused"`
	Allowed  []string `json:"Allowed,omitempty" doc:"the values it accepts"`
	Hint     string   `json:"Hint,omitempty" doc:"what to do about it"`
}

func (e *Error) Error() string {
	if e.Hint == "" {
		return e.Message
	}
	return e.Message + ": " + e.Hint
}

// GetStatus implements huma.StatusError.
func (e *Error) GetStatus() int { return e.Status }

// codes names each HTTP status that the API answers with.
var codes = map[int]string{
	http.StatusBadRequest:            "InvalidRequest",
	http.StatusUnauthorized:          "SignInRequired",
	http.StatusForbidden:             "AccessDenied",
	http.StatusMisdirectedRequest:    "ForeignHost",
	http.StatusTooManyRequests:       "TooMany",
	http.StatusNotFound:              "NotFound",
	http.StatusMethodNotAllowed:      "MethodNotAllowed",
	http.StatusNotAcceptable:         "NotAcceptable",
	http.StatusRequestTimeout:        "Timeout",
	http.StatusConflict:              "AlreadyExists",
	http.StatusLengthRequired:        "LengthRequired",
	http.StatusRequestEntityTooLarge: "TooLarge",
	http.StatusUnsupportedMediaType:  "UnsupportedMediaType",
	http.StatusUnprocessableEntity:   "InvalidValue",
	http.StatusInternalServerError:   "InternalError",
}

// shapeErrors gives huma our shape of error: it has no other hook than a
// variable of its own, which is set before the first handler is made.
var shapeErrors = sync.OnceFunc(func() { huma.NewError = newError })

// newError makes an Error of what huma found wrong with a request. Of a detail
// it takes place and message and leaves out the value.
func newError(status int, message string, errs ...error) huma.StatusError {
	e := &Error{Code: codes[status], Status: status, Message: message}
	if e.Code == "" {
		e.Code = "Error"
	}
	for _, err := range errs {
		detailer, ok := err.(huma.ErrorDetailer)
		if !ok {
			continue
		}
		detail := detailer.ErrorDetail()
		e.Message += ": " + detail.Message
		if e.Property == "" {
			e.Property = strings.TrimPrefix(strings.TrimPrefix(detail.Location, "body."), "path.")
		}
	}
	return e
}

// failUser makes the answer to an error of the store about one account.
func (h *handlers) failUser(ctx context.Context, doing, name string, err error) error {
	switch {
	case errors.Is(err, fs.ErrExist):
		return &Error{
			Code: "AlreadyExists", Status: http.StatusConflict, Property: "Name",
			Message: fmt.Sprintf("an account %q exists already", name), Hint: "signet user passwd sets its password",
		}
	case errors.Is(err, fs.ErrNotExist):
		return &Error{
			Code: "NotFound", Status: http.StatusNotFound, Property: "Name",
			Message: fmt.Sprintf("no account %q", name), Hint: "signet user list shows them",
		}
	}
	if refused, ok := errors.AsType[*Error](err); ok {
		refused.Status = http.StatusUnprocessableEntity
		return refused
	}
	return h.fail(ctx, doing, err)
}

// fail logs an error that is our own fault and makes the answer to it, which
// tells a caller, who is an administrator, what it was.
func (h *handlers) fail(ctx context.Context, doing string, err error) error {
	h.log.ErrorContext(ctx, "admin: "+doing, "err", err)
	return &Error{Code: "InternalError", Status: http.StatusInternalServerError, Message: fmt.Sprintf("%s: %v", doing, err)}
}
