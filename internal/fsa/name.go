package fsa

import (
	"strings"
	"unicode/utf8"

	"github.com/signet-smb/signet/ntstatus"
)

// maxComponent is in UTF-16 code units. [MS-FSCC] 2.1.5.2.
const maxComponent = 255

// maxPath is in UTF-16 code units. [MS-FSCC] 2.1.5.
const maxPath = 32760

// pathName is a valid name of a file, relative to the root of a volume.
type pathName struct {
	dirs     string // all components but the last, separated by backslashes
	last     string // "" for the root
	data     bool   // "::$DATA" was there: the data stream is meant, never a directory
	trailing bool   // ended in a backslash: a directory is meant
}

// parseName checks a name; what is wrong with it is always
// ntstatus.ObjectNameInvalid. [MS-FSCC] 2.1.5, [MS-FSA] 2.1.5.1 phases 1 and 5.
func parseName(name string) (pathName, error) {
	var p pathName
	if units(name) > maxPath {
		return p, ntstatus.ObjectNameInvalid
	}
	if rest, ok := cutSuffixFold(name, "::$DATA"); ok {
		name, p.data = rest, true
	}
	if name == "" {
		return p, nil
	}
	name, p.trailing = strings.CutSuffix(name, `\`)
	for component := range strings.SplitSeq(name, `\`) {
		if !validComponent(component) {
			return p, ntstatus.ObjectNameInvalid
		}
	}
	if at := strings.LastIndexByte(name, '\\'); at >= 0 {
		p.dirs, p.last = name[:at], name[at+1:]
	} else {
		p.last = name
	}
	return p, nil
}

// validComponent says whether name may be that of a file.
//
// Missing: named streams, and "$INDEX_ALLOCATION" as the name of a directory's
// index; a colon is refused.
func validComponent(name string) bool {
	return validCharacters(name, `"*/:<>?|\`) && name != "." && name != ".."
}

// validPattern says whether pattern may be searched for in a directory.
// [MS-FSA] 2.1.5.6.3.
func validPattern(pattern string) bool { return validCharacters(pattern, `/:|\`) }

// validCharacters checks the length of name, and for control characters and
// those that are forbidden.
func validCharacters(name, forbidden string) bool {
	if name == "" || units(name) > maxComponent {
		return false
	}
	for i := range len(name) {
		if name[i] < 0x20 || strings.IndexByte(forbidden, name[i]) >= 0 {
			return false
		}
	}
	return true
}

// units is the length of s in UTF-16 code units; a byte that is no UTF-8
// counts as one.
func units(s string) int {
	n := 0
	for len(s) > 0 {
		c, size := utf8.DecodeRuneInString(s)
		if c > 0xFFFF {
			n++
		}
		n++
		s = s[size:]
	}
	return n
}

// cutSuffixFold is strings.CutSuffix without regard to case. suffix is ASCII.
func cutSuffixFold(s, suffix string) (string, bool) {
	at := len(s) - len(suffix)
	if at < 0 || !strings.EqualFold(s[at:], suffix) {
		return s, false
	}
	return s[:at], true
}
