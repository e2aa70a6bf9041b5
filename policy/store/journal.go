package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
)

// Kind is what a revision was made for.
type Kind string

// Kinds of revisions.
const (
	Changed    Kind = "Change"   // somebody set or reset properties
	RolledBack Kind = "Rollback" // somebody took later revisions back
	Confirmed  Kind = "Confirm"  // somebody confirmed what would have been restored
	Restored   Kind = "Restore"  // the end of a change that was made for a time
)

// Author is who makes a revision.
type Author struct {
	Account string // "ann (uid 1000)"; "signet" for what Signet does by itself
	Means   string // by which way: "CLI", "Socket", "Timer"
	Reason  string
}

// Revision is an entry of the journal. What it changed, it changed at once or
// not at all.
type Revision struct {
	Number  uint64 // from 1, without gaps
	At      time.Time
	Kind    Kind
	By      Author
	Changes []PropertyChange // by property; none of a confirmation
}

// PropertyChange is what a revision did to one property.
type PropertyChange struct {
	Property string
	Old, New *string // what the store says of it; nil: nothing
}

// Value is what the store says of one property.
type Value struct {
	Text     string
	Revision uint64 // that said so
}

// Deadline is the time at which a property goes back to what it was.
type Deadline struct {
	Property  string
	Restore   *string   // what it goes back to; nil: the store says nothing of it
	Until     time.Time // zero: it does not end by itself
	ConfirmBy time.Time // zero: it need not be confirmed
	Now       bool      // with what complies no more then, at once
	Revision  uint64    // that set the deadline
}

// Due returns when the property goes back.
func (d *Deadline) Due() time.Time {
	if d.Until.IsZero() || !d.ConfirmBy.IsZero() && d.ConfirmBy.Before(d.Until) {
		return d.ConfirmBy
	}
	return d.Until
}

// Decisions is all that the store says, as of one revision.
type Decisions struct {
	Revision  uint64           // 0: nothing was ever said
	Values    map[string]Value // by property
	Deadlines []Deadline       // by property
}

// Edit is what a revision is made of.
type Edit struct {
	Kind      Kind
	At        time.Time
	By        Author
	Set       map[string]*string // by property; nil: the store is to say nothing of it
	Until     time.Time          // when the properties of Set go back; zero: never
	ConfirmBy time.Time          // when they go back unless that is confirmed; zero: never
	Now       bool               // for Deadline.Now
	// Confirm lifts every ConfirmBy that there is.
	Confirm bool
	// Shares are added with the revision, or without one if nothing else
	// changes. The journal does not mention them.
	Shares []Share
}

// ConflictError tells that somebody else has changed something first. Nothing
// was changed.
type ConflictError struct {
	Wanted, Current uint64
}

func (e *ConflictError) Error() string {
	return fmt.Sprintf("the configuration is at revision %d, not %d: somebody else has changed it", e.Current, e.Wanted)
}

// Decisions returns what the store says now.
func (s *Store) Decisions(ctx context.Context) (Decisions, error) {
	var d Decisions
	err := s.db.Read(ctx, func(tx *sql.Tx) (err error) {
		d, err = decisions(ctx, tx)
		return err
	})
	if err != nil {
		return Decisions{}, fmt.Errorf("read the configuration: %w", err)
	}
	return d, nil
}

func decisions(ctx context.Context, tx *sql.Tx) (Decisions, error) {
	d := Decisions{Values: make(map[string]Value)}
	if err := tx.QueryRowContext(ctx, `SELECT coalesce(max(number), 0) FROM revision`).Scan(&d.Revision); err != nil {
		return d, err
	}
	err := eachRow(ctx, tx, `SELECT name, value, revision FROM property`, func(rows *sql.Rows) error {
		var name string
		var v Value
		err := rows.Scan(&name, &v.Text, &v.Revision)
		d.Values[name] = v
		return err
	})
	if err != nil {
		return d, err
	}
	return d, eachRow(ctx, tx, `SELECT property, restore, until, confirm_by, now, revision FROM deadline ORDER BY property`, func(rows *sql.Rows) error {
		var l Deadline
		var until, confirmBy sql.NullInt64
		err := rows.Scan(&l.Property, &l.Restore, &until, &confirmBy, &l.Now, &l.Revision)
		l.Until, l.ConfirmBy = timeOf(until), timeOf(confirmBy)
		d.Deadlines = append(d.Deadlines, l)
		return err
	})
}

// Commit makes a revision of e on top of the one numbered base: all of it or
// nothing. The error is a *[ConflictError] if base is not the latest any more,
// and wraps fs.ErrExist if a share of e has a name that is taken.
//
// What e sets to what it is already is left out of the revision, unless a
// deadline comes or goes with it. A change of which nothing is left makes no
// revision; then the Number returned is base.
//
// A property whose value is for a time keeps, when another change for a time
// follows, the value to go back to; a change without a deadline is for good.
func (s *Store) Commit(ctx context.Context, base uint64, e Edit) (Revision, error) {
	rev := Revision{Number: base, At: e.At.UTC().Truncate(time.Millisecond), Kind: e.Kind, By: e.By}
	err := s.db.Write(ctx, func(tx *sql.Tx) error {
		d, err := decisions(ctx, tx)
		if err != nil {
			return err
		}
		if d.Revision != base {
			return &ConflictError{Wanted: base, Current: d.Revision}
		}
		for _, sh := range e.Shares {
			if err := s.addShare(ctx, tx, sh); err != nil {
				return fmt.Errorf("share %q: %w", sh.Name, err)
			}
		}
		rev.Changes = d.effectOf(e)
		confirms := e.Confirm && d.unconfirmed()
		if len(rev.Changes) == 0 && !confirms {
			return nil
		}
		rev.Number++
		return s.write(ctx, tx, d, rev, e)
	})
	if _, ok := errors.AsType[*ConflictError](err); ok {
		return Revision{}, err
	}
	if err != nil {
		return Revision{}, fmt.Errorf("write the configuration: %w", err)
	}
	return rev, nil
}

// effectOf returns what e changes in d.
func (d *Decisions) effectOf(e Edit) []PropertyChange {
	timed := !e.Until.IsZero() || !e.ConfirmBy.IsZero()
	var changes []PropertyChange
	for _, name := range slices.Sorted(maps.Keys(e.Set)) {
		change := PropertyChange{Property: name, Old: d.text(name), New: e.Set[name]}
		if timed || d.Deadline(name) != nil || !same(change.Old, change.New) {
			changes = append(changes, change)
		}
	}
	return changes
}

// text returns what is said of a property; nil: nothing.
func (d *Decisions) text(name string) *string {
	if v, ok := d.Values[name]; ok {
		return &v.Text
	}
	return nil
}

// Deadline returns the deadline of a property, or nil.
func (d *Decisions) Deadline(name string) *Deadline {
	for i := range d.Deadlines {
		if d.Deadlines[i].Property == name {
			return &d.Deadlines[i]
		}
	}
	return nil
}

// unconfirmed reports whether anything waits to be confirmed.
func (d *Decisions) unconfirmed() bool {
	return slices.ContainsFunc(d.Deadlines, func(l Deadline) bool { return !l.ConfirmBy.IsZero() })
}

func same(a, b *string) bool { return a == b || a != nil && b != nil && *a == *b }

// write enters the revision and what follows from it.
func (s *Store) write(ctx context.Context, tx *sql.Tx, d Decisions, rev Revision, e Edit) error {
	exec := func(statement string, args ...any) error {
		_, err := tx.ExecContext(ctx, statement, args...)
		return err
	}
	if err := exec(`INSERT INTO revision (number, at, kind, account, means, reason) VALUES (?, ?, ?, ?, ?, ?)`,
		rev.Number, rev.At.UnixMilli(), string(rev.Kind), rev.By.Account, rev.By.Means, rev.By.Reason); err != nil {
		return err
	}
	for _, p := range rev.Changes {
		err := exec(`INSERT INTO revision_change (revision, property, old, new) VALUES (?, ?, ?, ?)`, rev.Number, p.Property, p.Old, p.New)
		switch {
		case err != nil:
		case p.New == nil:
			err = exec(`DELETE FROM property WHERE name = ?`, p.Property)
		default:
			err = exec(`INSERT INTO property (name, value, revision) VALUES (?, ?, ?)
				ON CONFLICT DO UPDATE SET value = excluded.value, revision = excluded.revision`, p.Property, *p.New, rev.Number)
		}
		if err == nil {
			err = exec(`DELETE FROM deadline WHERE property = ?`, p.Property)
		}
		if err == nil && (!e.Until.IsZero() || !e.ConfirmBy.IsZero()) {
			restore := p.Old
			if earlier := d.Deadline(p.Property); earlier != nil {
				restore = earlier.Restore
			}
			err = exec(`INSERT INTO deadline (property, restore, until, confirm_by, now, revision) VALUES (?, ?, ?, ?, ?, ?)`,
				p.Property, restore, millis(e.Until), millis(e.ConfirmBy), e.Now, rev.Number)
		}
		if err != nil {
			return err
		}
	}
	if !e.Confirm {
		return nil
	}
	if err := exec(`DELETE FROM deadline WHERE until IS NULL`); err != nil {
		return err
	}
	return exec(`UPDATE deadline SET confirm_by = NULL`)
}

// Revisions returns the latest revisions below the number before, the latest
// first; 0 is above all. There are no more than limit.
func (s *Store) Revisions(ctx context.Context, before uint64, limit int) ([]Revision, error) {
	var list []Revision
	err := s.db.Read(ctx, func(tx *sql.Tx) (err error) {
		list, err = revisions(ctx, tx, `WHERE ?1 = 0 OR number < ?1 ORDER BY number DESC LIMIT ?2`, before, limit)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the history: %w", err)
	}
	return list, nil
}

// revisions returns those that a clause selects.
func revisions(ctx context.Context, tx *sql.Tx, clause string, args ...any) ([]Revision, error) {
	var list []Revision
	err := eachRow(ctx, tx, `SELECT number, at, kind, account, means, reason FROM revision `+clause, func(rows *sql.Rows) error {
		var r Revision
		var at int64
		err := rows.Scan(&r.Number, &at, &r.Kind, &r.By.Account, &r.By.Means, &r.By.Reason)
		r.At = time.UnixMilli(at).UTC()
		list = append(list, r)
		return err
	}, args...)
	if err != nil {
		return nil, err
	}
	for i := range list {
		err := eachRow(ctx, tx, `SELECT property, old, new FROM revision_change WHERE revision = ? ORDER BY property`, func(rows *sql.Rows) error {
			var p PropertyChange
			err := rows.Scan(&p.Property, &p.Old, &p.New)
			list[i].Changes = append(list[i].Changes, p)
			return err
		}, list[i].Number)
		if err != nil {
			return nil, err
		}
	}
	return list, nil
}

// ErrNoRevision tells that there is no revision of a number.
var ErrNoRevision = errors.New("there is no such revision")

// ValuesAt returns what the store said of properties after the revision of
// that number; after 0, nothing. The error wraps [ErrNoRevision].
func (s *Store) ValuesAt(ctx context.Context, number uint64) (map[string]string, error) {
	values := make(map[string]string)
	err := s.db.Read(ctx, func(tx *sql.Tx) error {
		d, err := decisions(ctx, tx)
		if err != nil {
			return err
		}
		if number > d.Revision {
			return fmt.Errorf("%d: %w, the latest is %d", number, ErrNoRevision, d.Revision)
		}
		for name, v := range d.Values {
			values[name] = v.Text
		}
		later, err := revisions(ctx, tx, `WHERE number > ? ORDER BY number DESC`, number)
		for _, r := range later {
			for _, p := range r.Changes {
				if delete(values, p.Property); p.Old != nil {
					values[p.Property] = *p.Old
				}
			}
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the history: %w", err)
	}
	return values, nil
}

// eachRow calls f for every row of a query.
func eachRow(ctx context.Context, tx *sql.Tx, query string, f func(*sql.Rows) error, args ...any) error {
	rows, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := f(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// millis is a time as it is stored, in milliseconds since 1970; NULL for the
// zero time.
func millis(t time.Time) sql.NullInt64 {
	return sql.NullInt64{Int64: t.UnixMilli(), Valid: !t.IsZero()}
}

func timeOf(n sql.NullInt64) time.Time {
	if !n.Valid {
		return time.Time{}
	}
	return time.UnixMilli(n.Int64).UTC()
}
