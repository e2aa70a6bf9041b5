package store

import (
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
	docs := Share{Name: "Docs", Path: "/srv/docs", FolderEnumerationMode: Unrestricted, LeasingMode: FullLeasing}
	pub := Share{Name: "pub", Path: "/srv/pub", ReadOnly: true, RunAs: "www-data", Restricted: true, Grants: []Grant{{"Ann", Full}, {"bob", Read}}, EncryptData: true, FolderEnumerationMode: AccessBased, LeasingMode: SharedLeasing, RefuseGuests: true, Description: "for all", ConcurrentUserLimit: 1<<32 - 1}
	must(t, s.AddShare(ctx, pub), s.AddShare(ctx, docs))
	expectShares(t, path, docs, pub)
	if err := s.AddShare(ctx, Share{Name: "DOCS", Path: "/x"}); !errors.Is(err, fs.ErrExist) {
		t.Errorf("AddShare of a name that is taken: %v, want fs.ErrExist", err)
	}

	must(t, s.UpdateShare(ctx, "docs", ShareChange{}))
	expectShares(t, path, docs, pub)
	must(t, s.UpdateShare(ctx, "docs", ShareChange{
		Path: new("/srv/new"), ReadOnly: new(true), RunAs: new("ann"),
		EncryptData: new(true), RequireSecuritySignature: new(true), FolderEnumerationMode: new(AccessBased),
		LeasingMode: new(NoLeasing), RefuseGuests: new(true), Description: new("papers"), ConcurrentUserLimit: new(uint32(7)),
		Access: &ShareAccess{Restricted: true, Grants: []Grant{{"ann", Full}, {"bob", None}}},
	}))
	docs.Path, docs.ReadOnly, docs.RunAs = "/srv/new", true, "ann"
	docs.EncryptData, docs.RequireSecuritySignature, docs.FolderEnumerationMode, docs.RefuseGuests = true, true, AccessBased, true
	docs.LeasingMode = NoLeasing
	docs.Description, docs.ConcurrentUserLimit, docs.Restricted, docs.Grants = "papers", 7, true, []Grant{{"ann", Full}, {"bob", None}}
	expectShares(t, path, docs, pub)
	must(t, s.UpdateShare(ctx, "DOCS", ShareChange{ReadOnly: new(false), RunAs: new("")}))
	docs.ReadOnly, docs.RunAs = false, ""
	expectShares(t, path, docs, pub)
	must(t, s.UpdateShare(ctx, "docs", ShareChange{Description: new(""), ConcurrentUserLimit: new(uint32(0)), Access: &ShareAccess{}}))
	docs.Description, docs.ConcurrentUserLimit, docs.Restricted, docs.Grants = "", 0, false, nil
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
	expectShares(t, path, docs, Share{Name: "pub", Path: "/srv/pub", FolderEnumerationMode: Unrestricted, LeasingMode: FullLeasing})
}

func TestGrantsRestrictAShareForGood(t *testing.T) {
	s, path := newStore(t)
	ctx := t.Context()
	sh := Share{Name: "docs", Path: "/srv/docs", FolderEnumerationMode: Unrestricted, LeasingMode: FullLeasing}
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
	expectShares(t, path, Share{Name: "docs", Path: "/", Restricted: true, FolderEnumerationMode: Unrestricted, LeasingMode: FullLeasing})
}

func TestAnUnknownWordIsNotStored(t *testing.T) {
	s, path := newStore(t)
	if err := s.AddShare(t.Context(), Share{Name: "docs", Path: "/", Restricted: true, Grants: []Grant{{"ann", "All"}}}); err == nil {
		t.Error("AddShare took the access All")
	}
	if err := s.AddShare(t.Context(), Share{Name: "docs", Path: "/", FolderEnumerationMode: "Some"}); err == nil {
		t.Error("AddShare took the enumeration Some")
	}
	if err := s.AddShare(t.Context(), Share{Name: "docs", Path: "/", LeasingMode: "Some"}); err == nil {
		t.Error("AddShare took the leasing mode Some")
	}
	expectShares(t, path)
}

func TestAStoreOfTheFirstSchemaIsCopiedAndThenBroughtToOurs(t *testing.T) {
	// Written by the last version of Signet whose schema was 1.
	old, err := os.ReadFile(filepath.Join("testdata", "schema1.db"))
	must(t, err)
	path := filepath.Join(t.TempDir(), "signet.db")
	must(t, os.WriteFile(path, old, 0o600))
	docs := Share{Name: "Docs", Path: "/srv/docs", FolderEnumerationMode: Unrestricted, LeasingMode: FullLeasing}
	pub := Share{
		Name: "pub", Path: "/srv/pub", ReadOnly: true, RunAs: "www-data", Restricted: true,
		Grants: []Grant{{"Ann", Full}, {"bob", Read}}, FolderEnumerationMode: Unrestricted, LeasingMode: FullLeasing,
	}
	for range 2 {
		expectShares(t, path, docs, pub)
	}
	s := reopen(t, path)
	must(t, s.UpdateShare(t.Context(), "docs", ShareChange{EncryptData: new(true), FolderEnumerationMode: new(AccessBased)}))
	docs.EncryptData, docs.FolderEnumerationMode = true, AccessBased
	expectShares(t, path, docs, pub)
	copies, err := filepath.Glob(path + ".v1-*")
	if err != nil || len(copies) != 1 {
		t.Fatalf("copies: %q, %v; want one", copies, err)
	}
	if fi, err := os.Stat(copies[0]); err != nil || fi.Mode().Perm() != 0o600 {
		t.Errorf("the copy: %v, %v; want mode 0600", fi, err)
	}
}
