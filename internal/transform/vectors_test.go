package transform_test

import (
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// field is one "name: value" of a vector file; a value continues on lines
// that begin with a blank.
type field struct {
	name, value string
}

// readVectors reads a file of testdata/vectors. Lines that begin with # are
// remarks.
func readVectors(t testing.TB, file string) []field {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "vectors", file))
	if err != nil {
		t.Fatal(err)
	}
	var fields []field
	for line := range strings.Lines(string(text)) {
		line = strings.TrimRight(line, "\r\n")
		switch {
		case line == "" || line[0] == '#':
		case line[0] == ' ':
			fields[len(fields)-1].value += strings.TrimSpace(line)
		default:
			name, value, ok := strings.Cut(line, ":")
			if !ok {
				t.Fatalf("%s: no field name in %q", file, line)
			}
			fields = append(fields, field{name, strings.TrimSpace(value)})
		}
	}
	if len(fields) == 0 {
		t.Fatalf("%s: no vectors", file)
	}
	return fields
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatalf("bad hex %q: %v", s, err)
	}
	return b
}
