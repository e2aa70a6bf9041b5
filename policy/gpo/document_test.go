package gpo

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// TestTheDocumentListsEveryMapping compares docs/import.md with the table; the
// test's -update writes it.
func TestTheDocumentListsEveryMapping(t *testing.T) {
	const path = "../../docs/import.md"
	const head = "| registry value | type | property |\n|---|---|---|\n"
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, after, ok := strings.Cut(string(data), head)
	if !ok {
		t.Fatalf("%s has no table of registry values", path)
	}
	for strings.HasPrefix(after, "|") {
		_, after, _ = strings.Cut(after, "\n")
	}
	var b strings.Builder
	b.WriteString(before + head)
	for _, m := range Mappings() {
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", m.Path, m.Type, m.Property)
	}
	b.WriteString(after)
	if b.String() == string(data) {
		return
	}
	if !*update {
		t.Fatalf("%s is not what the table says: go test ./policy/gpo -update", path)
	}
	if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}
