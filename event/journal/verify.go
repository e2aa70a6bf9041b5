package journal

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/signet-smb/signet/event"
)

// maxProblems is how many problems are told.
const maxProblems = 100

// What may have happened to a log.
const (
	Edited   = "Edited"   // a record is not what its hash was made of
	Deleted  = "Deleted"  // records are missing
	CutTail  = "CutTail"  // the last records are missing
	Rebuilt  = "Rebuilt"  // the chain is not the one that was anchored
	OtherLog = "OtherLog" // it is not the log that was anchored
)

// Problem is something wrong with a log.
type Problem struct {
	What     string `json:"What" enum:"Edited,Deleted,CutTail,Rebuilt,OtherLog"`
	Sequence uint64 `json:"Sequence" doc:"of the record that it was found at"`
	Text     string `json:"Text"`
}

// Verdict is what was found about a log.
type Verdict struct {
	Log      string    `json:"Log"`
	First    uint64    `json:"First" doc:"sequence of the first record; 0: there is none"`
	Last     uint64    `json:"Last"`
	Problems []Problem `json:"Problems" nullable:"false"`
	Anchored uint64    `json:"Anchored" doc:"up to this record the log is the one that was anchored; 0: it is not anchored"`
	Anchors  int       `json:"Anchors" doc:"anchors that agree"`
	Older    int       `json:"Older" doc:"anchors of records that have made room"`
}

// Consistent reports whether nothing is wrong.
func (v *Verdict) Consistent() bool { return len(v.Problems) == 0 }

// found adds a problem.
func (v *Verdict) found(what string, sequence uint64, format string, args ...any) {
	if len(v.Problems) < maxProblems {
		v.Problems = append(v.Problems, Problem{what, sequence, fmt.Sprintf(format, args...)})
	}
}

// Verify compares the records with their hashes, the hashes with each other,
// and all of it with what was noted outside, anchors, in any order. What this
// process knows to have written counts, too, but as no anchor.
func (j *Journal) Verify(ctx context.Context, anchors []Head) (*Verdict, error) {
	j.settle(ctx)
	known := j.Head()
	v := &Verdict{Problems: []Problem{}}
	err := j.db.Read(ctx, func(tx *sql.Tx) error {
		b, err := readBase(ctx, tx)
		if err != nil {
			return err
		}
		v.Log = b.log
		return v.walk(ctx, tx, b, slices.Clone(anchors), known)
	})
	return v, err
}

// walk looks at all records, in order.
func (v *Verdict) walk(ctx context.Context, tx *sql.Tx, b base, anchors []Head, known Head) error {
	slices.SortStableFunc(anchors, func(x, y Head) int { return cmp.Compare(x.Sequence, y.Sequence) })
	anchors = slices.DeleteFunc(anchors, func(a Head) bool {
		if a.Log != b.log {
			v.found(OtherLog, a.Sequence, "an anchor of %s is for log %.32s, this is log %s: the log was begun anew, or the anchor is another server's", a.Time.Format("2006-01-02 15:04:05"), a.Log, b.log)
		}
		return a.Log != b.log
	})
	rows, err := tx.QueryContext(ctx, `SELECT sequence, body, hash FROM record ORDER BY sequence`)
	if err != nil {
		return err
	}
	defer rows.Close()
	c := walker{Verdict: v, sequence: b.sequence, hash: b.hash, sure: true, anchors: anchors, start: base{log: b.log, hash: genesis(b.log)}}
	c.compare(known)
	for rows.Next() {
		var sequence uint64
		var body, hash []byte
		if err := rows.Scan(&sequence, &body, &hash); err != nil {
			return err
		}
		c.step(sequence, body, toHash(hash))
		c.compare(known)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	c.end(b, known)
	return nil
}

// walker is the state of a walk along the chain.
type walker struct {
	*Verdict
	sequence uint64 // of the record before
	hash     Hash   // of that one
	sure     bool   // whether hash is known: not behind a gap
	anchors  []Head // that are still to be met, in order
	start    base   // where the chain has to begin, as its own records say
}

// step looks at the next record.
func (w *walker) step(sequence uint64, body []byte, hash Hash) {
	if w.First == 0 {
		w.First = sequence
	}
	w.Last = sequence
	if want := w.sequence + 1; sequence != want {
		w.found(Deleted, sequence, "records %d to %d are missing", want, sequence-1)
		w.sure = false
	}
	if w.sure && link(w.hash, sequence, body) != hash {
		w.found(Edited, sequence, "record %d is not the one that was written", sequence)
	}
	var r event.Record
	switch err := json.Unmarshal(body, &r); {
	case err != nil:
		w.found(Edited, sequence, "record %d cannot be read", sequence)
	case r.Name == event.LogRotated.Name:
		w.start = base{log: w.Log, sequence: r.Through}
		w.start.hash = hashOf(r.ThroughHash)
	}
	w.sequence, w.hash, w.sure = sequence, hash, true
}

// compare looks at the anchors of the record that the walk is at, and of those
// before it that it has not met.
func (w *walker) compare(known Head) {
	for len(w.anchors) > 0 && w.anchors[0].Sequence <= w.sequence {
		a := w.anchors[0]
		w.anchors = w.anchors[1:]
		switch {
		case a.Sequence < w.sequence && w.First == 0:
			w.Older++
		case a.Sequence < w.sequence:
			// It is missing, which was found.
		case hashOf(a.Hash) != w.hash:
			w.found(Rebuilt, a.Sequence, "record %d is not the one that was anchored at %s: the chain was rebuilt", a.Sequence, a.Time.Format("2006-01-02 15:04:05"))
		default:
			w.Anchors++
			w.Anchored = max(w.Anchored, a.Sequence)
		}
	}
	if known.Sequence == w.sequence && hashOf(known.Hash) != w.hash {
		w.found(Rebuilt, w.sequence, "record %d is not the one that this process has written: the chain was rebuilt", w.sequence)
	}
}

// end looks at what should be there besides.
func (w *walker) end(b base, known Head) {
	if b.sequence != w.start.sequence || b.hash != w.start.hash {
		w.found(Deleted, b.sequence, "the log begins behind record %d, but what has made room ends with record %d", b.sequence, w.start.sequence)
	}
	if n := len(w.anchors); n > 0 {
		a := w.anchors[n-1]
		w.found(CutTail, w.sequence, "records %d to %d, anchored at %s, are missing", w.sequence+1, a.Sequence, a.Time.Format("2006-01-02 15:04:05"))
	}
	if known.Sequence > w.sequence {
		w.found(CutTail, w.sequence, "records %d to %d, which this process has written, are missing", w.sequence+1, known.Sequence)
	}
}
