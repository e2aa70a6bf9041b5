package main

import (
	"log/slog"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/signet-smb/signet/admin"
	"github.com/signet-smb/signet/auth/localuser"
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/statedir"
	"github.com/signet-smb/signet/policy/store"
)

// annAndBob are two accounts, whose SIDs end in 1000 and 1001.
func annAndBob(t *testing.T) *grantees {
	t.Helper()
	g := &grantees{sids: make(map[string]dtyp.SID), names: make(map[dtyp.SID]string)}
	for name, text := range map[string]string{"Everyone": "S-1-1-0", "ann": "S-1-5-21-1-2-3-1000", "bob": "S-1-5-21-1-2-3-1001"} {
		sid, err := dtyp.ParseSID(text)
		if err != nil {
			t.Fatal(err)
		}
		g.sids[strings.ToUpper(name)], g.names[sid] = sid, name
	}
	return g
}

// TestADescriptorSaysWhatTheListsSay, both ways. The masks are Windows' for a
// share: 0x1F01FF, 0x1301BF and 0x1200A9.
func TestADescriptorSaysWhatTheListsSay(t *testing.T) {
	g := annAndBob(t)
	for _, c := range []struct {
		sddl   string
		lists  admin.Share
		access store.ShareAccess
	}{
		{"O:BAG:SYD:(A;;FA;;;WD)", admin.Share{FullAccess: []string{"Everyone"}}, store.ShareAccess{}},
		{"O:BAG:SYD:", admin.Share{}, store.ShareAccess{Restricted: true}},
		{
			"O:BAG:SYD:(D;;FA;;;S-1-5-21-1-2-3-1001)(A;;FA;;;S-1-5-21-1-2-3-1000)(A;;0x1200a9;;;WD)",
			admin.Share{FullAccess: []string{"ann"}, ReadAccess: []string{"Everyone"}, NoAccess: []string{"bob"}},
			store.ShareAccess{Restricted: true, Grants: []store.Grant{{Account: "bob", Access: store.None}, {Account: "ann", Access: store.Full}, {Account: "Everyone", Access: store.Read}}},
		},
		{
			"O:BAG:SYD:(A;;0x1301bf;;;S-1-5-21-1-2-3-1000)",
			admin.Share{ChangeAccess: []string{"ANN", "gone"}},
			store.ShareAccess{Restricted: true, Grants: []store.Grant{{Account: "ann", Access: store.Change}}},
		},
	} {
		if got, err := g.describe(&c.lists); err != nil || got != c.sddl {
			t.Errorf("%+v: %q, %v; want %q", c.lists, got, err, c.sddl)
		}
		if got, err := g.read(c.sddl); err != nil || !reflect.DeepEqual(*got, c.access) {
			t.Errorf("%s: %+v, %v; want %+v", c.sddl, got, err, c.access)
		}
	}
}

// TestOtherDescriptorsThatListsCanSay are those of Windows' and Samba's tools.
func TestOtherDescriptorsThatListsCanSay(t *testing.T) {
	for sddl, want := range map[string][]store.Grant{
		"D:(A;;GA;;;WD)":                            nil,
		"D:NO_ACCESS_CONTROL":                       nil,
		"D:P(A;;FA;;;WD)S:":                         nil,
		"D:(A;;GRGX;;;WD)":                          {{Account: "Everyone", Access: store.Read}},
		"D:(A;;GRGWGXSD;;;WD)":                      {{Account: "Everyone", Access: store.Change}},
		"D:(A;OICI;0x1200a9;;;WD)(A;;FA;;;WD)":      nil, // adds up
		"D:(A;;FA;;;WD)(A;;0x1200a9;;;WD)":          nil,
		"D:(D;;GA;;;WD)(A;;0x1200a9;;;WD)":          {{Account: "Everyone", Access: store.None}},
		"D:(D;;FA;;;WD)":                            {{Account: "Everyone", Access: store.None}},
		"O:S-1-5-21-1-2-3-1001D:(A;;0x1200a9;;;WD)": {{Account: "Everyone", Access: store.Read}},
	} {
		got, err := annAndBob(t).read(sddl)
		if err != nil || !slices.Equal(got.Grants, want) || got.Restricted != (want != nil) {
			t.Errorf("%s: %+v, %v; want %v", sddl, got, err, want)
		}
	}
}

func TestDescriptorsThatListsCannotSayAreRefused(t *testing.T) {
	for sddl, want := range map[string]string{
		"":                                "no D:, the list of who may use",
		"O:BAG:SY":                        "no D:, the list of who may use",
		"D:(A;;FA;;;BA)":                  "S-1-5-32-544 is no account",
		"D:(A;;FA;;;S-1-5-21-1-2-3-1002)": "is no account",
		"D:(A;;0x1;;;WD)":                 "neither Full, Change nor Read",
		"D:(A;;0x1f01fe;;;WD)":            "neither Full, Change nor Read",
		"D:(A;;;;;WD)":                    "neither Full, Change nor Read",
		"D:(D;;0x116;;;WD)":               "only everything can be denied",
		"D:(A;IO;FA;;;WD)":                "inherits",
		"D:(A;;0x1200a9;;;WD)(D;;FA;;;S-1-5-21-1-2-3-1000)":   "put denials first",
		"D:(OA;;FA;bf967aba-0de6-11d0-a285-00aa003049e2;;WD)": "neither allows nor denies",
		"D:(A;;FA;;;WD)S:(AU;SAFA;FA;;;WD)":                   "auditing",
		"D:(A;;FA":                                            "",
	} {
		got, err := annAndBob(t).accessOf(sddl, nil)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %+v, %v; want an error with %q", sddl, got, err, want)
		}
	}
}

// testCatalog is one of no running server with the accounts ann and bob, and a
// folder that may be shared.
func testCatalog(t *testing.T) (c *catalog, folder string) {
	t.Helper()
	dir, err := statedir.Open(filepath.Join(t.TempDir(), "state"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { dir.Close() })
	key, err := dir.SecretsKey("")
	if err != nil {
		t.Fatal(err)
	}
	accounts, err := openAccounts(t.Context(), dir, key)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { accounts.Close() })
	for _, name := range []string{"ann", "bob"} {
		if _, err := accounts.store.Add(t.Context(), localuser.NewAccount{Name: name, Password: "tulip-raven-4817"}); err != nil {
			t.Fatal(err)
		}
	}
	if c, err = openCatalog(t.Context(), dir, accounts, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c, t.TempDir()
}

// TestADescriptorReplacesAllGrantsOfAShare, or none of them.
func TestADescriptorReplacesAllGrantsOfAShare(t *testing.T) {
	c, folder := testCatalog(t)
	ctx := t.Context()
	if _, err := c.Add(ctx, admin.NewShare{Name: "Docs", Path: folder, ReadAccess: []string{"ann"}, NoAccess: []string{"bob"}}); err != nil {
		t.Fatal(err)
	}
	who, err := c.accounts.grantees(ctx)
	if err != nil {
		t.Fatal(err)
	}
	set := func(sddl string, wantErr bool, full, read, none []string) {
		t.Helper()
		sddl = strings.NewReplacer("ANN", who.sids["ANN"].String(), "BOB", who.sids["BOB"].String()).Replace(sddl)
		_, err := c.Update(ctx, "docs", admin.ShareChange{SecurityDescriptor: &sddl, Description: new("papers")})
		if (err != nil) != wantErr {
			t.Errorf("%s: %v; want an error: %v", sddl, err, wantErr)
		}
		list, err := c.List(ctx)
		if err != nil || len(list) != 1 {
			t.Fatal(list, err)
		}
		if s := list[0]; !slices.Equal(s.FullAccess, full) || !slices.Equal(s.ReadAccess, read) || !slices.Equal(s.NoAccess, none) || (s.Description == "papers") == wantErr {
			t.Errorf("%s: %+v; want full %v, read %v, none %v", sddl, s, full, read, none)
		}
	}
	set("D:(A;;FA;;;BOB)(A;;FA;;;BA)", true, nil, []string{"ann"}, []string{"bob"})
	set("D:(A;;FA;;;BOB)(A;;0x1200a9;;;WD)", false, []string{"bob"}, []string{"Everyone"}, nil)
	set("D:(A;;FA;;;WD)", false, []string{"Everyone"}, nil, nil)
	set("D:", false, nil, nil, nil)

	made, err := c.Add(ctx, admin.NewShare{Name: "New", Path: folder, SecurityDescriptor: "D:(D;;FA;;;" + who.sids["BOB"].String() + ")(A;;GA;;;WD)"})
	if err != nil || !slices.Equal(made.FullAccess, []string{"Everyone"}) || !slices.Equal(made.NoAccess, []string{"bob"}) {
		t.Errorf("a new share: %+v, %v", made, err)
	}
	if closed, err := c.Add(ctx, admin.NewShare{Name: "Closed", Path: folder, SecurityDescriptor: "D:"}); err != nil || len(closed.FullAccess) != 0 {
		t.Errorf("a new share for nobody: %+v, %v", closed, err)
	}
	if _, err := c.Add(ctx, admin.NewShare{Name: "Both", Path: folder, SecurityDescriptor: "D:", ReadAccess: []string{"ann"}}); err == nil {
		t.Error("a descriptor and lists were taken together")
	}
}
