package store

import (
	"context"
	"database/sql"
	"fmt"
)

// maxUntold bounds what Untold returns.
const maxUntold = 1000

// Untold returns the first revisions of which the log of events has not been
// told, as far as is known: a crash may come between the telling and MarkTold.
func (s *Store) Untold(ctx context.Context) ([]Revision, error) {
	var list []Revision
	err := s.db.Read(ctx, func(tx *sql.Tx) (err error) {
		list, err = revisions(ctx, tx, `WHERE number > (SELECT told FROM store) ORDER BY number LIMIT ?`, maxUntold)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the history: %w", err)
	}
	return list, nil
}

// MarkTold remembers that the log of events has all revisions up to a number.
func (s *Store) MarkTold(ctx context.Context, number uint64) error {
	err := s.db.Write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE store SET told = max(told, ?) WHERE id = 1`, number)
		return err
	})
	if err != nil {
		return fmt.Errorf("write the history: %w", err)
	}
	return nil
}
