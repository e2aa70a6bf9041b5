package client

import (
	"strings"

	"github.com/signet-smb/signet/internal/wire"
	"github.com/signet-smb/signet/ntstatus"
)

// maxPath is the longest name that is sent, in bytes of UTF-16.
const maxPath = 32 << 10

// wireName is the form in which a name in a share travels: components between
// backslashes, none at the ends.
func wireName(name string) (string, error) {
	name = strings.Trim(strings.ReplaceAll(name, "/", `\`), `\`)
	if name == "" || name == "." {
		return "", nil
	}
	if strings.ContainsRune(name, 0) || wire.UTF16Len(name) > maxPath {
		return "", ntstatus.ObjectNameInvalid
	}
	parts := strings.Split(name, `\`)
	kept := parts[:0]
	for _, p := range parts {
		switch p {
		case "", ".":
		case "..":
			return "", ntstatus.ObjectPathSyntaxBad
		default:
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, `\`), nil
}

// baseName is the last component of a name.
func baseName(name string) string {
	name = strings.TrimRight(strings.ReplaceAll(name, `\`, "/"), "/")
	name = name[strings.LastIndexByte(name, '/')+1:]
	if name == "" {
		return "."
	}
	return name
}

// checkName tells why name, which a server has sent as one component, cannot
// be one; nil if it can. A listing that says more is a way out of a directory.
func checkName(name string) error {
	switch {
	case name == "":
		return &NameError{Name: name, Problem: "it is empty"}
	case name == "." || name == "..":
		return &NameError{Name: name, Problem: "it leads up"}
	case strings.ContainsAny(name, `/\`):
		return &NameError{Name: name, Problem: "it has a separator in it"}
	case strings.ContainsRune(name, 0):
		return &NameError{Name: name, Problem: "it has a NUL in it"}
	case wire.UTF16Len(name) > 2*255:
		return &NameError{Name: name[:min(len(name), 64)], Problem: "it is longer than 255 characters"}
	}
	return nil
}

// changedName is the name of a change with slashes: a relative path, each
// component of which a file can have.
func changedName(name string) (string, error) {
	parts := strings.Split(name, `\`)
	for _, p := range parts {
		if err := checkName(p); err != nil {
			return "", err
		}
	}
	return strings.Join(parts, "/"), nil
}
