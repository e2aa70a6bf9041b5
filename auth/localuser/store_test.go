package localuser_test

import (
	"bytes"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/signet-smb/signet/auth/localuser"
	"github.com/signet-smb/signet/auth/ntlm"
)

var testKey = [localuser.KeySize]byte{1, 2, 3}

// openStore opens the store at path and closes it when the test ends.
func openStore(t testing.TB, path string) *localuser.Store {
	t.Helper()
	s, err := localuser.Open(t.Context(), path, &testKey)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func newStore(t testing.TB) (s *localuser.Store, path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "secrets.db")
	return openStore(t, path), path
}

func add(t testing.TB, s *localuser.Store, name, password string) localuser.Account {
	t.Helper()
	a, err := s.Add(t.Context(), localuser.NewAccount{Name: name, Password: password})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// edit changes the file behind the store's back.
func edit(t *testing.T, path, statement string, args ...any) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	r, err := db.Exec(statement, args...)
	if err != nil {
		t.Fatal(err)
	}
	if n, _ := r.RowsAffected(); n == 0 {
		t.Fatalf("%s: no row", statement)
	}
}

func TestAccountsAreFoundWithoutRegardToCase(t *testing.T) {
	s, path := newStore(t)
	before := time.Now().Add(-time.Second)
	a := add(t, s, "Änn", "tulip")
	b := add(t, s, "bob", "raven")
	if a.SID != s.MachineSID().Child(1000) || b.SID != s.MachineSID().Child(1001) {
		t.Errorf("SIDs %v and %v under %v, want numbers 1000 and 1001", a.SID, b.SID, s.MachineSID())
	}
	for _, name := range []string{"Änn", "änn", "ÄNN"} {
		got, err := s.Lookup(t.Context(), name)
		if err != nil || got != a {
			t.Errorf("Lookup(%q) = %+v, %v, want %+v", name, got, err, a)
		}
	}
	if a.Created.Before(before) || a.Created != a.PasswordSet || a.Disabled {
		t.Errorf("new account %+v", a)
	}
	if _, err := s.Add(t.Context(), localuser.NewAccount{Name: "BOB", Password: "x"}); !errors.Is(err, fs.ErrExist) {
		t.Errorf("Add of a name in another case: %v, want fs.ErrExist", err)
	}
	machine := s.MachineSID()
	s.Close()

	s = openStore(t, path)
	list, err := s.List(t.Context())
	if err != nil || len(list) != 2 || list[0] != b || list[1] != a {
		t.Errorf("List after reopening = %+v, %v, want %+v", list, err, []localuser.Account{b, a})
	}
	if s.MachineSID() != machine {
		t.Errorf("machine SID %v after reopening, was %v", s.MachineSID(), machine)
	}
	got, err := s.NTHash(t.Context(), "änn")
	if err != nil || got.NTHash != ntlm.HashPassword("tulip") || got.Name != "Änn" || got.SID != a.SID {
		t.Errorf("NTHash = %+v, %v", got, err)
	}
}

func TestUnknownNamesDoNotExist(t *testing.T) {
	s, path := newStore(t)
	add(t, s, "ann", "tulip")
	ctx := t.Context()
	for _, name := range []string{"eve", "", "an", "annn", "\xFF", strings.Repeat("x", 1<<16)} {
		_, lookup := s.Lookup(ctx, name)
		_, hash := s.NTHash(ctx, name)
		for call, err := range map[string]error{
			"Lookup":      lookup,
			"NTHash":      hash,
			"SetPassword": s.SetPassword(ctx, name, "x"),
			"Update":      s.Update(ctx, name, localuser.Change{Disabled: new(false)}),
			"Remove":      s.Remove(ctx, name),
		} {
			if !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("%s(%.10q): %v, want fs.ErrNotExist", call, name, err)
			}
		}
	}
	if list, err := s.List(ctx); err != nil || len(list) != 1 {
		t.Errorf("List = %+v, %v, want ann alone", list, err)
	}
	if len(sealedOf(t, path, "")) != 44 {
		t.Error("the decoy is gone")
	}
}

func TestPasswordAndDisabledFlagChange(t *testing.T) {
	s, _ := newStore(t)
	a := add(t, s, "ann", "tulip")
	if err := s.SetPassword(t.Context(), "ANN", "raven"); err != nil {
		t.Fatal(err)
	}
	if err := s.Update(t.Context(), "ANN", localuser.Change{Disabled: new(true)}); err != nil {
		t.Fatal(err)
	}
	got, err := s.NTHash(t.Context(), "ann")
	if err != nil || got.NTHash != ntlm.HashPassword("raven") || !got.Disabled {
		t.Errorf("after the changes: %+v, %v", got, err)
	}
	after, err := s.Lookup(t.Context(), "ann")
	if err != nil || !after.Disabled || after.SID != a.SID || after.PasswordSet.Before(a.PasswordSet) || after.Created != a.Created {
		t.Errorf("after the changes: %+v, %v; before %+v", after, err, a)
	}
	if err := s.Update(t.Context(), "ann", localuser.Change{Disabled: new(false)}); err != nil {
		t.Fatal(err)
	}
	if got, _ := s.NTHash(t.Context(), "ann"); got.Disabled {
		t.Error("still disabled")
	}
}

func TestTheUnixTwinIsKeptUntilItIsChanged(t *testing.T) {
	s, path := newStore(t)
	ctx := t.Context()
	if a, err := s.Add(ctx, localuser.NewAccount{Name: "ann", Password: "p", UnixUser: "www-data"}); err != nil || a.UnixUser != "www-data" {
		t.Fatalf("Add = %+v, %v", a, err)
	}
	for _, c := range []struct {
		change   localuser.Change
		unixUser string
		disabled bool
	}{
		{localuser.Change{}, "www-data", false},
		{localuser.Change{Disabled: new(true)}, "www-data", true},
		{localuser.Change{UnixUser: new(localuser.NoUnixUser)}, "none", true},
		{localuser.Change{UnixUser: new(""), Disabled: new(false)}, "", false},
	} {
		if err := s.Update(ctx, "ANN", c.change); err != nil {
			t.Fatal(err)
		}
		got, err := openStore(t, path).Lookup(ctx, "ann")
		if err != nil || got.UnixUser != c.unixUser || got.Disabled != c.disabled {
			t.Errorf("after %+v: %+v, %v; want UnixUser %q, Disabled %v", c.change, got, err, c.unixUser, c.disabled)
		}
	}
	for _, name := range []string{"a:b", "a/b", "a\nb", "\xFF", strings.Repeat("x", 65)} {
		_, addErr := s.Add(ctx, localuser.NewAccount{Name: "eve", Password: "p", UnixUser: name})
		updateErr := s.Update(ctx, "ann", localuser.Change{UnixUser: &name})
		if !errors.Is(addErr, localuser.ErrUnixUser) || !errors.Is(updateErr, localuser.ErrUnixUser) {
			t.Errorf("UnixUser %q: Add %v, Update %v; want ErrUnixUser", name, addErr, updateErr)
		}
	}
}

func TestNoSIDIsGivenTwice(t *testing.T) {
	s, _ := newStore(t)
	first := add(t, s, "ann", "tulip")
	if err := s.Remove(t.Context(), "ann"); err != nil {
		t.Fatal(err)
	}
	if second := add(t, s, "ann", "tulip"); second.SID == first.SID {
		t.Errorf("the new account has the SID of the removed one, %v", first.SID)
	}
}

func TestNamesAndPasswordsFollowTheRulesOfWindows(t *testing.T) {
	s, _ := newStore(t)
	for _, tc := range []struct {
		name, password string
		want           error
	}{
		{"ann", "p", nil},
		{"ann.smith-1_x$", "p", nil},
		{"two words", "p", nil},
		{strings.Repeat("n", 64), strings.Repeat("p", 256), nil},
		{"ünïcødé-漢字", "pässwörd", nil},
		{"", "p", localuser.ErrName},
		{strings.Repeat("n", 65), "p", localuser.ErrName},
		{strings.Repeat("😀", 33), "p", localuser.ErrName},
		{"dot.", "p", localuser.ErrName},
		{".", "p", localuser.ErrName},
		{" ann", "p", localuser.ErrName},
		{"ann ", "p", localuser.ErrName},
		{"an\x00n", "p", localuser.ErrName},
		{"an\nn", "p", localuser.ErrName},
		{"an\u202En", "p", localuser.ErrName},
		{"an\xFFn", "p", localuser.ErrName},
		{`HOST\ann`, "p", localuser.ErrName},
		{"ann@host", "p", localuser.ErrName},
		{"eve", "", localuser.ErrPassword},
		{"eve", strings.Repeat("p", 257), localuser.ErrPassword},
		{"eve", strings.Repeat("😀", 129), localuser.ErrPassword},
		{"eve", "\xFF", localuser.ErrPassword},
	} {
		_, err := s.Add(t.Context(), localuser.NewAccount{Name: tc.name, Password: tc.password})
		if !errors.Is(err, tc.want) {
			t.Errorf("Add(%q, %d bytes): %v, want %v", tc.name, len(tc.password), err, tc.want)
		}
		if err != nil && tc.password != "" && len(tc.password) > 1 && strings.Contains(err.Error(), tc.password) {
			t.Errorf("Add(%q): the error holds the password", tc.name)
		}
	}
	for _, c := range `"/\[]:;|=,+*?<>@` {
		if _, err := s.Add(t.Context(), localuser.NewAccount{Name: "a" + string(c) + "b", Password: "p"}); !errors.Is(err, localuser.ErrName) {
			t.Errorf("Add with %q: %v, want ErrName", c, err)
		}
	}
}

// readAll returns the content of every file in dir.
func readAll(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	all := make(map[string][]byte)
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		all[e.Name()] = b
	}
	return all
}

// utf16LE is ASCII text as UTF-16LE.
func utf16LE(s string) []byte {
	var b []byte
	for _, c := range []byte(s) {
		b = append(b, c, 0)
	}
	return b
}

func TestNoFileHoldsTheHashOrThePassword(t *testing.T) {
	s, path := newStore(t)
	passwords := []string{"first-tulip", "second-raven", "third-cobalt"}
	add(t, s, "ann", passwords[0])
	add(t, s, "bob", passwords[1])
	if err := s.SetPassword(t.Context(), "bob", passwords[2]); err != nil {
		t.Fatal(err)
	}
	add(t, s, "eve", passwords[0])
	search := func(when string) {
		files := readAll(t, filepath.Dir(path))
		if !bytes.Contains(bytes.Join([][]byte{files["secrets.db"], files["secrets.db-wal"]}, nil), []byte("ann")) {
			t.Errorf("%s: the search does not even find the name", when)
		}
		for _, p := range passwords {
			h := ntlm.HashPassword(p)
			forms := map[string][]byte{
				"raw": h[:], "hex": []byte(hex.EncodeToString(h[:])), "HEX": []byte(strings.ToUpper(hex.EncodeToString(h[:]))),
				"base64": []byte(base64.RawStdEncoding.EncodeToString(h[:])), "base64url": []byte(base64.RawURLEncoding.EncodeToString(h[:])),
				"password": []byte(p), "password in UTF-16": utf16LE(p),
			}
			for file, content := range files {
				for form, needle := range forms {
					if bytes.Contains(content, needle) {
						t.Errorf("%s: %s holds the %s of %q", when, file, form, p)
					}
				}
			}
		}
	}
	search("while open")
	s.Close()
	search("after closing")
}

// sealedOf reads the sealed hash of an account out of the file.
func sealedOf(t *testing.T, path, folded string) []byte {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var sealed []byte
	if err := db.QueryRow(`SELECT sealed FROM account WHERE folded = ?`, folded).Scan(&sealed); err != nil {
		t.Fatal(err)
	}
	return sealed
}

func TestReplacedAndRemovedRecordsAreErased(t *testing.T) {
	s, path := newStore(t)
	add(t, s, "ann", "tulip")
	add(t, s, "bob", "raven")
	gone := map[string][]byte{"ann's removed": sealedOf(t, path, "ANN"), "bob's replaced": sealedOf(t, path, "BOB")}
	if err := s.Remove(t.Context(), "ann"); err != nil {
		t.Fatal(err)
	}
	if err := s.SetPassword(t.Context(), "bob", "cobalt"); err != nil {
		t.Fatal(err)
	}
	files := readAll(t, filepath.Dir(path))
	if !bytes.Contains(files["secrets.db"], sealedOf(t, path, "BOB")) {
		t.Error("the search does not even find bob's present record")
	}
	for what, sealed := range gone {
		for file, content := range files {
			if bytes.Contains(content, sealed) {
				t.Errorf("%s record is still in %s", what, file)
			}
		}
	}
}

func TestEveryRecordHasItsOwnNonce(t *testing.T) {
	s, path := newStore(t)
	seen := make(map[string]bool)
	for i := range 50 {
		name := fmt.Sprintf("user%d", i)
		add(t, s, name, "the same")
		sealed := sealedOf(t, path, strings.ToUpper(name))
		if len(sealed) != 12+16+16 {
			t.Fatalf("sealed hash of %d bytes, want nonce 12, hash 16, tag 16", len(sealed))
		}
		seen[string(sealed[:12])] = true
	}
	if len(seen) != 50 {
		t.Errorf("%d nonces for 50 records", len(seen))
	}
}

func TestWrongKeyIsToldAtOpen(t *testing.T) {
	s, path := newStore(t)
	add(t, s, "ann", "tulip")
	s.Close()
	wrong := testKey
	wrong[31] ^= 1
	if _, err := localuser.Open(t.Context(), path, &wrong); !errors.Is(err, localuser.ErrWrongKey) {
		t.Errorf("Open with another key: %v, want ErrWrongKey", err)
	}
	if _, err := openStore(t, path).NTHash(t.Context(), "ann"); err != nil {
		t.Errorf("with the right key afterwards: %v", err)
	}
}

func TestMovedRecordsDoNotOpen(t *testing.T) {
	for what, statement := range map[string]string{
		"renamed account":       `UPDATE account SET folded = 'EVE', name = 'eve' WHERE folded = 'ANN'`,
		"record of another":     `UPDATE account SET sealed = (SELECT sealed FROM account WHERE folded = 'BOB') WHERE folded = 'ANN'`,
		"SID of another":        `UPDATE account SET rid = 1234 WHERE folded = 'ANN'`,
		"bytes in other places": `UPDATE account SET sealed = CAST(substr(sealed, 2) || substr(sealed, 1, 1) AS BLOB) WHERE folded = 'ANN'`,
		"record cut to nothing": `UPDATE account SET sealed = x'' WHERE folded = 'ANN'`,
	} {
		t.Run(what, func(t *testing.T) {
			s, path := newStore(t)
			add(t, s, "ann", "tulip")
			add(t, s, "bob", "raven")
			s.Close()
			edit(t, path, statement)
			s = openStore(t, path)
			name := "ann"
			if what == "renamed account" {
				name = "eve"
			}
			a, err := s.NTHash(t.Context(), name)
			if err == nil || errors.Is(err, fs.ErrNotExist) || a != (ntlm.Account{}) {
				t.Errorf("NTHash = %+v, %v, want an error that is not fs.ErrNotExist", a, err)
			}
			if _, err := s.NTHash(t.Context(), "bob"); err != nil {
				t.Errorf("the other account: %v", err)
			}
		})
	}
}

func TestExchangedMachineSIDIsTold(t *testing.T) {
	s, path := newStore(t)
	s.Close()
	edit(t, path, `UPDATE store SET machine = 'S-1-5-21-1-2-3'`)
	if _, err := localuser.Open(t.Context(), path, &testKey); !errors.Is(err, localuser.ErrWrongKey) {
		t.Errorf("Open: %v, want ErrWrongKey", err)
	}
}

func TestNewerSchemaIsRefused(t *testing.T) {
	s, path := newStore(t)
	s.Close()
	edit(t, path, `UPDATE store SET schema = 4`)
	edit(t, path, `UPDATE store SET machine = 'in a form of the future'`)
	_, err := localuser.Open(t.Context(), path, &testKey)
	if !errors.Is(err, localuser.ErrNewer) || !strings.Contains(err.Error(), path) {
		t.Errorf("Open: %v, want ErrNewer and the path", err)
	}
}

func TestAStoreOfTheFirstSchemaIsBroughtToOurs(t *testing.T) {
	s, path := newStore(t)
	a := add(t, s, "ann", "tulip")
	s.Close()
	edit(t, path, `UPDATE store SET schema = 1`)
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.Exec(`ALTER TABLE account DROP COLUMN verifier; ALTER TABLE account DROP COLUMN role; ALTER TABLE account DROP COLUMN unix_user`)
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		s = openStore(t, path)
		got, err := s.NTHash(t.Context(), "ann")
		if err != nil || got.NTHash != ntlm.HashPassword("tulip") || got.SID != a.SID {
			t.Fatalf("after the migration: %+v, %v", got, err)
		}
		if err := s.Update(t.Context(), "ann", localuser.Change{UnixUser: new("daemon")}); err != nil {
			t.Fatal(err)
		}
		s.Close()
	}
}

func TestOtherFilesAreNoStore(t *testing.T) {
	path := filepath.Join(t.TempDir(), "secrets.db")
	if err := os.WriteFile(path, bytes.Repeat([]byte("not a database "), 100), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := localuser.Open(t.Context(), path, &testKey); err == nil {
		t.Error("a text file was opened as a store")
	}
	other := filepath.Join(t.TempDir(), "other.db")
	if err := os.WriteFile(other, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", other)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(`CREATE TABLE cheese (name TEXT)`); err != nil {
		t.Fatal(err)
	}
	db.Close()
	if _, err := localuser.Open(t.Context(), other, &testKey); err == nil || !strings.Contains(err.Error(), "no store of Signet") {
		t.Errorf("another database: %v, want it to be told", err)
	}
}

func TestPathsWithPunctuationAreNamesNotOptions(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a b?mode=memory&x#%41")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "secrets.db")
	s := openStore(t, path)
	add(t, s, "ann", "tulip")
	s.Close()
	info, err := os.Stat(path)
	if err != nil || info.Size() == 0 {
		t.Fatalf("%s: %v, %v: the store is elsewhere", path, info, err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("after closing %v, %v, want the one file", entries, err)
	}
	if _, err := openStore(t, path).Lookup(t.Context(), "ann"); err != nil {
		t.Error(err)
	}
}

func TestReadersAndWritersRunAtTheSameTime(t *testing.T) {
	s, _ := newStore(t)
	add(t, s, "ann", "tulip")
	ctx := t.Context()
	var wg sync.WaitGroup
	stop := make(chan struct{})
	for range 4 {
		wg.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				default:
				}
				a, err := s.NTHash(ctx, "ANN")
				if err != nil || a.Name != "ann" {
					t.Errorf("reader: %+v, %v", a, err)
					return
				}
			}
		})
	}
	var writers sync.WaitGroup
	for w := range 2 {
		writers.Go(func() {
			for i := range 10 {
				name := fmt.Sprintf("user%d-%d", w, i)
				if _, err := s.Add(ctx, localuser.NewAccount{Name: name, Password: "p"}); err != nil {
					t.Errorf("writer: %v", err)
				}
				if err := s.SetPassword(ctx, "ann", fmt.Sprint(i)); err != nil {
					t.Errorf("writer: %v", err)
				}
			}
		})
	}
	writers.Wait()
	close(stop)
	wg.Wait()
	list, err := s.List(ctx)
	if err != nil || len(list) != 21 {
		t.Errorf("%d accounts, %v, want 21", len(list), err)
	}
	sids := make(map[string]bool)
	for _, a := range list {
		sids[a.SID.String()] = true
	}
	if len(sids) != 21 {
		t.Errorf("%d SIDs for 21 accounts", len(sids))
	}
}

func BenchmarkNTHash(b *testing.B) {
	s, _ := newStore(b)
	add(b, s, "ann", "tulip")
	for _, name := range []string{"ann", "nobody"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				s.NTHash(b.Context(), name)
			}
		})
	}
}
