package smb2

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// vector is one message of testdata/vectors: "key: value" lines, an empty
// line, then hex, where a # begins a remark.
type vector struct {
	name      string // the file's, without .txt
	source    string
	message   string // a row's name
	canonical bool   // Append gives the same bytes
	bytes     []byte // header included
}

// vectors reads all of testdata/vectors.
func vectors(t testing.TB) (list []vector) {
	t.Helper()
	files, err := filepath.Glob("testdata/vectors/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no vectors: %v", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		v, err := parseVector(string(text))
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		v.name = strings.TrimSuffix(filepath.Base(file), ".txt")
		list = append(list, v)
	}
	return list
}

func parseVector(text string) (vector, error) {
	v := vector{canonical: true}
	head, body, _ := strings.Cut(text, "\n\n")
	for line := range strings.Lines(head) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		switch key {
		case "source":
			v.source = value
		case "comment":
		case "message":
			v.message = value
		case "canonical":
			v.canonical = value != "no"
		default:
			return v, fmt.Errorf("unknown key %q", key)
		}
	}
	for line := range strings.Lines(body) {
		digits, _, _ := strings.Cut(line, "#")
		b, err := hex.DecodeString(strings.Join(strings.Fields(digits), ""))
		if err != nil {
			return v, fmt.Errorf("%q: %w", line, err)
		}
		v.bytes = append(v.bytes, b...)
	}
	if v.source == "" || v.message == "" || len(v.bytes) < HeaderSize {
		return v, fmt.Errorf("source, message or bytes are missing")
	}
	return v, nil
}

// rowOf finds a row by its name.
func rowOf(t testing.TB, name string) *row {
	t.Helper()
	for i := range messages {
		if messages[i].name == name {
			return &messages[i]
		}
	}
	t.Fatalf("no message is called %q", name)
	return nil
}

// encode encodes m behind the header of like.
func encode(like []byte, m Message) []byte {
	return Append(bytes.Clone(like[:HeaderSize]), m)
}

// vectorNamed is the bytes of one vector.
func vectorNamed(t testing.TB, name string) []byte {
	t.Helper()
	for _, v := range vectors(t) {
		if v.name == name {
			return v.bytes
		}
	}
	t.Fatalf("no vector is called %q", name)
	return nil
}
