package sqlitedb

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// steps are a schema of two versions.
var steps = []string{
	`CREATE TABLE store (id INTEGER PRIMARY KEY, schema INTEGER NOT NULL) STRICT;
	INSERT INTO store VALUES (1, 0);
	CREATE TABLE note (text TEXT NOT NULL) STRICT;`,
	`ALTER TABLE note ADD COLUMN more TEXT NOT NULL DEFAULT 'new';`,
}

// must fails the test unless all errs are nil.
func must(t *testing.T, errs ...error) {
	t.Helper()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

// makeOld makes a file of the first version that holds one note.
func makeOld(t *testing.T, secret bool) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "x.db")
	d, err := Open(t.Context(), path, Schema{Steps: steps[:1], Secret: secret})
	must(t, err)
	must(t, write(t, d, `INSERT INTO note VALUES ('one')`), d.Close())
	return path
}

func write(t *testing.T, d *DB, statement string) error {
	t.Helper()
	return d.Write(t.Context(), func(tx *sql.Tx) error {
		_, err := tx.ExecContext(t.Context(), statement)
		return err
	})
}

// notes reads a file of any version, as schema.
func notes(t *testing.T, path, columns string, schema Schema) (all []string) {
	t.Helper()
	d, err := Open(t.Context(), path, schema)
	must(t, err)
	defer d.Close()
	must(t, d.Read(t.Context(), func(tx *sql.Tx) error {
		rows, err := tx.QueryContext(t.Context(), `SELECT `+columns+` FROM note ORDER BY text`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var note string
			if err := rows.Scan(&note); err != nil {
				return err
			}
			all = append(all, note)
		}
		return rows.Err()
	}))
	return all
}

// copies lists the copies made of a file.
func copies(t *testing.T, path string) []string {
	t.Helper()
	all, err := filepath.Glob(path + ".*")
	must(t, err)
	return all
}

func TestOnlyTheOwnerMayReadTheFiles(t *testing.T) {
	path := makeOld(t, false)
	d, err := Open(t.Context(), path, Schema{Steps: steps})
	must(t, err)
	defer d.Close()
	must(t, write(t, d, `INSERT INTO note (text) VALUES ('two')`))
	files, err := filepath.Glob(path + "*")
	if err != nil || len(files) != 4 {
		t.Errorf("%v, %v; want the file, its two companions and a copy", files, err)
	}
	for _, f := range files {
		if fi, err := os.Stat(f); err != nil || fi.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v; want 0600", f, fi.Mode(), err)
		}
	}
}

func TestAFileThatOthersMayReadIsRefused(t *testing.T) {
	path := makeOld(t, false)
	must(t, os.Chmod(path, 0o644))
	if _, err := Open(t.Context(), path, Schema{Steps: steps}); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("Open: %v, want fs.ErrPermission", err)
	}
}

func TestOtherFilesAreNoStore(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x")
	must(t, os.WriteFile(path, []byte(strings.Repeat("no database", 1000)), 0o600))
	if _, err := Open(t.Context(), path, Schema{Steps: steps}); err == nil {
		t.Error("a text file was opened as a store")
	}
	if data, err := os.ReadFile(path); err != nil || !strings.HasPrefix(string(data), "no database") {
		t.Errorf("the file was changed: %.20q, %v", data, err)
	}
}

func TestANewerSchemaIsRefusedAndUntouched(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	d, err := Open(t.Context(), path, Schema{Steps: steps})
	must(t, err)
	must(t, d.Close())
	_, err = Open(t.Context(), path, Schema{Steps: steps[:1]})
	const want = "it was written by a newer version of Signet: its schema is 2, this version knows 1"
	if !errors.Is(err, ErrNewer) || err.Error() != want {
		t.Errorf("Open: %v, want %s", err, want)
	}
	if got := copies(t, path); len(got) != 0 {
		t.Errorf("copies: %q", got)
	}
}

func TestAnOlderFileIsCopiedBeforeItIsChanged(t *testing.T) {
	path := makeOld(t, false)
	for range 2 {
		if got := notes(t, path, "text || more", Schema{Steps: steps}); strings.Join(got, " ") != "onenew" {
			t.Errorf("notes %q, want onenew", got)
		}
	}
	all := copies(t, path)
	if len(all) != 1 || !strings.HasPrefix(all[0], path+".v1-20") {
		t.Fatalf("copies: %q, want one with the version and the time", all)
	}
	if got := notes(t, all[0], "text", Schema{Steps: steps[:1]}); strings.Join(got, " ") != "one" {
		t.Errorf("the copy holds %q, want one", got)
	}
}

func TestOfSecretsNoCopyIsMade(t *testing.T) {
	path := makeOld(t, true)
	if got := notes(t, path, "more", Schema{Steps: steps, Secret: true}); strings.Join(got, " ") != "new" {
		t.Errorf("notes %q, want new", got)
	}
	if got := copies(t, path); len(got) != 0 {
		t.Errorf("copies: %q, want none", got)
	}
}

// What is deleted is overwritten where that was asked for.
func TestWhatIsDeletedOfSecretsIsGone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	d, err := Open(t.Context(), path, Schema{Steps: steps, Secret: true})
	must(t, err)
	const secret = "tulip-raven-48-cobalt"
	must(t, write(t, d, `INSERT INTO note (text) VALUES ('`+secret+`')`), write(t, d, `DELETE FROM note`), d.Erase(t.Context()))
	files, err := filepath.Glob(path + "*")
	must(t, err)
	for _, f := range files {
		if data, err := os.ReadFile(f); err != nil || strings.Contains(string(data), secret) {
			t.Errorf("%s: %v, or it holds what was deleted", f, err)
		}
	}
	must(t, d.Close())
}

func TestAFailedChangeLeavesTheFileAsItIs(t *testing.T) {
	path := makeOld(t, false)
	broken := append(append([]string{}, steps...), `DROP TABLE note; no such statement`)
	if _, err := Open(t.Context(), path, Schema{Steps: broken}); err == nil {
		t.Fatal("a step that is no SQL succeeded")
	}
	if got := copies(t, path); len(got) != 0 {
		t.Errorf("copies: %q, want none of what has not changed", got)
	}
	if got := notes(t, path, "text", Schema{Steps: steps[:1]}); strings.Join(got, " ") != "one" {
		t.Errorf("notes %q, want one", got)
	}
}

func TestAReferenceToNothingIsRefused(t *testing.T) {
	schema := Schema{Steps: []string{steps[0] + `CREATE TABLE child (parent INTEGER NOT NULL REFERENCES store (id)) STRICT;`}}
	d, err := Open(t.Context(), filepath.Join(t.TempDir(), "x.db"), schema)
	must(t, err)
	defer d.Close()
	if err := write(t, d, `INSERT INTO child VALUES (7)`); err == nil {
		t.Error("a row that refers to nothing was taken")
	}
}

func TestWritersWaitInTurn(t *testing.T) {
	d, err := Open(t.Context(), filepath.Join(t.TempDir(), "x.db"), Schema{Steps: steps})
	must(t, err)
	defer d.Close()
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if err := write(t, d, `INSERT INTO note (text) VALUES ('x')`); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	var n int
	if err := d.QueryRowContext(t.Context(), `SELECT count(*) FROM note`).Scan(&n); err != nil || n != 20 {
		t.Errorf("%d notes, %v; want 20", n, err)
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if err := d.Write(ended, func(*sql.Tx) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("Write for nobody: %v", err)
	}
}
