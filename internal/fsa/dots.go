package fsa

import (
	"slices"
	"strings"

	"github.com/signet-smb/signet/ntstatus"
)

// ResolveDots takes the components "." and ".." out of a name that is relative
// to the root of a share. What it goes by is the name alone: the directories
// need not be there, and no back end ever sees such a component. Names without
// one are returned as they are, and checked by nobody yet.
//
//   - ObjectPathSyntaxBad: the name leads above the root;
//   - ObjectNameInvalid: what a ".." takes away is no name of a file;
//   - InvalidParameter: a ".." takes away the first component, and more follows.
//
// [MS-FSCC] 2.1.5.1, [MS-SMB2] <303>.
//
// Deviation: [MS-FSCC] 2.1.5.1 has ".." at the root stand for the root itself.
// Windows and Samba refuse it (smbtorture's smb2.mkdir).
func ResolveDots(name string) (string, error) {
	components := strings.Split(name, `\`)
	if !slices.ContainsFunc(components, isDots) {
		return name, nil
	}
	if len(components) > 2 && !isDots(components[0]) && components[1] == ".." {
		return "", ntstatus.InvalidParameter
	}
	var kept []string
	for _, component := range components {
		last := len(kept) - 1
		switch {
		case component == ".":
		case component != "..":
			kept = append(kept, component)
		case last < 0:
			return "", ntstatus.ObjectPathSyntaxBad
		case !validComponent(kept[last]):
			return "", ntstatus.ObjectNameInvalid
		default:
			kept = kept[:last]
		}
	}
	return strings.Join(kept, `\`), nil
}

func isDots(component string) bool { return component == "." || component == ".." }
