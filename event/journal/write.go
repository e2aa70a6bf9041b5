package journal

import (
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"github.com/signet-smb/signet/event"
)

const (
	// sweepEvery is how often windows are looked at that may be over.
	sweepEvery = repeatWindow / 4
	// ageEvery is how often records are looked for that are too old.
	ageEvery = time.Hour
	// checkEvery is after how many records the size of the file is looked at.
	checkEvery = 64
	// maxAged is how many records that are too old go at a time.
	maxAged = 4096
)

// write is the goroutine that writes the file.
func (j *Journal) write(ctx context.Context) {
	defer close(j.stopped)
	sweep := time.NewTicker(sweepEvery)
	defer sweep.Stop()
	aged := time.Time{}
	for last := false; !last; {
		ending := false
		select {
		case <-j.wake:
		case <-sweep.C:
			ending = true
		case <-j.stop:
			last = true
		}
		records := j.take(ending || last, last)
		lookForAge := !last && time.Since(aged) >= ageEvery
		if len(records) == 0 && !lookForAge {
			continue
		}
		err := j.append(ctx, records, lookForAge)
		j.settleWith(records, err)
		if err != nil {
			j.log.Error("events are lost: they cannot be written", "events", len(records), "err", err)
			continue
		}
		if lookForAge {
			aged = time.Now()
		}
	}
}

// settleWith notes what has become of the records that were taken.
func (j *Journal) settleWith(records []event.Record, err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.failing = err != nil
	if err != nil {
		for i := range records {
			j.dropped.add(records[i].Count, records[i].LastTime)
			if records[i].Name == event.EventsDropped.Name { // what it tells of was counted as lost before
				j.dropped.total -= uint64(records[i].Count)
			}
		}
	}
	j.taken = false
	close(j.settled)
	j.settled = make(chan struct{})
}

// take returns what is to be written: what is pending, with ending also windows
// that are over, with all of them every window.
func (j *Journal) take(ending, all bool) []event.Record {
	now := time.Now()
	j.mu.Lock()
	defer j.mu.Unlock()
	records := j.pending
	j.pending, j.taken = nil, len(j.pending) > 0
	if ending {
		records = append(records, j.repeats.take(now, all)...)
	}
	if d := j.dropped; d.count > 0 {
		lost := event.NewRecord(&event.Event{Kind: event.EventsDropped, Time: d.last})
		lost.Time, lost.Count = d.first.UTC(), d.count
		records = append(records, lost)
		j.dropped = dropped{ever: d.ever, total: d.total}
	}
	return records
}

// chainEnd is the chain while records are appended, in one transaction.
type chainEnd struct {
	ctx      context.Context
	tx       *sql.Tx
	sequence uint64
	hash     Hash
	written  []event.Record
}

// append writes records, all or none, and makes room.
func (j *Journal) append(ctx context.Context, records []event.Record, lookForAge bool) error {
	var end chainEnd
	err := j.db.Write(ctx, func(tx *sql.Tx) error {
		head := j.Head()
		before, err := hex.DecodeString(head.Hash)
		if err != nil {
			return err
		}
		end = chainEnd{ctx: ctx, tx: tx, sequence: head.Sequence, hash: toHash(before)}
		for i := range records {
			if err := end.add(records[i]); err != nil {
				return err
			}
			if i%checkEvery == checkEvery-1 || i == len(records)-1 {
				if err := end.makeRoom(j.opt.MaxBytes); err != nil {
					return err
				}
			}
		}
		if lookForAge {
			return end.forgetBefore(time.Now().Add(-j.opt.MaxAge))
		}
		return nil
	})
	if err != nil || len(end.written) == 0 {
		return err
	}
	j.mu.Lock()
	j.head.Sequence, j.head.Hash, j.head.Time = end.sequence, end.hash.String(), time.Now().UTC()
	close(j.changed)
	j.changed = make(chan struct{})
	for i := range end.written {
		r := &end.written[i]
		if r.Name == event.EventsDropped.Name || r.Name == event.LogRotated.Name { // Record has not counted them
			j.countLocked(r.Name, r.LastTime, r.Count)
		}
		j.tallies.note(r)
	}
	j.mu.Unlock()
	for i := range end.written {
		j.say(ctx, &end.written[i])
	}
	return nil
}

// add appends one record.
func (c *chainEnd) add(r event.Record) error {
	r.Sequence, r.Hash = c.sequence+1, ""
	body, err := json.Marshal(&r)
	if err != nil {
		return err
	}
	hash := link(c.hash, r.Sequence, body)
	if _, err := c.tx.ExecContext(c.ctx, `INSERT INTO record (sequence, body, hash) VALUES (?, ?, ?)`, r.Sequence, body, hash[:]); err != nil {
		return err
	}
	c.sequence, c.hash = r.Sequence, hash
	r.Hash = hash.String()
	c.written = append(c.written, r)
	return nil
}

// makeRoom forgets the oldest eighth of the records if the file is nearly full.
// Its pages are used again, so it does not grow beyond.
func (c *chainEnd) makeRoom(maxBytes int64) error {
	var pages, free, size int64
	for _, q := range []struct {
		pragma string
		into   *int64
	}{{`PRAGMA page_count`, &pages}, {`PRAGMA freelist_count`, &free}, {`PRAGMA page_size`, &size}} {
		if err := c.tx.QueryRowContext(c.ctx, q.pragma).Scan(q.into); err != nil {
			return err
		}
	}
	if (pages-free)*size <= maxBytes/8*7 {
		return nil
	}
	var first uint64
	if err := c.tx.QueryRowContext(c.ctx, `SELECT min(sequence) FROM record`).Scan(&first); err != nil {
		return err
	}
	return c.forget(first + (c.sequence-first)/8)
}

// forgetBefore forgets records whose last event is older than limit, a bounded
// number at a time.
func (c *chainEnd) forgetBefore(limit time.Time) error {
	rows, err := c.tx.QueryContext(c.ctx, `SELECT sequence, body FROM record ORDER BY sequence LIMIT ?`, maxAged)
	if err != nil {
		return err
	}
	defer rows.Close()
	var through uint64
	for rows.Next() {
		var sequence uint64
		var body []byte
		if err := rows.Scan(&sequence, &body); err != nil {
			return err
		}
		var r event.Record
		if json.Unmarshal(body, &r) != nil || !r.LastTime.Before(limit) {
			break // what somebody has altered stays to be found
		}
		through = sequence
	}
	if err := rows.Err(); err != nil || through == 0 {
		return err
	}
	rows.Close()
	return c.forget(through)
}

// forget removes the records up to through, and says so in the chain.
func (c *chainEnd) forget(through uint64) error {
	var hash []byte
	if err := c.tx.QueryRowContext(c.ctx, `SELECT hash FROM record WHERE sequence = ?`, through).Scan(&hash); err != nil {
		return fmt.Errorf("record %d is missing: %w", through, err)
	}
	var before uint64
	if err := c.tx.QueryRowContext(c.ctx, `SELECT base FROM store WHERE id = 1`).Scan(&before); err != nil {
		return err
	}
	if _, err := c.tx.ExecContext(c.ctx, `DELETE FROM record WHERE sequence <= ?`, through); err != nil {
		return err
	}
	if _, err := c.tx.ExecContext(c.ctx, `UPDATE store SET base = ?, base_hash = ? WHERE id = 1`, through, hash); err != nil {
		return err
	}
	r := event.NewRecord(&event.Event{Kind: event.LogRotated, Time: time.Now(), Reason: fmt.Sprintf("%d records", through-before)})
	r.Through, r.ThroughHash = through, toHash(hash).String()
	return c.add(r)
}

// levels are those of log lines.
var levels = map[event.Level]slog.Level{event.Information: slog.LevelInfo, event.Warning: slog.LevelWarn, event.Error: slog.LevelError}

// say writes a record to the log.
func (j *Journal) say(ctx context.Context, r *event.Record) {
	args := []any{"channel", string(r.Channel), "id", r.ID, "name", r.Name, "sequence", r.Sequence}
	for _, a := range []struct{ name, value string }{{"client", r.Client}, {"user", r.User}, {"session", r.SessionID}, {"cmd", r.Command}, {"mid", r.MessageID}, {"share", r.Share}, {"means", r.Means}, {"object", r.Object}, {"property", r.Property}, {"old", deref(r.Old)}, {"new", deref(r.New)}, {"reason", r.Reason}} {
		if a.value != "" {
			args = append(args, a.name, a.value)
		}
	}
	if r.Revision != 0 {
		args = append(args, "revision", r.Revision)
	}
	if r.Count > 1 {
		args = append(args, "count", r.Count, "first", r.Time)
	}
	j.log.Log(ctx, levels[r.Level], "event", args...)
}

// deref returns the text, or "" if there is none.
func deref(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}
