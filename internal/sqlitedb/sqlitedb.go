package sqlitedb

import (
	"context"
	"database/sql"
	"net/url"
	"path/filepath"
	"strings"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/signet-smb/signet/internal/private"
)

// Schema is what a file holds, and how it came to that.
type Schema struct {
	// Steps lead from one version to the next: Steps[0] from an empty file to
	// version 1. The first makes the table store. A step that was released is
	// never changed again.
	Steps []string
	// Fill puts the first rows into a new file, after all Steps: that of the
	// table store, with any version. nil: Steps did it.
	Fill func(ctx context.Context, tx *sql.Tx) error
	// Secret says that what is deleted must be gone: it is overwritten, and no
	// copy is made of an older file.
	Secret bool
}

// DB is an open file. Safe for concurrent use; its embedded methods for
// reading are, those for writing go through Write.
type DB struct {
	*sql.DB

	// turn holds a token while nobody writes. SQLite lets writers wait by
	// polling, for a bounded time and in no order; a checkpoint that waits for
	// readers would outlast it.
	turn chan struct{}
}

// Open opens the file at path, or makes one there, and brings it to the last
// version of the schema. A file that others may read or that somebody else owns
// is refused with an error that wraps fs.ErrPermission, that of a later version
// with [ErrNewer].
func Open(ctx context.Context, path string, schema Schema) (*DB, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	// The files that SQLite puts beside it take their mode from this one.
	if err := private.Make(path); err != nil {
		return nil, err
	}
	pool, err := sql.Open("sqlite", dataSource(path, schema.Secret))
	if err != nil {
		return nil, err
	}
	d := &DB{DB: pool, turn: make(chan struct{}, 1)}
	d.turn <- struct{}{}
	if err := d.migrate(ctx, path, schema); err != nil {
		d.Close()
		return nil, err
	}
	return d, nil
}

// dataSource names the file to the driver. secure_delete overwrites what is
// deleted; temporary tables stay in memory.
func dataSource(path string, secret bool) string {
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	pragmas := []string{
		"busy_timeout(5000)", "journal_mode(WAL)", "synchronous(FULL)",
		"foreign_keys(ON)", "temp_store(MEMORY)", "trusted_schema(OFF)",
	}
	if secret {
		pragmas = append(pragmas, "secure_delete(ON)")
	}
	u := url.URL{Scheme: "file", Path: path, RawQuery: url.Values{
		"_pragma": pragmas, "_txlock": {"immediate"},
	}.Encode()}
	return u.String()
}

// Write runs f in a transaction, one at a time, in the order of the calls.
func (d *DB) Write(ctx context.Context, f func(tx *sql.Tx) error) error {
	done, err := d.await(ctx)
	if err != nil {
		return err
	}
	defer done()
	tx, err := d.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if err := f(tx); err != nil {
		return err
	}
	return tx.Commit()
}

// Read runs f in a transaction that sees one state of the file.
func (d *DB) Read(ctx context.Context, f func(tx *sql.Tx) error) error {
	tx, err := d.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return err
	}
	defer tx.Rollback()
	return f(tx)
}

// Erase moves the write-ahead log into the file and empties it, so that what
// was overwritten there is gone from both. A reader in the way leaves that to
// the next time, or to Close.
func (d *DB) Erase(ctx context.Context) error {
	done, err := d.await(ctx)
	if err != nil {
		return err
	}
	defer done()
	_, err = d.ExecContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`)
	return err
}

// await waits until it is the caller's turn to write, who then gives it back
// by done.
func (d *DB) await(ctx context.Context) (done func(), err error) {
	select {
	case <-d.turn:
		return func() { d.turn <- struct{}{} }, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}
