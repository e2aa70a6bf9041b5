package localuser

import (
	"context"
	"crypto/subtle"
	"database/sql"
	"errors"
	"fmt"

	"github.com/signet-smb/signet/auth"
	"github.com/signet-smb/signet/auth/ntlm"
)

// Imported is an account of another system, whose password is known by its
// hash only.
type Imported struct {
	Name     string
	Hash     ntlm.NTHash
	Disabled bool
}

// Import makes accounts, all or none, and reports of each whether it was made
// or changed. One whose name is taken stays as it is, unless replace is true:
// then it gets the hash and the flag, and keeps its SID, its Unix twin and its
// role, which counts from the next password on that is set here. With
// trial nothing is changed. The error wraps [ErrName], and [ErrPassword] for
// the hash of the empty password.
func (s *Store) Import(ctx context.Context, accounts []Imported, replace, trial bool) ([]bool, error) {
	if err := ntlm.Available(); err != nil {
		return nil, err
	}
	for _, a := range accounts {
		if err := checkName(a.Name); err != nil {
			return nil, err
		}
		if isEmptyPassword(a.Hash) {
			return nil, fmt.Errorf("account %q: %w: empty", a.Name, ErrPassword)
		}
	}
	taken := make([]bool, len(accounts))
	err := s.db.Write(ctx, func(tx *sql.Tx) error {
		for i, a := range accounts {
			var err error
			if taken[i], err = s.takeIn(ctx, tx, a, replace, trial); err != nil {
				return fmt.Errorf("account %q: %w", a.Name, err)
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("import accounts: %w", err)
	}
	if !replace || trial {
		return taken, nil
	}
	return taken, s.db.Erase(ctx)
}

// takeIn makes one account, or changes it, and reports whether it did.
func (s *Store) takeIn(ctx context.Context, tx *sql.Tx, a Imported, replace, trial bool) (bool, error) {
	folded := auth.Upcase(a.Name)
	now := s.now().UnixMicro()
	var rid uint32
	err := tx.QueryRowContext(ctx, `SELECT rid FROM account WHERE folded = ?`, folded).Scan(&rid)
	switch {
	case err == nil && !replace:
		return false, nil
	case err != nil && !errors.Is(err, sql.ErrNoRows):
		return false, err
	case trial:
		return true, nil
	case err == nil:
		_, err := tx.ExecContext(ctx, `UPDATE account SET disabled = ?, password_set = ?, sealed = ?, verifier = NULL WHERE folded = ?`,
			a.Disabled, now, s.seal.sealHash(a.Hash, folded, rid), folded)
		return true, err
	}
	if err := tx.QueryRowContext(ctx, `UPDATE store SET next_rid = next_rid + 1 RETURNING next_rid - 1`).Scan(&rid); err != nil {
		return false, err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO account (folded, `+columns+`, sealed) VALUES (?, ?, ?, ?, '', ?, ?, '', ?)`,
		folded, a.Name, rid, a.Disabled, now, now, s.seal.sealHash(a.Hash, folded, rid))
	return true, err
}

// isEmptyPassword reports whether h is the hash of a password that is no
// password.
func isEmptyPassword(h ntlm.NTHash) bool {
	empty := ntlm.HashPassword("")
	return subtle.ConstantTimeCompare(h[:], empty[:]) == 1
}
