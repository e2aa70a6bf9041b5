package doctor

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/signet-smb/signet/ntstatus"
)

// Answer is what [Lookup] makes of a text.
type Answer struct {
	Codes   []*Code // all that may be meant, the likeliest first; none if it is not known
	Read    string  // what was taken for the code: "0xC000A000"; "" if nothing was
	Name    string  // of a code that has one, and is none of a failing connection
	Nearest *Code   // if Codes is empty and a code was read
}

// maxText bounds what is looked at, in bytes: an error message, not a log.
const maxText = 4096

var (
	// errnoText finds the number where its words say that it is an errno.
	errnoText = regexp.MustCompile(`(?i)(?:mount(?:\.cifs)? error\s*\(?|return code\s*=?\s*|errno\s*=?\s*|\brc\s*=\s*)(-?\d{1,5})\b`)
	macText   = regexp.MustCompile(`(?i)mount_smbfs|netfs|macos|finder|smb_mount`)
	nameText  = regexp.MustCompile(`(?i)\b(?:NT_STATUS_|STATUS_|ERROR_|SEC_E_|NERR_|WSA|E_)[A-Z0-9_]+\b`)
	errnoName = regexp.MustCompile(`\bE[A-Z]{3,15}\b`)
	hexText   = regexp.MustCompile(`(?i)\b0x([0-9a-f]{1,16})\b`)
	number    = regexp.MustCompile(`-?\b\d{1,20}\b`)
	bareHex   = regexp.MustCompile(`(?i)^[0-9a-f]{8}$`)
)

// Lookup finds the codes in text: a number in any spelling, a name, or what a
// program printed with either in it.
func Lookup(text string) Answer {
	text = strings.TrimSpace(text[:min(len(text), maxText)])
	if text == "" {
		return Answer{}
	}
	unknown := Answer{}
	note := func(a Answer) bool {
		if unknown.Read == "" {
			unknown = a
		}
		return len(a.Codes) > 0
	}
	for _, name := range nameText.FindAllString(text, -1) {
		if a := byName(name); note(a) {
			return a
		}
	}
	for _, m := range hexText.FindAllStringSubmatch(text, -1) {
		if a := byUnsigned(m[0], m[1], 16); note(a) {
			return a
		}
	}
	if bareHex.MatchString(text) && strings.ContainsAny(text, "abcdefABCDEF") {
		if a := byUnsigned("0x"+text, text, 16); note(a) {
			return a
		}
	}
	errno := Linux
	if macText.MatchString(text) {
		errno = MacOS
	}
	for _, m := range errnoText.FindAllStringSubmatch(text, -1) {
		n, _ := strconv.ParseInt(m[1], 10, 64)
		if n < 0 {
			n = -n
		}
		if a := inSpaces(m[1], n, errno); note(a) {
			return a
		}
	}
	if a := byPhrase(text); len(a.Codes) > 0 {
		return a
	}
	for _, name := range errnoName.FindAllString(text, -1) {
		if a := byName(name); note(a) {
			return a
		}
	}
	for _, m := range number.FindAllString(text, -1) {
		if a := byDecimal(m, errno); note(a) {
			return a
		}
	}
	return unknown
}

// byDecimal takes a decimal number: NTSTATUS and HRESULT are seen as signed
// and as unsigned numbers of 32 bits.
func byDecimal(read string, errno Space) Answer {
	n, err := strconv.ParseInt(read, 10, 64)
	if err != nil || n < math.MinInt32 || n > math.MaxUint32 {
		return Answer{Read: read}
	}
	switch {
	case n < -99999:
		return byValue(read, uint32(n))
	case n < 0:
		a := inSpaces(read, n, Finder)
		if len(a.Codes) == 0 {
			a = inSpaces(read, -n, errno)
		}
		return a
	case n > math.MaxInt32:
		return byValue(read, uint32(n))
	}
	if errno == MacOS {
		return inSpaces(read, n, MacOS, Win32)
	}
	return inSpaces(read, n, Win32, Linux, MacOS)
}

func byUnsigned(read, digits string, base int) Answer {
	n, err := strconv.ParseUint(digits, base, 64)
	if err == nil && n>>32 == math.MaxUint32 { // PowerShell's 0xFFFFFFFFC000006D
		n &= math.MaxUint32
	}
	if err != nil || n > math.MaxUint32 {
		return Answer{Read: read}
	}
	return byValue(read, uint32(n))
}

// byValue takes a number of 32 bits. [MS-ERREF] 2.1: an HRESULT may hold a
// number of Windows, or an NTSTATUS.
func byValue(read string, v uint32) Answer {
	const (
		facilityWin32 = 0x80070000
		facilityNT    = 0x10000000
	)
	switch {
	case v&0xFFFF0000 == facilityWin32:
		return inSpaces(read, int64(v&0xFFFF), Win32)
	case v>>28 == 0xD:
		return inSpaces(read, int64(v&^facilityNT), NTStatus)
	case v>>16 == 0:
		return inSpaces(read, int64(v), Win32, Linux)
	}
	return inSpaces(read, int64(v), NTStatus, HResult)
}

// inSpaces finds n in each of spaces.
func inSpaces(read string, n int64, spaces ...Space) Answer {
	a := Answer{Read: read}
	for _, space := range spaces {
		for i := range Codes {
			if c := &Codes[i]; c.Space == space && c.Value == n {
				a.Codes = append(a.Codes, c)
			}
		}
	}
	if len(a.Codes) > 0 {
		return a
	}
	if slices.Contains(spaces, NTStatus) && n <= math.MaxUint32 {
		if name := ntstatus.Status(n).String(); !strings.HasPrefix(name, "NTSTATUS ") {
			a.Name = name
		}
	}
	far := int64(math.MaxInt64)
	for i := range Codes {
		c := &Codes[i]
		if !slices.Contains(spaces, c.Space) {
			continue
		}
		if d := max(n-c.Value, c.Value-n); d < far {
			far, a.Nearest = d, c
		}
	}
	return a
}

// byName finds a name: NT_STATUS_... is how Samba spells STATUS_...
func byName(name string) Answer {
	a := Answer{Read: name}
	want := strings.ToUpper(name)
	if rest, ok := strings.CutPrefix(want, "NT_STATUS_"); ok {
		want = "STATUS_" + rest
	}
	if synonym, ok := synonyms[want]; ok {
		want = synonym
	}
	for i := range Codes {
		if strings.ToUpper(Codes[i].Name) == want {
			a.Codes = append(a.Codes, &Codes[i])
		}
	}
	if len(a.Codes) > 0 {
		return a
	}
	least := math.MaxInt
	for i := range Codes {
		if d := distance(want, strings.ToUpper(Codes[i].Name)); d < least {
			least, a.Nearest = d, &Codes[i]
		}
	}
	return a
}

// synonyms are other spellings in use.
var synonyms = map[string]string{
	"ENOTSUPP":       "EOPNOTSUPP",
	"E_ACCESSDENIED": "ERROR_ACCESS_DENIED",
}

// byPhrase finds what is shown instead of a number.
func byPhrase(text string) (a Answer) {
	text = strings.ToLower(text)
	for i := range Codes {
		if c := &Codes[i]; c.Phrase != "" && strings.Contains(text, c.Phrase) {
			a.Codes = append(a.Codes, c)
			a.Read = c.Phrase
		}
	}
	return a
}

// distance is how many letters must be changed to make a of b. Levenshtein.
func distance(a, b string) int {
	const longest = 80 // longer than every name of the table
	a, b = a[:min(len(a), longest)], b[:min(len(b), longest)]
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}

// Number spells the value as it is mostly seen.
func (c *Code) Number() string {
	if c.Space == NTStatus || c.Space == HResult {
		return fmt.Sprintf("0x%08X", uint32(c.Value))
	}
	return strconv.FormatInt(c.Value, 10)
}

// Reasons are the causes that the code may have, the likeliest first.
func (c *Code) Reasons() []*Cause {
	var out []*Cause
	for _, id := range c.Causes {
		out = append(out, cause(id))
	}
	return out
}
