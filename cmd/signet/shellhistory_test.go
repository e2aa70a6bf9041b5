package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTheShellRemembersLinesForTheirOwnerOnly(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state")
	h := openHistory(dir)
	for _, line := range []string{"ls", "ls", " secret", "", "cat a"} {
		h.Add(line)
	}
	h.close()
	path := filepath.Join(dir, shellHistoryFile)
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	h = openHistory(dir)
	defer h.close()
	if h.Len() != 2 || h.At(0) != "cat a" || h.At(1) != "ls" {
		t.Errorf("remembered: %q", h.lines)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v: want mode 0600", info.Mode(), err)
	}
}

func TestTheShellRemembersABoundedNumberOfLines(t *testing.T) {
	dir := t.TempDir()
	h := openHistory(dir)
	for i := range 2 * maxHistoryLines {
		h.Add(fmt.Sprint(strings.Repeat("x", 200), i))
	}
	h.close()
	h = openHistory(dir)
	defer h.close()
	if h.Len() != maxHistoryLines || !strings.HasSuffix(h.At(0), fmt.Sprint("x", 2*maxHistoryLines-1)) {
		t.Errorf("%d lines, the last %q", h.Len(), h.At(0))
	}
	info, err := h.file.Stat()
	if err != nil || info.Size() > maxHistoryBytes {
		t.Errorf("the file has %d bytes, %v", info.Size(), err)
	}
}

func TestAShellWithoutAPlaceForHistoryStillRemembers(t *testing.T) {
	h := openHistory("/dev/null/state")
	h.Add("ls")
	if h.Len() != 1 || h.file != nil {
		t.Errorf("%+v", h)
	}
}
