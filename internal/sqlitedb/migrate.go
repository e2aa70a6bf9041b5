package sqlitedb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/signet-smb/signet/internal/private"
)

// ErrNewer tells that a file was written by a later version of Signet.
var ErrNewer = errors.New("it was written by a newer version of Signet")

// errNoStore tells that a file is something else.
var errNoStore = errors.New("this is no store of Signet")

// migrate brings the file to the last version of the schema.
func (d *DB) migrate(ctx context.Context, path string, schema Schema) error {
	var version int
	err := d.Read(ctx, func(tx *sql.Tx) (err error) {
		version, err = versionOf(ctx, tx)
		return err
	})
	last := len(schema.Steps)
	switch {
	case err != nil:
		return err
	case version > last:
		return fmt.Errorf("%w: its schema is %d, this version knows %d", ErrNewer, version, last)
	case version == last:
		return nil
	}
	var copied string
	if version > 0 && !schema.Secret {
		if copied, err = d.copyBeside(ctx, path, version); err != nil {
			return fmt.Errorf("copy before the change from schema %d to %d: %w", version, last, err)
		}
	}
	err = d.Write(ctx, func(tx *sql.Tx) error { return apply(ctx, tx, version, schema) })
	if err != nil && copied != "" {
		// Nothing has changed: the next try makes its own.
		_ = os.Remove(copied)
	}
	return err
}

// apply makes the steps from version on.
func apply(ctx context.Context, tx *sql.Tx, version int, schema Schema) error {
	if now, err := versionOf(ctx, tx); err != nil || now != version {
		return errors.Join(err, errors.New("another process has changed the schema"))
	}
	for i, step := range schema.Steps[version:] {
		if _, err := tx.ExecContext(ctx, step); err != nil {
			return fmt.Errorf("from schema %d to the next: %w", version+i, err)
		}
	}
	if version == 0 && schema.Fill != nil {
		if err := schema.Fill(ctx, tx); err != nil {
			return err
		}
	}
	_, err := tx.ExecContext(ctx, `UPDATE store SET schema = ? WHERE id = 1`, len(schema.Steps))
	return err
}

// versionOf returns the schema version of the file, 0 of an empty one.
func versionOf(ctx context.Context, tx *sql.Tx) (version int, err error) {
	var tables int
	if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM sqlite_schema`).Scan(&tables); err != nil || tables == 0 {
		return 0, err
	}
	if err := tx.QueryRowContext(ctx, `SELECT schema FROM store WHERE id = 1`).Scan(&version); err != nil {
		return 0, fmt.Errorf("%w: %w", errNoStore, err)
	}
	if version < 1 {
		return 0, fmt.Errorf("schema %d does not exist", version)
	}
	return version, nil
}

// copyBeside makes a copy of the file, which is on the disk when it returns the
// copy's name.
func (d *DB) copyBeside(ctx context.Context, path string, version int) (string, error) {
	name := fmt.Sprintf("%s.v%d-%s", path, version, time.Now().UTC().Format("20060102T150405Z"))
	unfinished := name + ".new"
	// SQLite would give a new file the mode 0644 less the umask: it takes an
	// empty one that is there.
	if err := private.Make(unfinished); err != nil {
		return "", err
	}
	_, err := d.ExecContext(ctx, `VACUUM INTO ?`, unfinished)
	if err == nil {
		err = flush(unfinished)
	}
	if err == nil {
		err = os.Rename(unfinished, name)
	}
	if err != nil {
		return "", errors.Join(err, os.Remove(unfinished))
	}
	return name, private.SyncDir(filepath.Dir(name))
}

// flush puts the content of a file on the disk.
func flush(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
