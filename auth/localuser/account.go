package localuser

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/signet-smb/signet/auth"
	"github.com/signet-smb/signet/auth/ntlm"
	"github.com/signet-smb/signet/dtyp"
)

// Account is an account without its secret.
type Account struct {
	Name        string // as it was given
	SID         dtyp.SID
	Disabled    bool
	UnixUser    string    // its Unix twin: "" the system user of the same name, [NoUnixUser], or the name of another
	Role        Role      // in the administration
	Verifiable  bool      // whether its password can be verified for that: it was set since the account has a role
	Created     time.Time // UTC, to the microsecond
	PasswordSet time.Time // UTC, to the microsecond
}

// NoUnixUser is the UnixUser of an account that is no system user, not even
// the one of its own name.
const NoUnixUser = "none"

// NewAccount is what an account is made of.
type NewAccount struct {
	Name     string
	Password string
	UnixUser string // as in [Account]
	Role     Role
}

// Change is what Update changes of an account. What is nil stays as it is.
type Change struct {
	Disabled *bool
	UnixUser *string // as in [Account]
	Role     *Role
}

// columns are those of an Account that are stored, and shown with what follows
// from others, in the order of scan.
const (
	columns = `name, rid, disabled, unix_user, created, password_set, role`
	shown   = columns + `, verifier IS NOT NULL`
)

// scan reads what is shown, and more if asked for, by the Scan of a row.
func (s *Store) scan(row func(dest ...any) error, more ...any) (Account, error) {
	var a Account
	var rid uint32
	var created, passwordSet int64
	err := row(append([]any{&a.Name, &rid, &a.Disabled, &a.UnixUser, &created, &passwordSet, &a.Role, &a.Verifiable}, more...)...)
	if err != nil {
		return Account{}, err
	}
	a.SID = s.machine.Child(rid)
	a.Created = time.UnixMicro(created).UTC()
	a.PasswordSet = time.UnixMicro(passwordSet).UTC()
	return a, nil
}

// unknown is the error for a name that nobody has. It wraps fs.ErrNotExist.
func unknown(name string) error { return fmt.Errorf("account %q: %w", name, fs.ErrNotExist) }

// Add makes an account. The error wraps fs.ErrExist if there is one of that
// name, without regard to case, and [ErrName], [ErrPassword], [ErrUnixUser] or
// [ErrRole] for what is not allowed.
func (s *Store) Add(ctx context.Context, n NewAccount) (Account, error) {
	if err := errors.Join(checkName(n.Name), checkPassword(n.Password), checkUnixUser(n.UnixUser), checkRole(n.Role), ntlm.Available()); err != nil {
		return Account{}, err
	}
	now := s.now().UTC().Truncate(time.Microsecond)
	a := Account{Name: n.Name, UnixUser: n.UnixUser, Role: n.Role, Verifiable: n.Role != NoRole, Created: now, PasswordSet: now}
	folded := auth.Upcase(n.Name)
	v, err := s.verifierFor(n.Role, n.Password)
	if err != nil {
		return Account{}, err
	}
	err = s.db.Write(ctx, func(tx *sql.Tx) error {
		var taken bool
		if err := tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM account WHERE folded = ?)`, folded).Scan(&taken); err != nil {
			return err
		}
		if taken {
			return fs.ErrExist
		}
		var rid uint32
		if err := tx.QueryRowContext(ctx, `UPDATE store SET next_rid = next_rid + 1 RETURNING next_rid - 1`).Scan(&rid); err != nil {
			return err
		}
		a.SID = s.machine.Child(rid)
		_, err := tx.ExecContext(ctx, `INSERT INTO account (folded, `+columns+`, sealed, verifier) VALUES (?, ?, ?, 0, ?, ?, ?, ?, ?, ?)`,
			folded, n.Name, rid, n.UnixUser, now.UnixMicro(), now.UnixMicro(), string(n.Role),
			s.seal.sealHash(ntlm.HashPassword(n.Password), folded, rid), s.seal.sealVerifier(v, folded, rid))
		return err
	})
	if err != nil {
		return Account{}, fmt.Errorf("add account %q: %w", n.Name, err)
	}
	return a, nil
}

// SetPassword gives an account another password. The old one's sealed hash is
// overwritten. The error wraps fs.ErrNotExist if there is no such account.
func (s *Store) SetPassword(ctx context.Context, name, password string) error {
	if err := errors.Join(checkPassword(password), ntlm.Available()); err != nil {
		return err
	}
	if name == "" {
		return unknown(name) // the decoy
	}
	r, err := s.record(ctx, name)
	if err != nil {
		return err
	}
	v, err := s.verifierFor(r.Role, password)
	if err != nil {
		return err
	}
	folded := auth.Upcase(name)
	err = s.db.Write(ctx, func(tx *sql.Tx) error {
		var rid uint32
		if err := tx.QueryRowContext(ctx, `SELECT rid FROM account WHERE folded = ?`, folded).Scan(&rid); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `UPDATE account SET password_set = ?, sealed = ?, verifier = CASE WHEN role <> '' THEN ? END WHERE folded = ?`,
			s.now().UnixMicro(), s.seal.sealHash(ntlm.HashPassword(password), folded, rid), s.seal.sealVerifier(v, folded, rid), folded)
		return err
	})
	if errors.Is(err, sql.ErrNoRows) {
		return unknown(name)
	}
	if err != nil {
		return fmt.Errorf("password of account %q: %w", name, err)
	}
	return s.db.Erase(ctx)
}

// Update makes a change to an account, all of it or nothing. Logons to a
// disabled account are refused. An account that loses its role loses what its
// password was verified by, and one that gets its first can be verified from
// its next password on. The error wraps fs.ErrNotExist if there is no such
// account, and [ErrUnixUser] or [ErrRole] for what is not allowed.
func (s *Store) Update(ctx context.Context, name string, c Change) error {
	if c.UnixUser != nil {
		if err := checkUnixUser(*c.UnixUser); err != nil {
			return err
		}
	}
	if c.Role != nil {
		if err := checkRole(*c.Role); err != nil {
			return err
		}
	}
	err := s.change(ctx, name, `UPDATE account SET disabled = coalesce(?2, disabled), unix_user = coalesce(?3, unix_user),
		role = coalesce(?4, role), verifier = CASE WHEN ?4 = '' THEN NULL ELSE verifier END
		WHERE folded = ?1`, c.Disabled, c.UnixUser, (*string)(c.Role))
	if err == nil && c.Role != nil && *c.Role == NoRole {
		err = s.db.Erase(ctx)
	}
	return err
}

// Remove deletes an account and overwrites its record. Its SID is never given
// to another. The error wraps fs.ErrNotExist if there is no such account.
func (s *Store) Remove(ctx context.Context, name string) error {
	if err := s.change(ctx, name, `DELETE FROM account WHERE folded = ?1`); err != nil {
		return err
	}
	return s.db.Erase(ctx)
}

// change runs a statement whose first argument is the folded name.
func (s *Store) change(ctx context.Context, name, statement string, args ...any) error {
	if name == "" {
		return unknown(name) // the decoy
	}
	return s.db.Write(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, statement, append([]any{auth.Upcase(name)}, args...)...)
		if err != nil {
			return fmt.Errorf("account %q: %w", name, err)
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return errors.Join(unknown(name), err)
		}
		return nil
	})
}

// List returns all accounts in the order of their upper-case names.
func (s *Store) List(ctx context.Context) ([]Account, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT `+shown+` FROM account WHERE folded <> '' ORDER BY folded`)
	if err != nil {
		return nil, fmt.Errorf("list accounts: %w", err)
	}
	defer rows.Close()
	var list []Account
	for rows.Next() {
		a, err := s.scan(rows.Scan)
		if err != nil {
			return nil, fmt.Errorf("list accounts: %w", err)
		}
		list = append(list, a)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("list accounts: %w", err)
	}
	return list, nil
}

// Lookup returns the account of a name without regard to case. The error wraps
// fs.ErrNotExist if there is none.
func (s *Store) Lookup(ctx context.Context, name string) (Account, error) {
	r, err := s.record(ctx, name)
	if err == nil && r.folded == "" {
		err = unknown(name)
	}
	if err != nil {
		return Account{}, err
	}
	return r.Account, nil
}

// record is a row of the table.
type record struct {
	Account
	folded   string // "" in the decoy
	sealed   []byte
	verifier []byte // sealed; nil if there is none
}

// record returns the row of a name, or the decoy.
func (s *Store) record(ctx context.Context, name string) (r record, err error) {
	r.Account, err = s.scan(s.find.QueryRowContext(ctx, auth.Upcase(name)).Scan, &r.folded, &r.sealed, &r.verifier)
	if err != nil {
		return record{}, fmt.Errorf("account %q: %w", name, err)
	}
	return r, nil
}

// NTHash implements [ntlm.Accounts]. A name that nobody has finds the decoy
// and opens its hash, and only then is refused.
func (s *Store) NTHash(ctx context.Context, name string) (ntlm.Account, error) {
	r, err := s.record(ctx, name)
	if err != nil {
		return ntlm.Account{}, err
	}
	hash, err := s.seal.openHash(r.sealed, r.folded, r.SID.RID())
	switch {
	case r.folded == "":
		return ntlm.Account{}, unknown(name)
	case err != nil:
		return ntlm.Account{}, fmt.Errorf("account %q: %w", name, err)
	}
	return ntlm.Account{Name: r.Name, SID: r.SID, NTHash: hash, Disabled: r.Disabled}, nil
}
