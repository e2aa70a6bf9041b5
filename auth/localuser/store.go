package localuser

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/signet-smb/signet/auth/ntlm"
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/sqlitedb"
)

// schema makes a store. Times are microseconds since 1970.
var schema = []string{
	`CREATE TABLE store (
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
		created      INTEGER NOT NULL,
		password_set INTEGER NOT NULL,
		sealed       BLOB    NOT NULL -- nonce, NT hash, tag
	) STRICT;`,
	`ALTER TABLE account ADD COLUMN unix_user TEXT NOT NULL DEFAULT '';`,
	`ALTER TABLE account ADD COLUMN role TEXT NOT NULL DEFAULT '' CHECK (role IN ('', 'viewer', 'operator', 'admin'));
	ALTER TABLE account ADD COLUMN verifier BLOB; -- sealed; NULL: there is none`,
}

// The account without a name is the decoy: what a search for a name that nobody
// has finds, so that it takes the time of another. It is never shown.

// firstRID is the number of the first account, as on Windows.
const firstRID = 1000

// ErrNewer tells that a store was written by a later version of Signet.
var ErrNewer = sqlitedb.ErrNewer

// Store is an open account store. Safe for concurrent use.
type Store struct {
	db      *sqlitedb.DB
	find    *sql.Stmt // an account by its folded name, or the decoy
	seal    sealer
	machine dtyp.SID
	now     func() time.Time
	decoy   verifier // of names that cannot be verified; new verifiers are as much work
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
	s := &Store{seal: seal, now: time.Now, decoy: newDecoy(iterations)}
	if s.db, err = sqlitedb.Open(ctx, path, sqlitedb.Schema{Steps: schema, Fill: s.create, Secret: true}); err != nil {
		return nil, err
	}
	if err := s.prepare(ctx); err != nil {
		s.db.Close()
		return nil, err
	}
	return s, nil
}

// prepare reads the row of the store itself, checks the key, and prepares what
// is asked often.
func (s *Store) prepare(ctx context.Context) error {
	var machine string
	var check []byte
	err := s.db.QueryRowContext(ctx, `SELECT machine, key_check FROM store WHERE id = 1`).Scan(&machine, &check)
	if err != nil {
		return err
	}
	if s.machine, err = dtyp.ParseSID(machine); err != nil {
		return err
	}
	if err := s.seal.openCheck(check, s.machine); err != nil {
		return err
	}
	s.find, err = s.db.PrepareContext(ctx, `SELECT `+shown+`, folded, sealed, verifier FROM account
		WHERE folded IN (?, '') ORDER BY folded DESC LIMIT 1`)
	return err
}

// create puts the first rows into an empty file.
func (s *Store) create(ctx context.Context, tx *sql.Tx) error {
	var b [12]byte
	rand.Read(b[:])
	machine := dtyp.NewSID(5, 21, binary.LittleEndian.Uint32(b[0:]),
		binary.LittleEndian.Uint32(b[4:]), binary.LittleEndian.Uint32(b[8:]))
	_, err := tx.ExecContext(ctx, `INSERT INTO store (id, schema, machine, next_rid, key_check) VALUES (1, 0, ?, ?, ?)`,
		machine.String(), firstRID, s.seal.sealCheck(machine))
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO account (folded, `+columns+`, sealed) VALUES ('', '', 0, 1, '', 0, 0, '', ?)`,
		s.seal.sealHash(ntlm.NTHash{}, "", 0))
	return err
}

// Close closes the store. No other method may be running or called afterwards.
func (s *Store) Close() error {
	return errors.Join(s.find.Close(), s.db.Close())
}

// MachineSID is the SID of the server, whose children the accounts are. It is
// made with the store and stays.
func (s *Store) MachineSID() dtyp.SID { return s.machine }
