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
//
// Deviation: letters that Unicode got after that table was made fold too.
func Fold(name string) string {
	for i := range len(name) {
		if name[i] >= utf8.RuneSelf {
			return foldUnicode(name)
		}
	}
	return strings.ToUpper(name)
}

// foldUnicode copies bytes that are no UTF-8, where strings.Map would replace
// them and so make two names one.
func foldUnicode(name string) string {
	var b strings.Builder
	b.Grow(len(name))
	for i := 0; i < len(name); {
		c, size := utf8.DecodeRuneInString(name[i:])
		if c == utf8.RuneError {
			b.WriteString(name[i : i+size])
		} else {
			b.WriteRune(foldRune(c))
		}
		i += size
	}
	return b.String()
}

// foldRune folds a letter only if it is the lower case of its upper case. So
// the dotless i, the long s, the micro sign and title-case letters stay, as in
// the table: files that differ in them are two files on Windows. The final
// sigma is the one exception there.
func foldRune(c rune) rune {
	const finalSigma = 'ς'
	if c > 0xFFFF {
		return c
	}
	u := unicode.ToUpper(c)
	if u > 0xFFFF || unicode.ToLower(u) != c && c != finalSigma {
		return c
	}
	return u
}
