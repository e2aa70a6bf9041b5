// Package rolestest compares docs/roles.md, which says who may do what by which
// way, with what tests of several packages have found. Only tests import it.
package rolestest

import (
	"flag"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update-roles", false, "write this package's part of docs/roles.md anew")

// path is the document, from a package in the root of the tree.
const path = "../docs/roles.md"

// Check compares a part of the document with what the test has found, or writes
// it. The test is of a package in the root of the tree.
func Check(t *testing.T, part, found string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	begin, end := "<!-- "+part+": begin -->\n", "<!-- "+part+": end -->\n"
	head, rest, ok := strings.Cut(string(text), begin)
	_, tail, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("%s lacks the marks of the part %s", path, part)
	}
	want := head + begin + found + end + tail
	switch {
	case want == string(text):
	case *update:
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	default:
		t.Errorf("%s does not say what is so; if that is meant, make generate writes\n%s", path, found)
	}
}
