package vfs

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Fold maps a name to the form by which names are compared without regard to
// case: each character of the basic multilingual plane becomes its simple
// upper-case form, as in the upcase table of NTFS. Other characters, and bytes
// that are no UTF-8, stay as they are.
func Fold(name string) string {
	for i := range len(name) {
		if c := name[i]; c >= utf8.RuneSelf {
			return strings.Map(foldRune, name)
		}
	}
	return strings.ToUpper(name)
}

func foldRune(c rune) rune {
	if c > 0xFFFF {
		return c
	}
	if u := unicode.ToUpper(c); u <= 0xFFFF {
		return u
	}
	return c
}
