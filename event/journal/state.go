package journal

import (
	"maps"
	"time"
)

// State is how a log of events fares, since it was opened.
type State struct {
	Pending  int               // records that wait to be written
	Lost     uint64            // events that are lost: they came too fast, or could not be written
	Failing  bool              // the last attempt to write failed
	Sequence uint64            // of the last record in the file
	Raised   map[string]uint64 // events, by the name of their kind; repeated ones, too
}

// State returns how the log fares.
func (j *Journal) State() State {
	j.mu.Lock()
	defer j.mu.Unlock()
	return State{Pending: len(j.pending), Lost: j.dropped.total, Failing: j.failing, Sequence: j.head.Sequence, Raised: maps.Clone(j.raised)}
}

// countLocked counts n events of a kind. The caller holds mu.
func (j *Journal) countLocked(name string, at time.Time, n int) {
	j.tallies.add(name, at, n)
	j.raised[name] += uint64(n)
}
