package fsa

import (
	"slices"
	"strings"
	"testing"

	"github.com/signet-smb/signet/ntstatus"
)

func TestDotsAreTakenOutOfNames(t *testing.T) {
	for _, c := range []struct{ name, want string }{
		{"", ""},
		{".", ""},
		{`.\`, ""},
		{`a\b.`, `a\b.`},
		{`...\a`, `...\a`},
		{`..a\b..\.c`, `..a\b..\.c`},
		{`a\.\b`, `a\b`},
		{`a\.`, `a`},
		{`a\.\`, `a\`},
		{`a\..`, ""},
		{`.\a\..\b`, "b"},
		{`a\b\..\c`, `a\c`},
		{`a\b\..\..\c`, `c`},
		{`a\b\..\c\..\..\d\`, `d\`},
		{`a\b\c:d`, `a\b\c:d`},
		{`a\.\c:..`, `a\c:..`},
	} {
		if got, err := ResolveDots(c.name); got != c.want || err != nil {
			t.Errorf("ResolveDots(%q) = %q, %v, want %q", c.name, got, err, c.want)
		}
	}
}

func TestNamesThatLeadNowhereAreRefused(t *testing.T) {
	for _, c := range []struct {
		name string
		want ntstatus.Status
	}{
		{"..", ntstatus.ObjectPathSyntaxBad},
		{`..\`, ntstatus.ObjectPathSyntaxBad},
		{`..\a`, ntstatus.ObjectPathSyntaxBad},
		{`..\..\..`, ntstatus.ObjectPathSyntaxBad},
		{`.\..`, ntstatus.ObjectPathSyntaxBad},
		{`a\b\..\..\..\a\b`, ntstatus.ObjectPathSyntaxBad},
		{strings.Repeat(`a\`, 100) + strings.Repeat(`..\`, 101) + "b", ntstatus.ObjectPathSyntaxBad},
		{`a\..\b`, ntstatus.InvalidParameter}, // as Windows has it
		{`a\..\`, ntstatus.InvalidParameter},
		{`a\b*\..\c`, ntstatus.ObjectNameInvalid},
		{`a\b:c\..\d`, ntstatus.ObjectNameInvalid},
		{`a\\..\d`, ntstatus.ObjectNameInvalid},
		{`a\b/c\..\d`, ntstatus.ObjectNameInvalid},
	} {
		if got, err := ResolveDots(c.name); got != "" || err != c.want {
			t.Errorf("ResolveDots(%.40q) = %q, %v, want %v", c.name, got, err, c.want)
		}
	}
}

// FuzzResolveDots compares the name with what a walk from the root makes of it.
func FuzzResolveDots(f *testing.F) {
	for _, name := range []string{"", ".", "..", `a\..`, `a\b\..\..\c`, `a\.\b`, `..\a`, `a\b:c\..`, `a\\..\b`, `a\...\..`, `\..\a`, "a/../b"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		got, err := ResolveDots(name)
		if err != nil {
			if got != "" {
				t.Errorf("ResolveDots(%q) = %q, %v", name, got, err)
			}
			return
		}
		if slices.ContainsFunc(strings.Split(got, `\`), isDots) {
			t.Errorf("ResolveDots(%q) = %q", name, got)
		}
		var walked []string
		for component := range strings.SplitSeq(name, `\`) {
			switch component {
			case ".":
			case "..":
				if len(walked) == 0 {
					t.Fatalf("ResolveDots(%q) = %q, and the name leads above the root", name, got)
				}
				walked = walked[:len(walked)-1]
			default:
				walked = append(walked, component)
			}
		}
		if want := strings.Join(walked, `\`); got != want {
			t.Errorf("ResolveDots(%q) = %q, want %q", name, got, want)
		}
	})
}
