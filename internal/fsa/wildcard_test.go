package fsa

import (
	"strings"
	"testing"
	"time"

	"github.com/signet-smb/signet/vfs"
)

func TestWildcardsMatchAsUnderDOS(t *testing.T) {
	for _, c := range []struct {
		pattern string
		in      string // names it matches, separated by spaces
		out     string // names it does not match
	}{
		{"*", "a . .. a.b", ""},
		{"*.*", "a a. .a a.b", ""},
		{"A.txt", "a.TXT", "a.tx a.txtt"},
		{"*.c", ".c a.c a.b.c", "c a.cc a.c."},
		{"a*b*c", "abc aXbYc abcbc", "ab ac abcd"},
		{"?", "a . ü 😀", "ab"},
		{"a??", "abc a..", "a ab abcd"},
		{"ä*", "ÄRGER", "arger"},
		// What a client makes of "*." and "*.txt".
		{"<", "a . ab a.", "a.b"},
		{`<"`, "a a. a.b.", "a.b"},
		{"<.txt", "a.txt a.b.txt .txt", "a.txt.b txt"},
		{"a<b", "ab axb a.b axx.b a.x.b axb", "axb.b.c a.bc"},
		{"a<xb", "axb a.xb ayyxb", "a.yyxb a.b.x"},
		// And of "???.txt".
		{">>>.txt", "a.txt abc.txt .txt", "abcd.txt atxt"},
		{"a>c", "abc", "ac a.c"},
		{">>", "a ab", "abc a.b"},
		{`a"b`, "a.b", "ab a"},
		{`a"`, "a a.", "a.b"},
		{`a""`, "a a. a..", "a.b"},
		{`"a`, ".a", "a"},
	} {
		p := newPattern(c.pattern)
		for _, name := range strings.Fields(c.in) {
			if !p.match(name) {
				t.Errorf("%q does not match %q", c.pattern, name)
			}
		}
		for _, name := range strings.Fields(c.out) {
			if p.match(name) {
				t.Errorf("%q matches %q", c.pattern, name)
			}
		}
	}
}

func TestMatchingAMaliciousPatternIsQuick(t *testing.T) {
	p := newPattern(strings.Repeat("*a", 127))
	name := strings.Repeat("a", 126) + strings.Repeat("b", 100)
	start := time.Now()
	for range 20 {
		if p.match(name) {
			t.Fatal("matched")
		}
	}
	if took := time.Since(start); took > time.Minute {
		t.Errorf("20 matches took %v", took)
	}
}

// matches is the definition of [MS-FSA] 2.1.4.4 by trying every way. last is
// where the last period of the whole name is, counted from the end.
func matches(pattern, name []rune, last int) bool {
	if len(pattern) == 0 {
		return len(name) == 0
	}
	rest := pattern[1:]
	switch c := pattern[0]; {
	case c == anyRun:
		return matches(rest, name, last) || len(name) > 0 && matches(pattern, name[1:], last)
	case c == dosStar && len(name) > 0 && len(name) == last:
		return matches(rest, name, last) || matches(rest, name[1:], last)
	case c == dosStar:
		return matches(rest, name, last) || len(name) > 0 && matches(pattern, name[1:], last)
	case c == dosQM && (len(name) == 0 || name[0] == '.'):
		return matches(rest, name, last)
	case c == dosDot && len(name) == 0:
		return matches(rest, name, last)
	case len(name) == 0:
		return false
	case c == dosQM, c == anyOne, c == dosDot && name[0] == '.', c == name[0]:
		return matches(rest, name[1:], last)
	}
	return false
}

func FuzzMatch(f *testing.F) {
	for _, c := range [][2]string{
		{"*", "a"},
		{"<.txt", "a.b.txt"},
		{">>>\"", "ab."},
		{"a<b>?*", "a.b.c"},
		{"ÄÖ*", "äöü"},
		{"<<<\"<", "..."},
		{"a\xff*", "a\xff"},
	} {
		f.Add(c[0], c[1])
	}
	f.Fuzz(func(t *testing.T, pattern, name string) {
		p := newPattern(pattern)
		got := p.match(name)
		if len(pattern) > 12 || len(name) > 12 || name == "" || strings.ContainsAny(name, wildcards) || pattern == "*.*" || p.literal {
			return // too long to try every way, or no name, or not by the rules
		}
		folded := []rune(vfs.Fold(name))
		last := 0
		for i, c := range folded {
			if c == '.' {
				last = len(folded) - i
			}
		}
		if want := matches(p.runes, folded, last); got != want {
			t.Errorf("match(%q, %q) = %v, want %v", pattern, name, got, want)
		}
	})
}

func BenchmarkMatch(b *testing.B) {
	for _, pattern := range []string{"*", "<.txt", "report*2024?.doc*"} {
		b.Run(pattern, func(b *testing.B) {
			p := newPattern(pattern)
			b.ReportAllocs()
			for b.Loop() {
				p.match("report of November 2024b.docx")
			}
		})
	}
}
