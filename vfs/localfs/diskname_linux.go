package localfs

import (
	"strings"
	"unicode/utf8"

	"github.com/signet-smb/signet/ntstatus"
)

// Names on disk are any bytes but NUL and slash; names toward clients are
// UTF-16 without the characters that Windows forbids. What a client could not
// be shown is shown in the private-use characters
//
//	U+F001 to U+F01F   control characters
//	U+F020 to U+F027   " * : < > ? \ |
//	U+F028, U+F029     a space or dot at the end
//	U+F080 to U+F0FF   bytes 0x80 to 0xFF that are no UTF-8
//
// The first three are what macOS and Linux clients use themselves (Services
// for Macintosh), so there such names are read as they are meant. A name on
// disk that holds one of these private-use characters itself shows its bytes
// by the last row, so no two names on disk are shown alike.

// The private-use characters.
const (
	sfmFirst = 0xF001
	sfmSpace = 0xF028
	sfmDot   = 0xF029
	sfmLast  = sfmDot
	// sfmByte plus a byte shows that byte; from sfmBytes on.
	sfmByte  = 0xF000
	sfmBytes = 0xF080
	sfmEnd   = 0xF0FF
)

// sfmForbidden are the forbidden characters in the order of U+F020 onwards.
const sfmForbidden = `"*:<>?\|`

// shownName returns how clients are shown the name on disk.
func shownName(disk string) string {
	if isPlain(disk) {
		return disk
	}
	var b strings.Builder
	b.Grow(len(disk) + 8)
	for i := 0; i < len(disk); {
		c, size := utf8.DecodeRuneInString(disk[i:])
		last := i+size == len(disk)
		switch {
		case c == utf8.RuneError && size == 1, isPrivate(c):
			for _, raw := range []byte(disk[i : i+size]) {
				b.WriteRune(sfmByte + rune(raw))
			}
		case c == ' ' && last:
			b.WriteRune(sfmSpace)
		case c == '.' && last:
			b.WriteRune(sfmDot)
		case c < 0x20:
			b.WriteRune(sfmFirst - 1 + c)
		case c < utf8.RuneSelf && strings.IndexByte(sfmForbidden, byte(c)) >= 0:
			b.WriteRune(sfmFirst + 0x1F + rune(strings.IndexByte(sfmForbidden, byte(c))))
		default:
			b.WriteRune(c)
		}
		i += size
	}
	return b.String()
}

// isPlain reports whether a name is the same on disk and toward clients. It
// may err on the safe side.
func isPlain(name string) bool {
	ascii := true
	for i := range len(name) {
		switch c := name[i]; {
		case c < 0x20, strings.IndexByte(sfmForbidden, c) >= 0:
			return false
		case c == privateLead:
			return false
		case c >= utf8.RuneSelf:
			ascii = false
		}
	}
	if strings.HasSuffix(name, " ") || strings.HasSuffix(name, ".") {
		return false
	}
	return ascii || utf8.ValidString(name)
}

// privateLead is the first byte of the private-use characters as UTF-8, and of
// others.
const privateLead = 0xEF

func isPrivate(c rune) bool {
	return c >= sfmFirst && c <= sfmLast || c >= sfmBytes && c <= sfmEnd
}

// meantName undoes shownName. Of a name that shownName never returns it makes
// the name on disk that it comes closest to.
func meantName(shown string) string {
	if strings.IndexByte(shown, privateLead) < 0 {
		return shown
	}
	b := make([]byte, 0, len(shown))
	for i := 0; i < len(shown); {
		c, size := utf8.DecodeRuneInString(shown[i:])
		switch {
		case c == sfmSpace:
			b = append(b, ' ')
		case c == sfmDot:
			b = append(b, '.')
		case c >= sfmFirst && c < sfmFirst+0x1F:
			b = append(b, byte(c-sfmFirst+1))
		case c >= sfmFirst && c < sfmSpace:
			b = append(b, sfmForbidden[c-sfmFirst-0x1F])
		case c >= sfmBytes && c <= sfmEnd:
			b = append(b, byte(c-sfmByte))
		default:
			b = append(b, shown[i:i+size]...)
		}
		i += size
	}
	return string(b)
}

// diskName returns the name on disk of an entry that is to be shown as name,
// or refuses one that would be shown in another way: there would be two names
// for one entry.
func diskName(name string) (string, error) {
	disk := meantName(name)
	if checkName(disk) != nil || shownName(disk) != name {
		return "", ntstatus.ObjectNameInvalid
	}
	return disk, nil
}
