package auth

import (
	"strings"
	"unicode"
)

// AccountName is the local account that a user name sent by a peer means: a
// domain before a backslash and a realm behind an at sign are left off, so
// that `ann`, `HOST\ann`, `.\ann`, `WORKGROUP\ann` and `ann@host` are one
// account. No account name holds either character.
func AccountName(user string) string {
	if i := strings.LastIndexByte(user, '\\'); i >= 0 {
		user = user[i+1:]
	}
	if i := strings.IndexByte(user, '@'); i >= 0 {
		user = user[:i]
	}
	return user
}

// Upcase is the form of an account name by which names are compared and from
// which NTLMv2 keys are made: each character of the basic multilingual plane
// becomes its simple upper-case form. [MS-NLMP] 3.3.2.
//
// Three characters that Unicode maps into another block (dotless i, long s,
// micro sign) stay as they are, as in the upcase table of Windows: otherwise
// two names that Windows tells apart would be one account.
func Upcase(name string) string { return strings.Map(upcase, name) }

func upcase(c rune) rune {
	switch c {
	case 'ı', 'ſ', 'µ':
		return c
	}
	if c > 0xFFFF {
		return c
	}
	if u := unicode.ToUpper(c); u <= 0xFFFF {
		return u
	}
	return c
}
