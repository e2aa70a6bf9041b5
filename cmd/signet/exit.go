package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/signet-smb/signet/admin"
)

// The exit codes that scripts may rely on.
const (
	exitDone        = 0
	exitFailed      = 1
	exitUsage       = 2   // bad usage or value; nothing changed
	exitRefused     = 3   // by policy, ours or the peer's
	exitLook        = 4   // done, but there is something to look at
	exitConflict    = 5   // somebody else changed it first; nothing changed
	exitInterrupted = 130 // by a signal
)

// exitError is an error that knows its exit code.
type exitError struct {
	code int
	err  error // nil: the code says it all, or it has been said
}

func (e *exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit code %d", e.code)
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

// usagef returns an error about what the user asked for: exit code 2.
func usagef(format string, args ...any) error {
	return &exitError{code: exitUsage, err: fmt.Errorf(format, args...)}
}

// report prints the error, if any, and returns the exit code for it.
func (a *app) report(err error) int {
	code := a.exitCode(err)
	if code == exitInterrupted {
		err = errors.New("interrupted")
	}
	if exit, ok := errors.AsType[*exitError](err); ok && exit.err == nil {
		return code
	}
	switch {
	case err == nil:
	case a.json:
		a.reportJSON(err, code)
	case forgedText(err) != "":
		fmt.Fprintf(a.stderr, "Error: %s\n", escape(forgedText(err)))
	default:
		fmt.Fprintf(a.stderr, "signet: %s\n", escape(err.Error()))
		if !a.started {
			fmt.Fprintln(a.stderr, "signet --help shows what there is.")
		}
	}
	return code
}

func (a *app) exitCode(err error) int {
	if err == nil {
		return exitDone
	}
	if exit, ok := errors.AsType[*exitError](err); ok {
		return exit.code
	}
	if a.stop != nil && a.stop.gently.Err() != nil {
		return exitInterrupted
	}
	if !a.started {
		return exitUsage
	}
	if _, ok := peerRefusal(err); ok {
		return exitRefused
	}
	if e, ok := errors.AsType[*admin.Error](err); ok {
		switch e.Status {
		case http.StatusConflict:
			if e.Code == "Conflict" {
				return exitConflict
			}
		case http.StatusForbidden:
			return exitRefused
		case http.StatusBadRequest, http.StatusUnprocessableEntity:
			return exitUsage
		}
	}
	return exitFailed
}

// exitWords names the exit codes in JSON, where the API has no word.
var exitWords = map[int]string{
	exitFailed:      "Failed",
	exitUsage:       "InvalidUsage",
	exitRefused:     "AccessDenied",
	exitInterrupted: "Interrupted",
}

// reportJSON prints the error in the API's shape on standard error: standard
// output is for results.
func (a *app) reportJSON(err error, code int) {
	e, ok := errors.AsType[*admin.Error](err)
	if ours := apiError(err, code); !ok && ours != nil {
		e = ours
	} else if !ok {
		e = &admin.Error{Code: exitWords[code], Message: err.Error()}
	}
	_ = json.NewEncoder(a.stderr).Encode(e) // nowhere else to say it
}

// printJSON prints one document of the API, word for word.
func (a *app) printJSON(v any) error {
	enc := json.NewEncoder(a.stdout)
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}
