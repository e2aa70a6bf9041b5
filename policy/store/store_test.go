package store

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func newStore(t *testing.T) (s *Store, path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "signet.db")
	return reopen(t, path), path
}

func reopen(t *testing.T, path string) *Store {
	t.Helper()
	s, err := Open(t.Context(), path, strings.ToUpper, strings.ToUpper)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// expectShares compares what is stored, as another process would find it.
func expectShares(t *testing.T, path string, want ...Share) {
	t.Helper()
	got, err := reopen(t, path).Shares(t.Context())
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("stored: %+v, %v\nwant    %+v", got, err, want)
	}
}

// must fails the test unless all errs are nil.
func must(t *testing.T, errs ...error) {
	t.Helper()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

func TestSharesAreKeptUntilTheyAreRemoved(t *testing.T) {
	s, path := newStore(t)
	ctx := t.Context()
	expectShares(t, path)
	docs := Share{Name: "Docs", Path: "/srv/docs"}
	pub := Share{Name: "pub", Path: "/srv/pub", ReadOnly: true, RunAs: "www-data", Restricted: true, Grants: []Grant{{"Ann", Full}, {"bob", Read}}}
	must(t, s.AddShare(ctx, pub), s.AddShare(ctx, docs))
	expectShares(t, path, docs, pub)
	if err := s.AddShare(ctx, Share{Name: "DOCS", Path: "/x"}); !errors.Is(err, fs.ErrExist) {
		t.Errorf("AddShare of a name that is taken: %v, want fs.ErrExist", err)
	}

	must(t, s.UpdateShare(ctx, "docs", ShareChange{}))
	expectShares(t, path, docs, pub)
	must(t, s.UpdateShare(ctx, "docs", ShareChange{Path: new("/srv/new"), ReadOnly: new(true), RunAs: new("ann")}))
	docs.Path, docs.ReadOnly, docs.RunAs = "/srv/new", true, "ann"
	expectShares(t, path, docs, pub)
	must(t, s.UpdateShare(ctx, "DOCS", ShareChange{ReadOnly: new(false), RunAs: new("")}))
	docs.ReadOnly, docs.RunAs = false, ""
	expectShares(t, path, docs, pub)

	must(t, s.RemoveShare(ctx, "PUB"))
	expectShares(t, path, docs)
	for call, err := range map[string]error{
		"RemoveShare": s.RemoveShare(ctx, "pub"),
		"UpdateShare": s.UpdateShare(ctx, "pub", ShareChange{Path: new("/")}),
		"Grant":       s.Grant(ctx, "pub", Grant{"ann", Read}),
		"Revoke":      s.Revoke(ctx, "pub", "ann"),
	} {
		if !errors.Is(err, fs.ErrNotExist) || errors.Is(err, ErrNoGrant) {
			t.Errorf("%s of a share that is gone: %v, want fs.ErrNotExist", call, err)
		}
	}
	// The grants went with the share.
	must(t, s.AddShare(ctx, Share{Name: "pub", Path: "/srv/pub"}))
	expectShares(t, path, docs, Share{Name: "pub", Path: "/srv/pub"})
}

func TestGrantsRestrictAShareForGood(t *testing.T) {
	s, path := newStore(t)
	ctx := t.Context()
	sh := Share{Name: "docs", Path: "/srv/docs"}
	must(t, s.AddShare(ctx, sh))
	if err := s.Revoke(ctx, "docs", "bob"); !errors.Is(err, ErrNoGrant) {
		t.Errorf("Revoke of what was not granted: %v, want ErrNoGrant", err)
	}
	expectShares(t, path, sh) // that did not restrict it

	must(t, s.Grant(ctx, "docs", Grant{"bob", Read}), s.Grant(ctx, "docs", Grant{"ann", Full}), s.Grant(ctx, "DOCS", Grant{"BOB", Change}))
	sh.Restricted, sh.Grants = true, []Grant{{"ann", Full}, {"BOB", Change}}
	expectShares(t, path, sh)
	must(t, s.Revoke(ctx, "docs", "ANN"), s.RevokeAll(ctx, "bob"), s.RevokeAll(ctx, "eve"))
	sh.Grants = nil
	expectShares(t, path, sh)
	if err := s.Revoke(ctx, "docs", Everyone); !errors.Is(err, ErrNoGrant) {
		t.Errorf("Revoke from Everyone, who have nothing any more: %v, want ErrNoGrant", err)
	}
}

func TestWhatEveryoneHasAtFirstCanBeRevoked(t *testing.T) {
	s, path := newStore(t)
	must(t, s.AddShare(t.Context(), Share{Name: "docs", Path: "/"}), s.Revoke(t.Context(), "docs", "everyone"))
	expectShares(t, path, Share{Name: "docs", Path: "/", Restricted: true})
}

func TestAnUnknownAccessIsNotStored(t *testing.T) {
	s, path := newStore(t)
	if err := s.AddShare(t.Context(), Share{Name: "docs", Path: "/", Restricted: true, Grants: []Grant{{"ann", "All"}}}); err == nil {
		t.Error("AddShare took the access All")
	}
	expectShares(t, path)
}

func TestOnlyTheOwnerMayReadTheStore(t *testing.T) {
	s, path := newStore(t)
	must(t, s.AddShare(t.Context(), Share{Name: "docs", Path: "/"}))
	files, err := filepath.Glob(path + "*")
	if err != nil || len(files) == 0 {
		t.Fatalf("%v, %v", files, err)
	}
	for _, f := range files {
		if fi, err := os.Stat(f); err != nil || fi.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v; want 0600", f, fi.Mode(), err)
		}
	}
}

func TestOtherFilesAreNoStore(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x")
	must(t, os.WriteFile(path, []byte(strings.Repeat("no database", 1000)), 0o600))
	if _, err := Open(t.Context(), path, strings.ToUpper, strings.ToUpper); err == nil {
		t.Error("a text file was opened as a store")
	}
	if data, err := os.ReadFile(path); err != nil || !strings.HasPrefix(string(data), "no database") {
		t.Errorf("the file was changed: %.20q, %v", data, err)
	}
}

// twoSteps are a schema of one version more than ours.
func twoSteps() []string {
	return append(append([]string{}, schema...), `ALTER TABLE share ADD COLUMN more TEXT NOT NULL DEFAULT 'new'`)
}

func TestANewerSchemaIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "signet.db")
	s, err := open(t.Context(), path, strings.ToUpper, strings.ToUpper, twoSteps())
	must(t, err)
	must(t, s.Close())
	if _, err := Open(t.Context(), path, strings.ToUpper, strings.ToUpper); !errors.Is(err, ErrNewer) {
		t.Errorf("Open: %v, want ErrNewer", err)
	}
}

func TestAnOlderSchemaIsCopiedAndThenBroughtToOurs(t *testing.T) {
	s, path := newStore(t)
	docs := Share{Name: "docs", Path: "/srv/docs"}
	must(t, s.AddShare(t.Context(), docs), s.Close())
	copied := path + ".schema1"
	for range 2 {
		s, err := open(t.Context(), path, strings.ToUpper, strings.ToUpper, twoSteps())
		must(t, err)
		var more string
		must(t, s.db.QueryRowContext(t.Context(), `SELECT more FROM share`).Scan(&more), s.Close())
		if more != "new" {
			t.Errorf("the new column holds %q", more)
		}
	}
	if fi, err := os.Stat(copied); err != nil || fi.Mode().Perm() != 0o600 {
		t.Fatalf("the copy: %v, %v", fi, err)
	}
	expectShares(t, copied, docs)
}

func TestAFailedMigrationChangesNothing(t *testing.T) {
	s, path := newStore(t)
	docs := Share{Name: "docs", Path: "/srv/docs"}
	must(t, s.AddShare(t.Context(), docs), s.Close())
	broken := append(twoSteps(), `DROP TABLE share_grant; no such statement`)
	if _, err := open(context.Background(), path, strings.ToUpper, strings.ToUpper, broken); err == nil {
		t.Fatal("a step that is no SQL succeeded")
	}
	expectShares(t, path, docs)
}
