package main

import (
	"bufio"
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// Bounds of what signet shell remembers.
const (
	maxHistoryLines = 1000
	maxHistoryBytes = 256 << 10 // of the file that are read
)

// shellHistoryFile is the name of the file in the state directory in which signet
// shell remembers what was typed.
const shellHistoryFile = "shell_history"

// shellHistory is what was typed, the oldest first. It implements term.History.
// A line that begins with a blank is not remembered. Owned by the shell.
type shellHistory struct {
	lines []string
	file  *os.File // nil: nothing is kept
}

// openHistory reads what was typed in earlier runs. Without a file, which
// nobody but its owner reads, the shell remembers what is typed in this run.
func openHistory(stateDir string) *shellHistory {
	h := new(shellHistory)
	if err := os.MkdirAll(stateDir, 0o700); err != nil {
		return h
	}
	f, err := os.OpenFile(filepath.Join(stateDir, shellHistoryFile), os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return h
	}
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() || info.Mode().Perm()&0o077 != 0 && f.Chmod(0o600) != nil {
		_ = f.Close() // nothing was written
		return h
	}
	h.file = f
	h.read(max(info.Size()-maxHistoryBytes, 0))
	if info.Size() > maxHistoryBytes {
		h.rewrite()
	}
	return h
}

// read takes the lines from an offset on. The first one is left out if it may
// be half of one.
func (h *shellHistory) read(from int64) {
	lines := bufio.NewScanner(io.NewSectionReader(h.file, from, maxHistoryBytes))
	for n := 0; lines.Scan(); n++ {
		if n > 0 || from == 0 {
			h.keep(lines.Text())
		}
	}
}

// rewrite makes the file as short as what is remembered. What fails is tried
// again by the next shell.
func (h *shellHistory) rewrite() {
	if h.file.Truncate(0) == nil {
		_, _ = h.file.Write([]byte(strings.Join(h.lines, "\n") + "\n"))
	}
}

func (h *shellHistory) keep(line string) {
	h.lines = append(h.lines, line)
	if len(h.lines) > maxHistoryLines {
		h.lines = h.lines[1:]
	}
}

// Add remembers a line, unless it is the one before again.
func (h *shellHistory) Add(line string) {
	if line == "" || strings.HasPrefix(line, " ") || len(h.lines) > 0 && h.lines[len(h.lines)-1] == line {
		return
	}
	h.keep(line)
	if h.file != nil {
		_, _ = h.file.Write(append(bytes.ReplaceAll([]byte(line), []byte("\n"), []byte(" ")), '\n')) // a full disk costs a memory
	}
}

// Len is how many lines are remembered.
func (h *shellHistory) Len() int { return len(h.lines) }

// At is a line, counted from the newest.
func (h *shellHistory) At(i int) string { return h.lines[len(h.lines)-1-i] }

// close ends the keeping.
func (h *shellHistory) close() {
	if h.file != nil {
		_ = h.file.Close() // each line was written when it came
	}
}
