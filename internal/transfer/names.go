package transfer

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/signet-smb/signet/internal/wire"
)

// NameError is a name that is not used.
type NameError struct {
	Name    string // as its tree writes it; print it with %q
	Problem string
}

// Error gives the name, escaped, and what is wrong with it.
func (e *NameError) Error() string { return fmt.Sprintf("%q left out: %s", e.Name, e.Problem) }

// On the wire, characters that Windows forbids in names are the private-use
// ones that macOS and Linux put in their place, from U+F001 on: for what is
// below a space, then for each of these, then for a space and a dot at the end
// of a name.
const (
	forbidden    = `"*:<>?\|`
	privateFirst = 0xF020 // for the first of forbidden
	privateSpace = 0xF028
	privateDot   = 0xF029
)

// wireName is what a file called name here is called on a server.
func wireName(name string) (string, error) {
	switch {
	case name == "" || name == "." || name == "..":
		return "", &NameError{name, "it leads elsewhere"}
	case !utf8.ValidString(name) || strings.ContainsRune(name, utf8.RuneError):
		return "", &NameError{name, "it is not UTF-8"}
	case strings.ContainsFunc(name, isControl):
		return "", &NameError{name, "it has a control character in it"}
	case strings.Contains(name, "/"):
		return "", &NameError{name, "it has a separator in it"}
	}
	if end := name[len(name)-1]; end == ' ' || end == '.' || strings.ContainsAny(name, forbidden) {
		name = private(name)
	}
	if wire.UTF16Len(name) > 2*255 {
		return "", &NameError{name, "it is longer than 255 characters"}
	}
	return name, nil
}

// private puts the private-use characters in.
func private(name string) string {
	var b strings.Builder
	for i, r := range name {
		last := i == len(name)-1
		switch at := strings.IndexRune(forbidden, r); {
		case at >= 0:
			r = privateFirst + rune(at)
		case r == ' ' && last:
			r = privateSpace
		case r == '.' && last:
			r = privateDot
		}
		b.WriteRune(r)
	}
	return b.String()
}

// plainName is what a file of a server is called elsewhere: it undoes wireName.
// The codes of control characters stay as they are.
func plainName(name string) (string, error) {
	if at := strings.IndexAny(name, `"*:<>?|`); at >= 0 {
		// A colon would open a stream of another file.
		return "", &NameError{name, "no file of a server has " + name[at:at+1] + " in its name"}
	}
	plain := strings.Map(func(r rune) rune {
		switch {
		case r >= privateFirst && r < privateFirst+rune(len(forbidden)):
			return rune(forbidden[r-privateFirst])
		case r == privateSpace:
			return ' '
		case r == privateDot:
			return '.'
		}
		return r
	}, name)
	if plain == "." || plain == ".." {
		return "", &NameError{name, "it leads elsewhere"}
	}
	return plain, nil
}

// checkStream refuses names that no stream has.
func checkStream(name string) error {
	var problem string
	switch {
	case name == "":
		problem = "it is empty"
	case !utf8.ValidString(name) || strings.ContainsRune(name, utf8.RuneError):
		problem = "it is not UTF-8"
	case strings.ContainsFunc(name, isControl):
		problem = "it has a control character in it"
	case strings.ContainsAny(name, `:/\`):
		problem = "it has a separator in it"
	case wire.UTF16Len(name) > 2*255:
		problem = "it is longer than 255 characters"
	default:
		return nil
	}
	return &NameError{name, problem}
}

// localName refuses what no file on system should be called because of a
// server: what leads elsewhere, opens a device, on this system or another to
// which it may be taken, or does something to a terminal.
func localName(name, system string, devices bool) error {
	problem := ""
	windows := system == "windows"
	switch {
	case name == "" || name == "." || name == "..":
		problem = "it leads elsewhere"
	case strings.Contains(name, "/") || windows && strings.Contains(name, `\`):
		problem = "it has a separator in it"
	case !utf8.ValidString(name):
		problem = "it is not UTF-8"
	case strings.ContainsFunc(name, isControl):
		problem = "it has a control character in it"
	case !windows && len(name) > 255 || wire.UTF16Len(name) > 2*255:
		problem = "it is longer than 255 bytes"
	case windows && strings.ContainsAny(name, forbidden):
		problem = "Windows has no such names"
	case windows && strings.TrimRight(name, ". ") != name:
		problem = "it ends in a dot or a space"
	case isDevice(name) && (windows || !devices):
		problem = "it is a device of Windows"
	}
	if problem == "" {
		return nil
	}
	return &NameError{name, problem}
}

// isControl reports whether a terminal may do something because of r: C0, DEL
// and C1.
func isControl(r rune) bool { return r < ' ' || r >= 0x7F && r < 0xA0 }

// isDevice reports whether Windows opens a device by this name, whatever
// follows a dot in it.
func isDevice(name string) bool {
	base, _, _ := strings.Cut(strings.ToUpper(name), ".")
	base = strings.TrimRight(base, " ")
	switch base {
	case "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$":
		return true
	}
	for _, kind := range []string{"COM", "LPT"} {
		if digit, ok := strings.CutPrefix(base, kind); ok && len([]rune(digit)) == 1 && strings.ContainsAny(digit, "0123456789¹²³") {
			return true
		}
	}
	return false
}
