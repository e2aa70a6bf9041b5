package server

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

const (
	// repeatWindow is how long one line of the log stands for all of its kind.
	repeatWindow = time.Minute
	// maxRepeats bounds what is remembered: with more clients and kinds than
	// this, the rest share one entry.
	maxRepeats = 4096
)

// repeatLog keeps clients from flooding the log: of each kind of line, a client
// has one a minute, and at the end of that another that says how many were left
// out. Safe for concurrent use; its lock is a leaf, and not held while a line
// is written.
type repeatLog struct {
	log *slog.Logger

	mu      sync.Mutex
	entries map[repeatKey]*repeat
	sweep   *time.Timer // runs while there are entries
	closed  bool
}

// repeatKey is a client and a kind of line.
type repeatKey struct {
	client clientAddr
	kind   string // the message, and what must not be left out of it
}

// repeat is a line that was written, and how many were not.
type repeat struct {
	until   time.Time
	omitted int
}

// others is the key of all lines that maxRepeats leaves no room for.
var others = repeatKey{kind: "messages of many clients"}

func newRepeatLog(log *slog.Logger) *repeatLog {
	return &repeatLog{log: log, entries: make(map[repeatKey]*repeat)}
}

// first reports whether a line is the first of its kind in a minute, and
// counts it otherwise.
func (r *repeatLog) first(key repeatKey) bool {
	now := time.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	e := r.entries[key]
	if e == nil && len(r.entries) >= maxRepeats {
		key = others
		e = r.entries[key]
	}
	if e != nil && now.Before(e.until) {
		e.omitted++
		return false
	}
	omitted := 0
	if e != nil {
		omitted = e.omitted
	}
	r.entries[key] = &repeat{until: now.Add(repeatWindow), omitted: omitted}
	if r.sweep == nil && !r.closed {
		r.sweep = time.AfterFunc(repeatWindow, r.flush)
	}
	return true
}

// flush forgets lines whose minute is over, and tells how many were left out.
func (r *repeatLog) flush() {
	now := time.Now()
	tell := make(map[repeatKey]int)
	r.mu.Lock()
	for key, e := range r.entries {
		if !r.closed && now.Before(e.until) {
			continue
		}
		delete(r.entries, key)
		if e.omitted > 0 {
			tell[key] = e.omitted
		}
	}
	r.sweep = nil
	if len(r.entries) > 0 {
		r.sweep = time.AfterFunc(repeatWindow, r.flush)
	}
	r.mu.Unlock()
	for key, n := range tell {
		r.log.Warn("more of the same", "client", key.client.String(), "what", key.kind, "times", n)
	}
}

// close tells what is left to tell.
func (r *repeatLog) close() {
	r.mu.Lock()
	r.closed = true
	if r.sweep != nil {
		r.sweep.Stop()
	}
	r.mu.Unlock()
	r.flush()
}

// write writes a line about a client to log, unless there was one of this kind
// within a minute.
func (r *repeatLog) write(log *slog.Logger, level slog.Level, who clientAddr, kind, msg string, args ...any) {
	if r.first(repeatKey{who, kind}) {
		log.Log(context.Background(), level, msg, args...)
	}
}

// warn writes a line about c's client; of lines with one msg only the first in
// a minute.
func (c *connection) warn(msg string, args ...any) { c.warnOf(msg, msg, args...) }

// warnOf is warn for a msg of which there are kinds.
func (c *connection) warnOf(kind, msg string, args ...any) {
	c.server.repeats.write(c.log, slog.LevelWarn, c.client, kind, msg, args...)
}

// inform is warn at a lower level.
func (c *connection) inform(msg string, args ...any) {
	c.server.repeats.write(c.log, slog.LevelInfo, c.client, msg, msg, args...)
}
