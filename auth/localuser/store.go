package localuser

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/signet-smb/signet/auth/ntlm"
	"github.com/signet-smb/signet/dtyp"
)

// schemaVersion is the version of the tables below. It goes up with every
// change that an older Signet could not read.
const schemaVersion = 2

// schema makes a store. Times are microseconds since 1970.
const schema = `
CREATE TABLE store (
	id        INTEGER PRIMARY KEY CHECK (id = 1),
	schema    INTEGER NOT NULL,
	machine   TEXT    NOT NULL, -- the SID whose children the accounts are
	next_rid  INTEGER NOT NULL, -- never goes back: a SID is not given twice
	key_check BLOB    NOT NULL
) STRICT;
CREATE TABLE account (
	folded       TEXT    PRIMARY KEY, -- the name in upper case
	name         TEXT    NOT NULL,
	rid          INTEGER NOT NULL UNIQUE,
	disabled     INTEGER NOT NULL CHECK (disabled IN (0, 1)),
	unix_user    TEXT    NOT NULL DEFAULT '',
	created      INTEGER NOT NULL,
	password_set INTEGER NOT NULL,
	sealed       BLOB    NOT NULL -- nonce, NT hash, tag
) STRICT;`

// migrations brings a store of the version that is the key to the next one. No
// copy of the file is kept, unlike those of other stores: the hashes in it
// would outlive the passwords. Each runs in the transaction that opens the
// store, whole or not at all.
var migrations = map[int]string{
	1: `ALTER TABLE account ADD COLUMN unix_user TEXT NOT NULL DEFAULT '';`,
}

// The account without a name is the decoy: what a search for a name that nobody
// has finds, so that it takes the time of another. It is never shown.

// firstRID is the number of the first account, as on Windows.
const firstRID = 1000

// ErrNewer tells that a store was written by a later version of Signet.
var ErrNewer = errors.New("the account store was written by a newer version of Signet")

// Store is an open account store. Safe for concurrent use.
type Store struct {
	db      *sql.DB
	find    *sql.Stmt // an account by its folded name, or the decoy
	seal    sealer
	machine dtyp.SID
	now     func() time.Time

	// turn holds a token while nobody writes. SQLite lets writers wait by
	// polling, for a bounded time and in no order; a checkpoint that waits for
	// readers would outlast it.
	turn chan struct{}
}

// Open opens the store at path, or makes one there, readable by its owner
// only. key is not kept.
//
// A file that others may read or that somebody else owns is refused with an
// error that wraps fs.ErrPermission, another store's key with [ErrWrongKey],
// a later version's file with [ErrNewer].
func Open(ctx context.Context, path string, key *[32]byte) (*Store, error) {
	s, err := open(ctx, path, key)
	if err != nil {
		return nil, fmt.Errorf("account store %s: %w", path, err)
	}
	return s, nil
}

func open(ctx context.Context, path string, key *[32]byte) (*Store, error) {
	seal, err := newSealer(key)
	if err != nil {
		return nil, err
	}
	path, err = filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	if err := makePrivate(path); err != nil {
		return nil, err
	}
	db, err := sql.Open("sqlite", dataSource(path))
	if err != nil {
		return nil, err
	}
	s := &Store{db: db, seal: seal, now: time.Now, turn: make(chan struct{}, 1)}
	s.turn <- struct{}{}
	if err := s.prepare(ctx); err != nil {
		db.Close()
		return nil, err
	}
	return s, nil
}

// makePrivate makes an empty file for the store, for its mode is that of the
// files which SQLite puts beside it; or checks the one that is there.
func makePrivate(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		f, err = openPrivate(path, ownerOnly)
	}
	if err != nil {
		return err
	}
	return f.Close()
}

// dataSource names the file to the driver.
//
// secure_delete overwrites what is deleted; temporary tables stay in memory.
func dataSource(path string) string {
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	u := url.URL{Scheme: "file", Path: path, RawQuery: url.Values{
		"_pragma": {
			"busy_timeout(5000)", "journal_mode(WAL)", "synchronous(FULL)",
			"secure_delete(ON)", "foreign_keys(ON)", "temp_store(MEMORY)", "trusted_schema(OFF)",
		},
		"_txlock": {"immediate"},
	}.Encode()}
	return u.String()
}

// prepare makes the tables if there are none, checks version and key, and
// prepares what is asked often.
func (s *Store) prepare(ctx context.Context) error {
	err := s.write(ctx, func(tx *sql.Tx) error {
		var tables int
		if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM sqlite_schema`).Scan(&tables); err != nil {
			return err
		}
		if tables == 0 {
			if err := s.create(ctx, tx); err != nil {
				return err
			}
		}
		return s.load(ctx, tx)
	})
	if err != nil {
		return err
	}
	s.find, err = s.db.PrepareContext(ctx, `SELECT `+columns+`, folded, sealed FROM account
		WHERE folded IN (?, '') ORDER BY folded DESC LIMIT 1`)
	return err
}

// create fills an empty file.
func (s *Store) create(ctx context.Context, tx *sql.Tx) error {
	if _, err := tx.ExecContext(ctx, schema); err != nil {
		return err
	}
	var b [12]byte
	rand.Read(b[:])
	machine := dtyp.NewSID(5, 21, binary.LittleEndian.Uint32(b[0:]),
		binary.LittleEndian.Uint32(b[4:]), binary.LittleEndian.Uint32(b[8:]))
	_, err := tx.ExecContext(ctx, `INSERT INTO store (id, schema, machine, next_rid, key_check) VALUES (1, ?, ?, ?, ?)`,
		schemaVersion, machine.String(), firstRID, s.seal.sealCheck(machine))
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO account (folded, `+columns+`, sealed) VALUES ('', '', 0, 1, '', 0, 0, ?)`,
		s.seal.sealHash(ntlm.NTHash{}, "", 0))
	return err
}

// load reads the row of the store itself. The version comes first: of a later
// one nothing else may be taken for known, and an older one is brought to ours.
func (s *Store) load(ctx context.Context, tx *sql.Tx) error {
	var version int
	if err := tx.QueryRowContext(ctx, `SELECT schema FROM store WHERE id = 1`).Scan(&version); err != nil {
		return fmt.Errorf("this is no account store: %w", err)
	}
	if version > schemaVersion {
		return fmt.Errorf("%w: its schema is %d, this version knows %d", ErrNewer, version, schemaVersion)
	}
	if version < 1 {
		return fmt.Errorf("schema %d does not exist", version)
	}
	for ; version < schemaVersion; version++ {
		if _, err := tx.ExecContext(ctx, migrations[version]+`UPDATE store SET schema = schema + 1`); err != nil {
			return fmt.Errorf("from schema %d to the next: %w", version, err)
		}
	}
	var machine string
	var check []byte
	if err := tx.QueryRowContext(ctx, `SELECT machine, key_check FROM store WHERE id = 1`).Scan(&machine, &check); err != nil {
		return err
	}
	var err error
	if s.machine, err = dtyp.ParseSID(machine); err != nil {
		return err
	}
	return s.seal.openCheck(check, s.machine)
}

// Close closes the store. No other method may be running or called afterwards.
func (s *Store) Close() error {
	return errors.Join(s.find.Close(), s.db.Close())
}

// MachineSID is the SID of the server, whose children the accounts are. It is
// made with the store and stays.
func (s *Store) MachineSID() dtyp.SID { return s.machine }

// await waits until it is the caller's turn to write, who then gives it back
// by done.
func (s *Store) await(ctx context.Context) (done func(), err error) {
	select {
	case <-s.turn:
		return func() { s.turn <- struct{}{} }, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// write runs f in a transaction.
func (s *Store) write(ctx context.Context, f func(tx *sql.Tx) error) error {
	done, err := s.await(ctx)
	if err != nil {
		return err
	}
	defer done()
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

// erase moves the write-ahead log into the file and empties it, so that what
// was overwritten there is gone from both. A reader in the way leaves that to
// the next time, or to Close.
func (s *Store) erase(ctx context.Context) error {
	done, err := s.await(ctx)
	if err != nil {
		return err
	}
	defer done()
	_, err = s.db.ExecContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`)
	return err
}
