package localuser

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// Limits in UTF-16 code units.
const (
	// maxName is the longest account name. Windows has 20 for local users;
	// Unix names have up to 32 characters and are given to accounts too.
	maxName = 64
	// maxPassword is the longest password that Windows clients can send.
	maxPassword = 256
)

// Errors of what a caller asks for. They are told to administrators and hold
// no secret.
var (
	ErrName     = errors.New("invalid account name")
	ErrPassword = errors.New("invalid password")
	ErrUnixUser = errors.New("invalid system user name")
	ErrRole     = errors.New("invalid role")
)

// checkName applies the rules of Windows for local account names. The
// characters left out are those that separate names from domains, and what
// `net user` and log files give a meaning to.
func checkName(name string) error {
	switch {
	case name == "":
		return fmt.Errorf("%w: empty", ErrName)
	case !utf8.ValidString(name):
		return fmt.Errorf("%w: not UTF-8", ErrName)
	case utf16Len(name) > maxName:
		return fmt.Errorf("%w: longer than %d characters", ErrName, maxName)
	case strings.TrimSpace(name) != name:
		return fmt.Errorf("%w %q: begins or ends with a space", ErrName, name)
	case strings.HasSuffix(name, "."):
		return fmt.Errorf("%w %q: ends with a period", ErrName, name)
	}
	for _, c := range name {
		if !unicode.IsPrint(c) || strings.ContainsRune(`"/\[]:;|=,+*?<>@`, c) {
			return fmt.Errorf("%w %q: character %q", ErrName, name, c)
		}
	}
	return nil
}

func checkPassword(password string) error {
	switch {
	case password == "":
		return fmt.Errorf("%w: empty", ErrPassword)
	case !utf8.ValidString(password):
		return fmt.Errorf("%w: not UTF-8", ErrPassword)
	case utf16Len(password) > maxPassword:
		return fmt.Errorf("%w: longer than %d characters", ErrPassword, maxPassword)
	}
	return nil
}

func utf16Len(s string) int {
	n := 0
	for _, c := range s {
		n += utf16.RuneLen(c)
	}
	return n
}

// checkUnixUser refuses what no line of a passwd file could hold. Whether there
// is such a user is not known here.
func checkUnixUser(name string) error {
	switch {
	case !utf8.ValidString(name) || utf16Len(name) > maxName:
		return fmt.Errorf("%w: not UTF-8, or longer than %d characters", ErrUnixUser, maxName)
	case strings.ContainsFunc(name, func(c rune) bool { return c == ':' || c == '/' || !unicode.IsPrint(c) }):
		return fmt.Errorf("%w: %q", ErrUnixUser, name)
	}
	return nil
}
