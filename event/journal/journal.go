package journal

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/signet-smb/signet/event"
	"github.com/signet-smb/signet/internal/sqlitedb"
)

// Defaults and bounds of Options.
const (
	defaultMaxBytes    = 64 << 20
	minMaxBytes        = 1 << 20
	defaultMaxAge      = 400 * 24 * time.Hour
	defaultAnchorEvery = 10 * time.Minute
)

// maxPending is how many records wait for the writer at most; each holds less
// than 3 KiB.
const maxPending = 2048

// settleTime is how long a reader waits for the writer.
const settleTime = 10 * time.Second

// Options say how much is kept, and what becomes of it besides. The zero value
// is the product's default.
type Options struct {
	MaxBytes    int64         // of the file, not of the write-ahead log beside it; 0: 64 MiB
	MaxAge      time.Duration // of a record; 0: 400 days
	Logger      *slog.Logger  // gets each record as a line; nil: discards
	Anchors     []Anchor      // are given the head
	AnchorEvery time.Duration // 0: 10 minutes; and at start and end
}

// Journal is an open log of events. Safe for concurrent use.
type Journal struct {
	db      *sqlitedb.DB
	log     *slog.Logger
	opt     Options
	wake    chan struct{} // holds one: there is something to write
	stop    chan struct{} // closed by Close
	stopped chan struct{} // closed when the writer is done
	anchors sync.WaitGroup
	ended   context.CancelFunc // of what Close does not wait for: the notes on their way

	mu      sync.Mutex
	closed  bool
	repeats repeats
	pending []event.Record
	taken   bool          // the writer has records that are not in the file yet
	settled chan struct{} // closed, and made anew, when it has not any more
	dropped dropped
	failing bool // the last attempt to write failed
	tallies tallies
	raised  map[string]uint64 // events since Open, by name
	head    Head              // of the file, as this process wrote it
	changed chan struct{}     // closed, and made anew, when something was written
}

// dropped counts events that found no room.
type dropped struct {
	count       int
	first, last time.Time
	ever        uint64 // how often add was called
	total       uint64 // what it was called for, since Open
}

// add counts n more.
func (d *dropped) add(n int, at time.Time) {
	d.ever++
	d.total += uint64(n)
	if d.count == 0 {
		d.first = at
	}
	d.count, d.last = d.count+n, at
}

// schema makes the tables, version by version. store.base is the last record
// that made room, or 0.
var schema = []string{
	`CREATE TABLE store (
		id        INTEGER PRIMARY KEY CHECK (id = 1),
		schema    INTEGER NOT NULL,
		log       TEXT    NOT NULL,
		base      INTEGER NOT NULL,
		base_hash BLOB    NOT NULL
	) STRICT;
	CREATE TABLE record (
		sequence INTEGER PRIMARY KEY,
		body     BLOB NOT NULL,
		hash     BLOB NOT NULL
	) STRICT;`,
}

// begin puts the row of a new log into the file.
func begin(ctx context.Context, tx *sql.Tx) error {
	log := newLogID()
	start := genesis(log)
	_, err := tx.ExecContext(ctx, `INSERT INTO store (id, schema, log, base, base_hash) VALUES (1, 0, ?, 0, ?)`, log, start[:])
	return err
}

// Open opens the file at path, or makes one there, readable by its owner only.
// The error wraps [sqlitedb.ErrNewer] for a later version's file, and
// fs.ErrPermission for one that is not private.
func Open(ctx context.Context, path string, opt Options) (*Journal, error) {
	opt.MaxBytes = max(cmp.Or(opt.MaxBytes, defaultMaxBytes), minMaxBytes)
	opt.MaxAge = cmp.Or(opt.MaxAge, defaultMaxAge)
	opt.AnchorEvery = cmp.Or(opt.AnchorEvery, defaultAnchorEvery)
	if opt.Logger == nil {
		opt.Logger = slog.New(slog.DiscardHandler)
	}
	db, err := sqlitedb.Open(ctx, path, sqlitedb.Schema{Steps: schema, Fill: begin})
	if err != nil {
		return nil, fmt.Errorf("events %s: %w", path, err)
	}
	j := &Journal{
		db: db, log: opt.Logger, opt: opt,
		wake: make(chan struct{}, 1), stop: make(chan struct{}), stopped: make(chan struct{}),
		changed: make(chan struct{}), settled: make(chan struct{}), repeats: newRepeats(), tallies: make(tallies), raised: make(map[string]uint64),
	}
	if err := errors.Join(j.readHead(ctx), j.recount(ctx, time.Now())); err != nil {
		db.Close()
		return nil, fmt.Errorf("events %s: %w", path, err)
	}
	work, cancel := context.WithCancel(context.Background())
	j.ended = cancel
	go j.write(work)
	if len(opt.Anchors) > 0 {
		j.anchors.Go(func() { j.noteHeads(work) })
	}
	return j, nil
}

// Close writes what there is to write, notes the head, and closes the file.
// Events that come later are lost.
func (j *Journal) Close() error {
	j.mu.Lock()
	already := j.closed
	j.closed = true
	j.mu.Unlock()
	if already {
		return nil
	}
	close(j.stop)
	<-j.stopped
	j.anchors.Wait()
	j.ended()
	return j.db.Close()
}

// Record takes an event. It does not wait, whatever happens to the file.
func (j *Journal) Record(e event.Event) {
	if e.Time.IsZero() {
		e.Time = time.Now()
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.closed {
		return
	}
	j.recordLocked(&e)
}

// RecordAll takes events that belong together: they are written at once or not
// at all. It returns when they are; the error tells that they may not be, after
// the time that readers wait, too: the disk may be in trouble.
func (j *Journal) RecordAll(ctx context.Context, events ...event.Event) error {
	now := time.Now()
	j.mu.Lock()
	lost, closed := j.dropped.ever, j.closed
	for i := range events {
		if events[i].Time.IsZero() {
			events[i].Time = now
		}
		if !closed {
			j.recordLocked(&events[i])
		}
	}
	j.mu.Unlock()
	j.settle(ctx)
	j.mu.Lock()
	defer j.mu.Unlock()
	if closed || j.taken || len(j.pending) > 0 || j.dropped.ever != lost {
		return errors.New("the events are not written yet, or lost")
	}
	return nil
}

// recordLocked is Record for who holds j.mu, and knows that it is open.
func (j *Journal) recordLocked(e *event.Event) {
	j.countLocked(e.Kind.Name, e.Time, 1)
	first := j.repeats.first(e)
	switch {
	case !first:
		return // its minute is not over
	case len(j.pending) >= maxPending:
		j.dropped.add(1, e.Time)
	default:
		j.pending = append(j.pending, event.NewRecord(e))
	}
	select {
	case j.wake <- struct{}{}:
	default: // the writer will look anyway
	}
}

// Changed returns a channel that is closed when something has been written
// since.
func (j *Journal) Changed() <-chan struct{} {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.changed
}

// settle waits until what was recorded is written, but not for ever: the disk
// may be in trouble.
func (j *Journal) settle(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, settleTime)
	defer cancel()
	for ctx.Err() == nil {
		j.mu.Lock()
		waits := (j.taken || len(j.pending) > 0) && !j.closed
		settled := j.settled
		j.mu.Unlock()
		if !waits {
			return
		}
		select {
		case <-settled:
		case <-ctx.Done():
		}
	}
}

// Head returns the end of the chain, as this process has written it.
func (j *Journal) Head() Head {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.head
}
