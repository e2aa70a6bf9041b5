package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
)

// Access is how much of a share somebody may use, in Windows' words.
type Access string

// Everyone is the account of a Grant to all accounts, Windows' name for it.
const Everyone = "Everyone"

// The kinds of Access, each with all that the one before it has.
const (
	None   Access = "None"   // nothing, whatever else is granted
	Read   Access = "Read"   // list and read
	Change Access = "Change" // and write, make and delete
	Full   Access = "Full"   // and change who owns what and may use it
)

// Enumeration is what a listing of a folder in a share shows, in Windows'
// words.
type Enumeration string

// The kinds of Enumeration.
const (
	Unrestricted Enumeration = "Unrestricted" // all that is there
	AccessBased  Enumeration = "AccessBased"  // what the user may read
)

// Leasing is what clients may cache of a share, in Windows' words.
type Leasing string

// The kinds of Leasing.
const (
	FullLeasing   Leasing = "Full"   // all that oplocks and leases allow
	SharedLeasing Leasing = "Shared" // what they read
	NoLeasing     Leasing = "None"   // nothing
)

// Grant is what an account is granted in a share.
type Grant struct {
	Account string
	Access  Access
}

// Share is a folder that is shared.
type Share struct {
	Name       string
	Path       string
	ReadOnly   bool
	RunAs      string  // the system user as whom it is used; "" for the server's choice
	Restricted bool    // whether only those of Grants may use it; else every account may everything
	Grants     []Grant // by account

	EncryptData              bool        // every message about it is sealed
	RequireSecuritySignature bool        // every message about it is signed or sealed
	FolderEnumerationMode    Enumeration // "" counts as Unrestricted; stored shares have a word
	LeasingMode              Leasing     // "" counts as FullLeasing; stored shares have a word
	RefuseGuests             bool        // even where the server lets guests in
	Description              string      // tells people what it holds
	ConcurrentUserLimit      uint32      // how many may be connected to it at a time; 0: as many as come
}

// ShareChange is what UpdateShare changes of a share. What is nil stays as it
// is.
type ShareChange struct {
	Path     *string
	ReadOnly *bool
	RunAs    *string

	EncryptData              *bool
	RequireSecuritySignature *bool
	FolderEnumerationMode    *Enumeration
	LeasingMode              *Leasing
	RefuseGuests             *bool
	Description              *string
	ConcurrentUserLimit      *uint32
	Access                   *ShareAccess
}

// ShareAccess is who may use a share, all of it.
type ShareAccess struct {
	Restricted bool // as Share has it; else there are no Grants
	Grants     []Grant
}

// Shares returns all shares in the order of their folded names.
func (s *Store) Shares(ctx context.Context) ([]Share, error) {
	var list []Share
	err := s.db.Read(ctx, func(tx *sql.Tx) (err error) {
		list, err = shares(ctx, tx)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list shares: %w", err)
	}
	return list, nil
}

func shares(ctx context.Context, tx *sql.Tx) ([]Share, error) {
	rows, err := tx.QueryContext(ctx, `SELECT s.name, s.path, s.read_only, s.run_as, s.restricted,
		s.encrypt_data, s.require_signature, s.enumeration, s.leasing, s.refuse_guests, s.description, s.user_limit, g.account, g.access
		FROM share s LEFT JOIN share_grant g ON g.share = s.folded ORDER BY s.folded, g.folded`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []Share
	for rows.Next() {
		var sh Share
		var account, access sql.NullString
		err := rows.Scan(&sh.Name, &sh.Path, &sh.ReadOnly, &sh.RunAs, &sh.Restricted,
			&sh.EncryptData, &sh.RequireSecuritySignature, &sh.FolderEnumerationMode, &sh.LeasingMode, &sh.RefuseGuests,
			&sh.Description, &sh.ConcurrentUserLimit, &account, &access)
		if err != nil {
			return nil, err
		}
		if n := len(list); n == 0 || list[n-1].Name != sh.Name {
			list = append(list, sh)
		}
		if account.Valid {
			last := &list[len(list)-1]
			last.Grants = append(last.Grants, Grant{Account: account.String, Access: Access(access.String)})
		}
	}
	return list, rows.Err()
}

// AddShare stores a share. The error wraps fs.ErrExist if there is one of that
// name.
func (s *Store) AddShare(ctx context.Context, sh Share) error {
	err := s.db.Write(ctx, func(tx *sql.Tx) error { return s.addShare(ctx, tx, sh) })
	if err != nil {
		return fmt.Errorf("add share %q: %w", sh.Name, err)
	}
	return nil
}

func (s *Store) addShare(ctx context.Context, tx *sql.Tx, sh Share) error {
	var taken bool
	key := s.foldShare(sh.Name)
	if err := tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM share WHERE folded = ?)`, key).Scan(&taken); err != nil {
		return err
	}
	if taken {
		return fs.ErrExist
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO share (folded, name, path, read_only, run_as, restricted,
			encrypt_data, require_signature, enumeration, leasing, refuse_guests, description, user_limit) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		key, sh.Name, sh.Path, sh.ReadOnly, sh.RunAs, sh.Restricted,
		sh.EncryptData, sh.RequireSecuritySignature, cmp.Or(sh.FolderEnumerationMode, Unrestricted), cmp.Or(sh.LeasingMode, FullLeasing), sh.RefuseGuests,
		sh.Description, sh.ConcurrentUserLimit); err != nil {
		return err
	}
	for _, g := range sh.Grants {
		if err := s.grant(ctx, tx, key, g); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) grant(ctx context.Context, tx *sql.Tx, key string, g Grant) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO share_grant (share, folded, account, access) VALUES (?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET account = excluded.account, access = excluded.access`,
		key, s.foldAccount(g.Account), g.Account, string(g.Access))
	return err
}

// UpdateShare makes a change to a share, all of it or nothing. The error wraps
// fs.ErrNotExist if there is none of that name.
func (s *Store) UpdateShare(ctx context.Context, name string, c ShareChange) error {
	return s.change(ctx, name, `UPDATE share SET path = coalesce(?2, path), read_only = coalesce(?3, read_only),
		run_as = coalesce(?4, run_as), encrypt_data = coalesce(?5, encrypt_data),
		require_signature = coalesce(?6, require_signature), enumeration = coalesce(?7, enumeration),
		refuse_guests = coalesce(?8, refuse_guests), description = coalesce(?9, description),
		user_limit = coalesce(?10, user_limit), leasing = coalesce(?11, leasing) WHERE folded = ?1`,
		s.replaceAccess(ctx, c.Access), c.Path, c.ReadOnly, c.RunAs, c.EncryptData, c.RequireSecuritySignature, c.FolderEnumerationMode, c.RefuseGuests,
		c.Description, c.ConcurrentUserLimit, c.LeasingMode)
}

// replaceAccess is what puts a in place of who may use a share; nil if a is.
func (s *Store) replaceAccess(ctx context.Context, a *ShareAccess) func(*sql.Tx, string) error {
	if a == nil {
		return nil
	}
	return func(tx *sql.Tx, key string) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM share_grant WHERE share = ?`, key); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE share SET restricted = ? WHERE folded = ?`, a.Restricted, key); err != nil {
			return err
		}
		for _, g := range a.Grants {
			if err := s.grant(ctx, tx, key, g); err != nil {
				return err
			}
		}
		return nil
	}
}

// RemoveShare forgets a share and its grants. The error wraps fs.ErrNotExist if
// there is none of that name.
func (s *Store) RemoveShare(ctx context.Context, name string) error {
	return s.change(ctx, name, `DELETE FROM share WHERE folded = ?1`, nil)
}

// Grant gives an account access to a share, instead of what it had. From the
// first grant on nobody else may use the share. The error wraps fs.ErrNotExist
// if there is no share of that name.
func (s *Store) Grant(ctx context.Context, name string, g Grant) error {
	return s.change(ctx, name, `UPDATE share SET restricted = 1 WHERE folded = ?1`, func(tx *sql.Tx, key string) error {
		return s.grant(ctx, tx, key, g)
	})
}

// ErrNoGrant tells that an account was granted nothing in a share.
var ErrNoGrant = errors.New("nothing was granted there")

// Revoke takes the access of an account to a share away: from [Everyone] what
// all have as long as nothing was granted to anybody. With the last grant the
// share is closed to all. The error wraps fs.ErrNotExist if there is no share of
// that name, [ErrNoGrant] if the account had nothing of its own.
func (s *Store) Revoke(ctx context.Context, name, account string) error {
	key, who := s.foldShare(name), s.foldAccount(account)
	err := s.db.Write(ctx, func(tx *sql.Tx) error {
		var restricted bool
		err := tx.QueryRowContext(ctx, `SELECT restricted FROM share WHERE folded = ?`, key).Scan(&restricted)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			return fs.ErrNotExist
		case err != nil:
			return err
		case !restricted && who == s.foldAccount(Everyone):
			_, err := tx.ExecContext(ctx, `UPDATE share SET restricted = 1 WHERE folded = ?`, key)
			return err
		}
		result, err := tx.ExecContext(ctx, `DELETE FROM share_grant WHERE share = ? AND folded = ?`, key, who)
		return atLeastOne(result, err, ErrNoGrant)
	})
	if err != nil {
		return fmt.Errorf("share %q, account %q: %w", name, account, err)
	}
	return nil
}

// RevokeAll takes everything that was granted to an account away, for it is
// gone: another of its name must not inherit it.
func (s *Store) RevokeAll(ctx context.Context, account string) error {
	return s.db.Write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM share_grant WHERE folded = ?`, s.foldAccount(account))
		return err
	})
}

// change runs a statement whose first argument is the folded name of a share,
// and then more, in one transaction.
func (s *Store) change(ctx context.Context, name, statement string, more func(tx *sql.Tx, key string) error, args ...any) error {
	key := s.foldShare(name)
	err := s.db.Write(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, statement, append([]any{key}, args...)...)
		if err := atLeastOne(result, err, fs.ErrNotExist); err != nil || more == nil {
			return err
		}
		return more(tx, key)
	})
	if err != nil {
		return fmt.Errorf("share %q: %w", name, err)
	}
	return nil
}

// atLeastOne returns otherwise if a statement changed no row.
func atLeastOne(result sql.Result, err, otherwise error) error {
	if err != nil {
		return err
	}
	n, err := result.RowsAffected()
	if err == nil && n == 0 {
		return otherwise
	}
	return err
}
