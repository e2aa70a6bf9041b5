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
	stream   string // the named stream that is meant; "" for none
	data     bool   // a stream or the type $DATA is named: data is meant, never a directory
	index    bool   // the type $INDEX_ALLOCATION is named: a directory is meant
	trailing bool   // ended in a backslash: a directory is meant
}

// parseName checks a name; what is wrong with it is ntstatus.ObjectNameInvalid,
// but for a stream that cannot be of the type named: ntstatus.InvalidParameter.
// [MS-FSCC] 2.1.5, [MS-FSA] 2.1.5.1 phases 1, 5 and 6.
func parseName(name string) (pathName, error) {
	var p pathName
	if units(name) > maxPath {
		return p, ntstatus.ObjectNameInvalid
	}
	if name == "" {
		return p, nil
	}
	name, p.trailing = strings.CutSuffix(name, `\`)
	if strings.Contains(name, ":") {
		var err error
		if name, err = p.cutStreams(name); err != nil || name == "" {
			return p, err
		}
	}
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

// cutStreams takes the names and types of streams from those of files, and
// notes the last ones. What is left is "" if a stream of the root is meant.
func (p *pathName) cutStreams(name string) (string, error) {
	components := strings.Split(name, `\`)
	last := len(components) - 1
	for i, component := range components {
		file, suffix, ok := strings.Cut(component, ":")
		if !ok {
			continue
		}
		stream, kind, err := parseStream(suffix)
		index := strings.EqualFold(kind, "$INDEX_ALLOCATION")
		switch {
		case err != nil:
			return "", err
		case i < last && !index && (kind != "" || !strings.EqualFold(stream, "$I30")):
			return "", ntstatus.ObjectNameInvalid
		case file == "" && last > 0:
			return "", ntstatus.ObjectNameInvalid
		case i == last && index:
			p.index = true
		case i == last:
			p.stream, p.data = stream, true
		}
		components[i] = file
	}
	return strings.Join(components, `\`), nil
}

// parseStream splits what follows the colon behind the name of a file: the name
// of a stream, which may be "" if a type follows, and the type, or "".
// [MS-FSCC] 2.1.5.3, 2.1.5.4.
func parseStream(suffix string) (name, kind string, err error) {
	name, kind, typed := strings.Cut(suffix, ":")
	switch {
	case !typed && name == "", units(name) > maxComponent, strings.ContainsAny(name, "\x00/\\"):
		return "", "", ntstatus.ObjectNameInvalid
	case !typed, strings.EqualFold(kind, "$DATA"):
		return name, kind, nil
	case !strings.EqualFold(kind, "$INDEX_ALLOCATION"):
		return "", "", ntstatus.ObjectNameInvalid
	case name != "" && !strings.EqualFold(name, "$I30"):
		return "", "", ntstatus.InvalidParameter
	}
	return "", kind, nil
}

// validComponent says whether name may be that of a file.
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
