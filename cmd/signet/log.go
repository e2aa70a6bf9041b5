package main

import (
	"fmt"
	"log/slog"
	"os"

	"golang.org/x/term"
)

// newLogger returns the log: text if w is a terminal, else JSON, a line each.
// Strings are escaped whoever they came from: JSON alone would let terminal
// controls of the C1 set and bidirectional overrides through.
func newLogger(w *os.File, level slog.Leveler) *slog.Logger {
	options := &slog.HandlerOptions{Level: level, ReplaceAttr: escapeAttr}
	if term.IsTerminal(int(w.Fd())) {
		return slog.New(slog.NewTextHandler(w, options))
	}
	return newJSONLogger(w, level)
}

// logTo makes the log that the flags ask for: JSON with --json, wherever it
// goes.
func (a *app) logTo() {
	if a.json {
		a.log = newJSONLogger(a.stderr, &a.level)
		return
	}
	a.log = newLogger(a.stderr, &a.level)
}

// newJSONLogger returns the log as JSON, a line each, wherever it goes.
func newJSONLogger(w *os.File, level slog.Leveler) *slog.Logger {
	return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level, ReplaceAttr: escapeAttr}))
}

func escapeAttr(_ []string, a slog.Attr) slog.Attr {
	switch a.Value.Kind() {
	case slog.KindString:
		a.Value = slog.StringValue(escape(a.Value.String()))
	case slog.KindAny:
		switch v := a.Value.Any().(type) {
		case error:
			a.Value = slog.StringValue(escape(v.Error()))
		case fmt.Stringer:
			a.Value = slog.StringValue(escape(v.String()))
		}
	}
	return a
}
