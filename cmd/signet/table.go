package main

import (
	"io"
	"strings"
	"text/tabwriter"

	"golang.org/x/term"
)

// table prints rows: to a terminal in columns below a heading, to a pipe
// separated by tabs and without it. Cells are escaped.
type table struct {
	w       io.Writer
	columns *tabwriter.Writer // nil for a pipe
	err     error             // the first one
}

func (a *app) newTable(heading ...string) *table {
	t := &table{w: a.stdout}
	if term.IsTerminal(int(a.stdout.Fd())) {
		t.columns = tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
		t.w = t.columns
		t.row(heading...)
	}
	return t
}

func (t *table) row(cells ...string) {
	line := make([]string, len(cells))
	for i, c := range cells {
		line[i] = escape(c)
	}
	if _, err := io.WriteString(t.w, strings.Join(line, "\t")+"\n"); err != nil && t.err == nil {
		t.err = err
	}
}

// flush prints what is left and returns the first error of all.
func (t *table) flush() error {
	if t.columns != nil && t.err == nil {
		t.err = t.columns.Flush()
	}
	return t.err
}

// truth spells a boolean as Windows does.
func truth(b bool) string {
	if b {
		return "True"
	}
	return "False"
}
