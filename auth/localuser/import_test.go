package localuser_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/signet-smb/signet/auth/localuser"
	"github.com/signet-smb/signet/auth/ntlm"
)

// smbpasswdLine is a line as pdbedit -Lw writes it.
func smbpasswdLine(name, password, flags string) string {
	h := ntlm.HashPassword(password)
	return fmt.Sprintf("%s:1000:XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX:%X:[%-11s]:LCT-69206B53:", name, [16]byte(h), flags)
}

func TestSambasAccountsAreReadLineByLine(t *testing.T) {
	text := strings.Join([]string{
		"# a comment", "",
		smbpasswdLine("ann", "old one", "U"),
		smbpasswdLine("bob", "bob's", "DU") + "\r",
		smbpasswdLine("eve", "eve's", "LUX"),
		smbpasswdLine("pc$", "machine", "W"),
		smbpasswdLine("nil", "", "U"),
		smbpasswdLine("any", "x", "NU"),
		"off:1001:XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX:XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX:[DU         ]:LCT-00000000:",
		"non:1001:NO PASSWORDXXXXXXXXXXXXXXXXXXXXX:NO PASSWORDXXXXXXXXXXXXXXXXXXXXX:[NU         ]:LCT-00000000:",
	}, "\n")
	got, err := localuser.ReadSmbpasswd(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	want := []struct {
		line     int
		name     string
		disabled bool
		skipped  bool
	}{
		{3, "ann", false, false},
		{4, "bob", true, false},
		{5, "eve", true, false},
		{6, "pc$", false, true},
		{7, "nil", false, true},
		{8, "any", false, true},
		{9, "off", true, true},
		{10, "non", false, true},
	}
	if len(got) != len(want) {
		t.Fatalf("%d entries, want %d", len(got), len(want))
	}
	for i, w := range want {
		if e := got[i]; e.Line != w.line || e.Name != w.name || e.Disabled != w.disabled || (e.Skip != "") != w.skipped {
			t.Errorf("line %d: %d %q, disabled %v, skipped %q; want %+v", w.line, e.Line, e.Name, e.Disabled, e.Skip, w)
		}
	}
	if got[0].Hash != ntlm.HashPassword("old one") {
		t.Error("ann's hash is another one")
	}
}

func TestMalformedLinesAreNamedByNumberAndNotRepeated(t *testing.T) {
	hash := fmt.Sprintf("%X", [16]byte(ntlm.HashPassword("secret")))
	for what, line := range map[string]string{
		"few fields":      "ann:1000:" + hash,
		"short hash":      "ann:1000:X:" + hash[:30] + ":[U          ]:",
		"long hash":       "ann:1000:X:" + hash + "00:[U          ]:",
		"no number":       "ann:1000:X:" + hash[:31] + "g:[U          ]:",
		"no flags":        "ann:1000:X:" + hash + ":LCT-0:",
		"unknown flags":   "ann:1000:X:" + hash + ":[?          ]:",
		"a name twice":    smbpasswdLine("ANN", "x", "U"),
		"no name":         smbpasswdLine("", "x", "U"),
		"a bad name":      smbpasswdLine("a/b", "x", "U"),
		"no text":         "ann:1000:X:" + hash + ":[U          ]\xFF",
		"a very long one": "ann:" + strings.Repeat("x", 4096),
	} {
		_, err := localuser.ReadSmbpasswd(strings.NewReader(smbpasswdLine("ann", "x", "U") + "\n" + line + "\n"))
		if err == nil || !strings.HasPrefix(err.Error(), "line 2: ") || strings.Contains(err.Error(), hash[:8]) {
			t.Errorf("%s: %v, want line 2 and no hash", what, err)
		}
	}
	if _, err := localuser.ReadSmbpasswd(strings.NewReader(strings.Repeat("x\n", 100))); err == nil || strings.Count(err.Error(), "\n") != 19 {
		t.Errorf("a hundred bad lines: %v, want 20 of them named", err)
	}
	if _, err := localuser.ReadSmbpasswd(strings.NewReader(strings.Repeat("\n", 1<<15+1))); err == nil {
		t.Error("a file without end is read")
	}
}

func TestImportedAccountsSignInWithTheirOldPasswords(t *testing.T) {
	s, _ := newStore(t)
	ctx := t.Context()
	before, err := s.Add(ctx, localuser.NewAccount{Name: "Bob", Password: "here", UnixUser: "daemon"})
	if err != nil {
		t.Fatal(err)
	}
	accounts := []localuser.Imported{{Name: "ann", Hash: ntlm.HashPassword("old one")}, {Name: "bob", Hash: ntlm.HashPassword("there"), Disabled: true}}

	expect := func(name, password string, disabled bool) {
		t.Helper()
		a, err := s.NTHash(ctx, name)
		if err != nil || a.NTHash != ntlm.HashPassword(password) || a.Disabled != disabled {
			t.Errorf("%s: %v, disabled %v; want the hash of %q, disabled %v", name, err, a.Disabled, password, disabled)
		}
	}
	if taken, err := s.Import(ctx, accounts, false, true); err != nil || !taken[0] || taken[1] {
		t.Errorf("a trial: %v, %v; want true, false", taken, err)
	}
	if list, err := s.List(ctx); err != nil || len(list) != 1 {
		t.Errorf("after a trial: %+v, %v", list, err)
	}
	for _, want := range []bool{true, false} {
		if taken, err := s.Import(ctx, accounts, false, false); err != nil || taken[0] != want || taken[1] {
			t.Errorf("Import: %v, %v; want %v, false", taken, err, want)
		}
	}
	expect("ann", "old one", false)
	expect("bob", "here", false)
	if taken, err := s.Import(ctx, accounts, true, false); err != nil || !taken[0] || !taken[1] {
		t.Errorf("Import with replace: %v, %v", taken, err)
	}
	expect("bob", "there", true)
	after, err := s.Lookup(ctx, "bob")
	if err != nil || after.SID != before.SID || after.Name != "Bob" || after.UnixUser != "daemon" {
		t.Errorf("bob is %+v now, %v; he was %+v", after, err, before)
	}
}

func TestOneBadAccountKeepsAllOut(t *testing.T) {
	s, _ := newStore(t)
	good := localuser.Imported{Name: "ann", Hash: ntlm.HashPassword("x")}
	for what, c := range map[string]struct {
		account localuser.Imported
		want    error
	}{
		"no name":        {localuser.Imported{Hash: good.Hash}, localuser.ErrName},
		"empty password": {localuser.Imported{Name: "bob", Hash: ntlm.HashPassword("")}, localuser.ErrPassword},
	} {
		if _, err := s.Import(t.Context(), []localuser.Imported{good, c.account}, true, false); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", what, err, c.want)
		}
	}
	if list, err := s.List(t.Context()); err != nil || len(list) != 0 {
		t.Errorf("%+v, %v; want no account", list, err)
	}
}

func FuzzSmbpasswd(f *testing.F) {
	f.Add([]byte(smbpasswdLine("ann", "x", "U") + "\n#\n" + smbpasswdLine("pc$", "y", "W")))
	f.Fuzz(func(t *testing.T, data []byte) {
		entries, err := localuser.ReadSmbpasswd(strings.NewReader(string(data)))
		if err != nil {
			return
		}
		for _, e := range entries {
			if e.Skip == "" && (e.Name == "" || strings.ContainsAny(e.Name, "/\\:\n")) {
				t.Errorf("line %d: the name %q is taken", e.Line, e.Name)
			}
		}
	})
}
