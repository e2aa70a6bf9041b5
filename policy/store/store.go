package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	_ "modernc.org/sqlite" // the driver "sqlite"
)

// schema is the list of steps that make the tables: step i leads from version
// i to i+1. A step that was released is never changed again.
var schema = []string{
	`CREATE TABLE store (
		id     INTEGER PRIMARY KEY CHECK (id = 1),
		schema INTEGER NOT NULL
	) STRICT;
	INSERT INTO store (id, schema) VALUES (1, 0);
	CREATE TABLE share (
		folded     TEXT    PRIMARY KEY,
		name       TEXT    NOT NULL,
		path       TEXT    NOT NULL,
		read_only  INTEGER NOT NULL CHECK (read_only IN (0, 1)),
		run_as     TEXT    NOT NULL,
		restricted INTEGER NOT NULL CHECK (restricted IN (0, 1)) -- 0: everybody may everything, there are no grants
	) STRICT;
	CREATE TABLE share_grant (
		share   TEXT NOT NULL REFERENCES share (folded) ON DELETE CASCADE,
		folded  TEXT NOT NULL,
		account TEXT NOT NULL,
		access  TEXT NOT NULL CHECK (access IN ('None', 'Read', 'Change', 'Full')),
		PRIMARY KEY (share, folded)
	) STRICT;`,
}

// ErrNewer tells that a store was written by a later version of Signet.
var ErrNewer = errors.New("the store was written by a newer version of Signet")

// Store is an open store. Safe for concurrent use.
type Store struct {
	db          *sql.DB
	foldShare   func(string) string
	foldAccount func(string) string
}

// Open opens the store at path, or makes one there, readable by its owner
// only. Shares whose names foldShare makes the same are one share, accounts
// likewise. The error wraps [ErrNewer] for a later version's file.
func Open(ctx context.Context, path string, foldShare, foldAccount func(string) string) (*Store, error) {
	s, err := open(ctx, path, foldShare, foldAccount, schema)
	if err != nil {
		return nil, fmt.Errorf("store %s: %w", path, err)
	}
	return s, nil
}

func open(ctx context.Context, path string, foldShare, foldAccount func(string) string, steps []string) (*Store, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	// The files that SQLite puts beside it take their mode from this one.
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := f.Close(); err != nil {
		return nil, err
	}
	db, err := sql.Open("sqlite", dataSource(path))
	if err != nil {
		return nil, err
	}
	s := &Store{db: db, foldShare: foldShare, foldAccount: foldAccount}
	if err := s.migrate(ctx, path, steps); err != nil {
		db.Close()
		return nil, err
	}
	return s, nil
}

// dataSource names the file to the driver.
func dataSource(path string) string {
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	u := url.URL{Scheme: "file", Path: path, RawQuery: url.Values{
		"_pragma": {
			"busy_timeout(5000)", "journal_mode(WAL)", "synchronous(FULL)",
			"foreign_keys(ON)", "temp_store(MEMORY)", "trusted_schema(OFF)",
		},
		"_txlock": {"immediate"},
	}.Encode()}
	return u.String()
}

// migrate brings the file to the version len(steps).
func (s *Store) migrate(ctx context.Context, path string, steps []string) error {
	version, err := s.version(ctx)
	if err != nil {
		return err
	}
	switch {
	case version > len(steps):
		return fmt.Errorf("%w: its schema is %d, this version knows %d", ErrNewer, version, len(steps))
	case version == len(steps):
		return nil
	case version > 0:
		if err := s.copyTo(ctx, fmt.Sprintf("%s.schema%d", path, version)); err != nil {
			return fmt.Errorf("copy before the change from schema %d to %d: %w", version, len(steps), err)
		}
	}
	return s.write(ctx, func(tx *sql.Tx) error {
		for ; version < len(steps); version++ {
			if _, err := tx.ExecContext(ctx, steps[version]); err != nil {
				return fmt.Errorf("from schema %d to the next: %w", version, err)
			}
		}
		_, err := tx.ExecContext(ctx, `UPDATE store SET schema = ?`, version)
		return err
	})
}

// version returns the schema version of the file, 0 of an empty one.
func (s *Store) version(ctx context.Context) (version int, err error) {
	var tables int
	if err := s.db.QueryRowContext(ctx, `SELECT count(*) FROM sqlite_schema`).Scan(&tables); err != nil || tables == 0 {
		return 0, err
	}
	if err := s.db.QueryRowContext(ctx, `SELECT schema FROM store WHERE id = 1`).Scan(&version); err != nil {
		return 0, fmt.Errorf("this is no store of Signet: %w", err)
	}
	if version < 1 {
		return 0, fmt.Errorf("schema %d does not exist", version)
	}
	return version, nil
}

// copyTo makes a copy of the store. A copy that is there already stays: it was
// made of the same version, before a migration that then failed.
func (s *Store) copyTo(ctx context.Context, path string) error {
	_, err := os.Lstat(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	// SQLite gives a new file the mode 0644 less the umask: make it first.
	f, err := os.OpenFile(path+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if _, err := s.db.ExecContext(ctx, `VACUUM INTO ?`, path+".new"); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

// Close closes the store. No other method may be running or called afterwards.
func (s *Store) Close() error { return s.db.Close() }

// write runs f in a transaction.
func (s *Store) write(ctx context.Context, f func(tx *sql.Tx) error) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if err := f(tx); err != nil {
		return err
	}
	return tx.Commit()
}
