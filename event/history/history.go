package history

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"sync"
	"time"

	"github.com/signet-smb/signet/internal/sqlitedb"
	"github.com/signet-smb/signet/policy"
)

// Bounds.
const (
	maxFacts   = 20_000
	maxAge     = 90 * 24 * time.Hour
	maxPending = 4096
	writeEvery = time.Minute
	// restartTime is how long nobody may have looked without a gap: a server
	// that starts again meets nobody meanwhile.
	restartTime = 5 * time.Minute
)

// schema makes the tables, version by version. Times are milliseconds since
// 1970, UTC; 0 is never.
var schema = []string{
	`CREATE TABLE store (
		id     INTEGER PRIMARY KEY CHECK (id = 1),
		schema INTEGER NOT NULL
	) STRICT;
	INSERT INTO store (id, schema) VALUES (1, 0);
	CREATE TABLE fact (
		device     TEXT    NOT NULL, -- IP address
		folded     TEXT    NOT NULL, -- account in lower case; empty: a guest, or nobody
		identity   INTEGER NOT NULL,
		account    TEXT    NOT NULL,
		name       TEXT    NOT NULL,
		dialect    INTEGER NOT NULL,
		advertised INTEGER NOT NULL CHECK (advertised IN (0, 1)),
		encrypts   INTEGER NOT NULL CHECK (encrypts IN (0, 1)),
		first      INTEGER NOT NULL,
		last       INTEGER NOT NULL,
		signed     INTEGER NOT NULL,
		sealed     INTEGER NOT NULL,
		failed     INTEGER NOT NULL,
		PRIMARY KEY (device, folded, identity)
	) STRICT;
	CREATE INDEX fact_last ON fact (last);
	CREATE TABLE period ( -- in which what was seen was recorded
		began INTEGER PRIMARY KEY,
		ended INTEGER NOT NULL
	) STRICT;`,
	// A JSON object: when it last connected, by share.
	`ALTER TABLE fact ADD COLUMN shares TEXT NOT NULL DEFAULT '{}';`,
}

// History is an open history. Safe for concurrent use.
type History struct {
	db      *sqlitedb.DB
	log     *slog.Logger
	stop    chan struct{}
	stopped chan struct{}

	writing sync.Mutex // held over a writing, before mu
	period  time.Time  // guarded by writing: when the period began that lasts

	mu      sync.Mutex
	pending map[key]*Fact // guarded by mu: what is not in the file yet, without what is there
	lost    bool          // guarded by mu: pending was full
	closed  bool          // guarded by mu
}

// Open opens the file at path, or makes one there, readable by its owner only,
// and begins to record. log is told what cannot be written.
func Open(ctx context.Context, path string, log *slog.Logger) (*History, error) {
	db, err := sqlitedb.Open(ctx, path, sqlitedb.Schema{Steps: schema})
	if err != nil {
		return nil, fmt.Errorf("history %s: %w", path, err)
	}
	h := &History{db: db, log: log, stop: make(chan struct{}), stopped: make(chan struct{}), pending: make(map[key]*Fact)}
	if err := h.begin(ctx, time.Now()); err != nil {
		db.Close()
		return nil, fmt.Errorf("history %s: %w", path, err)
	}
	go h.keepWriting()
	return h, nil
}

// begin goes on with the last period if that has just ended, or begins another.
func (h *History) begin(ctx context.Context, now time.Time) error {
	var began, ended int64
	err := h.db.QueryRowContext(ctx, `SELECT began, ended FROM period ORDER BY began DESC LIMIT 1`).Scan(&began, &ended)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	h.period = now
	if since := now.Sub(time.UnixMilli(ended)); err == nil && since >= 0 && since < restartTime {
		h.period = time.UnixMilli(began)
	}
	return h.write(ctx, now)
}

// Saw takes a sighting, and does not wait.
func (h *History) Saw(s Sighting) {
	at, k := time.Now(), s.key()
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return
	}
	f := h.pending[k]
	if f == nil {
		if len(h.pending) >= maxPending {
			h.lost = true
			return
		}
		f = new(Fact)
		h.pending[k] = f
	}
	f.add(&s, at)
}

// Close writes what there is to write and closes the file. Sightings that come
// later are lost.
func (h *History) Close() error {
	h.mu.Lock()
	already := h.closed
	h.closed = true
	h.mu.Unlock()
	if already {
		return nil
	}
	close(h.stop)
	<-h.stopped
	return errors.Join(h.write(context.Background(), time.Now()), h.db.Close())
}

// keepWriting writes until Close.
func (h *History) keepWriting() {
	defer close(h.stopped)
	tick := time.NewTicker(writeEvery)
	defer tick.Stop()
	for {
		select {
		case <-h.stop:
			return
		case now := <-tick.C:
			if err := h.write(context.Background(), now); err != nil {
				h.log.Error("what sessions show cannot be recorded", "err", err)
			}
		}
	}
}

// write puts into the file what is pending, and that it was recorded until now.
func (h *History) write(ctx context.Context, now time.Time) error {
	h.writing.Lock()
	defer h.writing.Unlock()
	h.mu.Lock()
	pending, lost := h.pending, h.lost
	h.pending, h.lost = make(map[key]*Fact), false
	h.mu.Unlock()
	err := h.db.Write(ctx, func(tx *sql.Tx) error {
		for k, f := range pending {
			if err := merge(ctx, tx, k, f); err != nil {
				return err
			}
		}
		return errors.Join(makeRoom(ctx, tx, now), h.note(ctx, tx, now, lost))
	})
	if err == nil && lost {
		h.period = now
	}
	if err != nil {
		h.takeBack(pending, lost)
	}
	return err
}

// takeBack makes pending again what could not be written.
func (h *History) takeBack(pending map[key]*Fact, lost bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.lost = h.lost || lost
	for k, f := range pending {
		if newer := h.pending[k]; newer != nil {
			f.merge(newer)
		} else if len(h.pending) >= maxPending {
			h.lost = true
			continue
		}
		h.pending[k] = f
	}
}

// note enters that what was seen is recorded until now; if some of it was lost,
// until the last writing, and again from now on. The caller holds writing.
func (h *History) note(ctx context.Context, tx *sql.Tx, now time.Time, lost bool) error {
	if lost {
		_, err := tx.ExecContext(ctx, `INSERT OR IGNORE INTO period (began, ended) VALUES (?1, ?1)`, now.UnixMilli())
		return err
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO period (began, ended) VALUES (?, ?) ON CONFLICT (began) DO UPDATE SET ended = excluded.ended`,
		h.period.UnixMilli(), now.UnixMilli())
	return err
}

// merge makes f part of what the file says of k.
func merge(ctx context.Context, tx *sql.Tx, k key, f *Fact) error {
	was, err := scan(tx.QueryRowContext(ctx, `SELECT `+columns+` FROM fact WHERE device = ? AND folded = ? AND identity = ?`, k.device.String(), k.account, k.identity))
	switch {
	case err == nil:
		was.merge(f)
		f = &was
	case !errors.Is(err, sql.ErrNoRows):
		return err
	}
	shares, err := sharesText(f.Shares)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT OR REPLACE INTO fact (folded, `+columns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		k.account, f.Device.String(), f.Identity, f.Account, f.Name, f.Dialect, f.Advertised, f.Encrypts,
		millis(f.First), millis(f.Last), millis(f.Signed), millis(f.Sealed), millis(f.Failed), shares)
	return err
}

// merge makes newer, of the same device and account, part of f.
func (f *Fact) merge(newer *Fact) {
	first, advertised, encrypts, name, dialect := f.First, f.Advertised, f.Encrypts, f.Name, f.Dialect
	signed, sealed, failed, shares := f.Signed, f.Sealed, f.Failed, f.Shares
	*f = *newer
	f.Shares = shares
	for share, at := range newer.Shares {
		f.connect(share, at)
	}
	f.First, f.Advertised = first, advertised || newer.Advertised
	if !newer.signedIn {
		f.Encrypts = encrypts
	}
	f.Name, f.Dialect = cmp.Or(newer.Name, name), cmp.Or(newer.Dialect, dialect)
	f.Signed, f.Sealed, f.Failed = later(signed, newer.Signed), later(sealed, newer.Sealed), later(failed, newer.Failed)
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// makeRoom removes what is too old, or too much.
func makeRoom(ctx context.Context, tx *sql.Tx, now time.Time) error {
	oldest := now.Add(-maxAge).UnixMilli()
	_, err := tx.ExecContext(ctx, `DELETE FROM fact WHERE last < ?`, oldest)
	_, err2 := tx.ExecContext(ctx, `DELETE FROM fact WHERE rowid IN (SELECT rowid FROM fact ORDER BY last DESC LIMIT -1 OFFSET ?)`, maxFacts)
	_, err3 := tx.ExecContext(ctx, `DELETE FROM period WHERE ended < ?`, oldest)
	return errors.Join(err, err2, err3)
}

// columns are those that scan reads.
const columns = `device, identity, account, name, dialect, advertised, encrypts, first, last, signed, sealed, failed, shares`

// scan reads a row.
func scan(row interface{ Scan(dest ...any) error }) (Fact, error) {
	var f Fact
	var device, shares string
	var identity, dialect, first, last, signed, sealed, failed int64
	err := row.Scan(&device, &identity, &f.Account, &f.Name, &dialect, &f.Advertised, &f.Encrypts, &first, &last, &signed, &sealed, &failed, &shares)
	if err != nil {
		return Fact{}, err
	}
	if f.Shares, err = sharesOf(shares); err != nil {
		return Fact{}, err
	}
	f.Device, _ = netip.ParseAddr(device) // as it was written: the zero value is not known
	f.Identity, f.Dialect = policy.Identity(identity), policy.Dialect(dialect)
	f.First, f.Last, f.Signed, f.Sealed, f.Failed = moment(first), moment(last), moment(signed), moment(sealed), moment(failed)
	return f, nil
}

// sharesText is how shares are written, and sharesOf reads that.
func sharesText(shares map[string]time.Time) (string, error) {
	times := make(map[string]int64, len(shares))
	for share, at := range shares {
		times[share] = millis(at)
	}
	text, err := json.Marshal(times)
	return string(text), err
}

func sharesOf(text string) (map[string]time.Time, error) {
	var times map[string]int64
	if err := json.Unmarshal([]byte(text), &times); err != nil {
		return nil, fmt.Errorf("shares of a device: %w", err)
	}
	if len(times) == 0 {
		return nil, nil
	}
	shares := make(map[string]time.Time, len(times))
	for share, at := range times {
		shares[share] = moment(at)
	}
	return shares, nil
}

func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func moment(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
