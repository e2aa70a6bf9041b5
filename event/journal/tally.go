package journal

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"slices"
	"time"

	"github.com/signet-smb/signet/event"
)

// day is how far back tallies count, in minutes.
const day = 24 * 60

// tally counts the events of one kind, minute by minute.
type tally struct {
	minutes map[int64]int // by minute since 1970; no older than a day
	last    *event.Record // nil: not written yet
}

// tallies are those of all kinds, by name. Guarded by Journal.mu.
type tallies map[string]*tally

// add counts n events.
func (t tallies) add(name string, at time.Time, n int) {
	of := t[name]
	if of == nil {
		of = &tally{minutes: make(map[int64]int)}
		t[name] = of
	}
	minute := at.Unix() / 60
	if of.minutes[minute] == 0 {
		for m := range of.minutes {
			if m <= minute-day {
				delete(of.minutes, m)
			}
		}
	}
	of.minutes[minute] += n
}

// note remembers a record that was written as the last of its kind.
func (t tallies) note(r *event.Record) {
	if of := t[r.Name]; of != nil && (of.last == nil || !r.LastTime.Before(of.last.LastTime)) {
		of.last = r
	}
}

// Tally is how often something happened within 24 hours.
type Tally struct {
	Channel event.Channel `json:"Channel"`
	ID      int           `json:"Id"`
	Name    string        `json:"Name"`
	Count   int           `json:"Count"`
	Last    *event.Record `json:"Last,omitempty" doc:"the last record of it"`
}

// Tallies returns what has happened within the last 24 hours, by name.
func (j *Journal) Tallies() (all []Tally) {
	now := time.Now().Unix() / 60
	j.mu.Lock()
	defer j.mu.Unlock()
	for name, of := range j.tallies {
		total := 0
		for minute, n := range of.minutes {
			if minute > now-day {
				total += n
			}
		}
		if k := event.ByName(name); total > 0 && k != nil {
			all = append(all, Tally{Channel: k.Channel, ID: k.ID, Name: name, Count: total, Last: of.last})
		}
	}
	slices.SortFunc(all, func(a, b Tally) int { return cmp.Compare(a.Name, b.Name) })
	return all
}

// recount fills the tallies from the file.
func (j *Journal) recount(ctx context.Context, now time.Time) error {
	return j.db.Read(ctx, func(tx *sql.Tx) error {
		rows, err := tx.QueryContext(ctx, `SELECT body FROM record ORDER BY sequence DESC`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var body []byte
			if err := rows.Scan(&body); err != nil {
				return err
			}
			var r event.Record
			if json.Unmarshal(body, &r) != nil {
				continue // Verify tells
			}
			if now.Sub(r.LastTime) > day*time.Minute+repeatWindow {
				return nil
			}
			j.tallies.add(r.Name, r.LastTime, r.Count)
			j.tallies.note(&r)
		}
		return rows.Err()
	})
}
