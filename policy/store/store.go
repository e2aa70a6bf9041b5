package store

import (
	"context"
	"fmt"

	"github.com/signet-smb/signet/internal/sqlitedb"
)

// schema makes the tables, version by version.
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
	`ALTER TABLE share ADD COLUMN encrypt_data INTEGER NOT NULL DEFAULT 0 CHECK (encrypt_data IN (0, 1));
	ALTER TABLE share ADD COLUMN require_signature INTEGER NOT NULL DEFAULT 0 CHECK (require_signature IN (0, 1));
	ALTER TABLE share ADD COLUMN enumeration TEXT NOT NULL DEFAULT 'Unrestricted' CHECK (enumeration IN ('Unrestricted', 'AccessBased'));`,
	`CREATE TABLE revision (
		number  INTEGER PRIMARY KEY,
		at      INTEGER NOT NULL, -- milliseconds since 1970, UTC
		kind    TEXT    NOT NULL CHECK (kind IN ('Change', 'Rollback', 'Confirm', 'Restore')),
		account TEXT    NOT NULL,
		means   TEXT    NOT NULL,
		reason  TEXT    NOT NULL
	) STRICT;
	CREATE TABLE revision_change (
		revision INTEGER NOT NULL REFERENCES revision (number),
		property TEXT    NOT NULL,
		old      TEXT, -- NULL: the store said nothing of it
		new      TEXT,
		PRIMARY KEY (revision, property)
	) STRICT;
	CREATE TABLE property (
		name     TEXT    PRIMARY KEY,
		value    TEXT    NOT NULL,
		revision INTEGER NOT NULL REFERENCES revision (number)
	) STRICT;
	CREATE TABLE deadline (
		property   TEXT    PRIMARY KEY,
		restore    TEXT,    -- NULL: the store is to say nothing of it then
		until      INTEGER, -- milliseconds since 1970, UTC
		confirm_by INTEGER,
		now        INTEGER NOT NULL CHECK (now IN (0, 1)), -- 1: sessions that comply no more then are closed
		revision   INTEGER NOT NULL REFERENCES revision (number),
		CHECK (until IS NOT NULL OR confirm_by IS NOT NULL)
	) STRICT;`,
	`ALTER TABLE store ADD COLUMN told INTEGER NOT NULL DEFAULT 0; -- the last revision that the log of events has
	UPDATE store SET told = (SELECT coalesce(max(number), 0) FROM revision);`,
	// From here on a property may be a rule: its name begins with "rule.", its
	// value is JSON. Versions that know no rules refuse the file.
	`CREATE UNIQUE INDEX rule ON property (lower(name)) WHERE name LIKE 'rule.%';`,
	`ALTER TABLE share ADD COLUMN refuse_guests INTEGER NOT NULL DEFAULT 0 CHECK (refuse_guests IN (0, 1));`,
	`ALTER TABLE share ADD COLUMN description TEXT NOT NULL DEFAULT '';
	ALTER TABLE share ADD COLUMN user_limit INTEGER NOT NULL DEFAULT 0 CHECK (user_limit BETWEEN 0 AND 4294967295); -- 0: none`,
	`ALTER TABLE share ADD COLUMN leasing TEXT NOT NULL DEFAULT 'Full' CHECK (leasing IN ('Full', 'Shared', 'None'));`,
}

// ErrNewer tells that a store was written by a later version of Signet.
var ErrNewer = sqlitedb.ErrNewer

// Store is an open store. Safe for concurrent use.
type Store struct {
	db          *sqlitedb.DB
	foldShare   func(string) string
	foldAccount func(string) string
}

// Open opens the store at path, or makes one there, readable by its owner
// only. Shares whose names foldShare makes the same are one share, accounts
// likewise. The error wraps [ErrNewer] for a later version's file, and
// fs.ErrPermission for one that is not private.
func Open(ctx context.Context, path string, foldShare, foldAccount func(string) string) (*Store, error) {
	db, err := sqlitedb.Open(ctx, path, sqlitedb.Schema{Steps: schema})
	if err != nil {
		return nil, fmt.Errorf("store %s: %w", path, err)
	}
	return &Store{db: db, foldShare: foldShare, foldAccount: foldAccount}, nil
}

// Close closes the store. No other method may be running or called afterwards.
func (s *Store) Close() error { return s.db.Close() }
