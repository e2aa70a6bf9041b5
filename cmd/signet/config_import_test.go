//go:build linux

package main

import (
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/signet-smb/signet/admin"
	"github.com/signet-smb/signet/policy"
)

// newImporter is newConfig of a service that takes shares, too.
func newImporter(t *testing.T) *configService {
	t.Helper()
	dir := t.TempDir()
	c, _ := newConfig(t, dir)
	c.shares = &catalog{store: c.store, state: filepath.Join(dir, "state"), log: slog.New(slog.DiscardHandler)}
	return c
}

// groupPolicyLayer is an import of one setting, from a source of that name.
func groupPolicyLayer(property, value, source string) admin.ConfigImport {
	return admin.ConfigImport{
		GroupPolicy: &admin.GroupPolicyLayer{Settings: []admin.GroupPolicySetting{{Property: property, Value: value, Source: source}}},
	}
}

func mustImport(t *testing.T, c *configService, in admin.ConfigImport) admin.ImportResult {
	t.Helper()
	r, err := c.Import(t.Context(), boss, in)
	if err != nil {
		t.Fatalf("Import(%+v): %v", in, err)
	}
	return r
}

func originOfSigning(c *configService) policy.Origin {
	return policy.OriginOf(c.policy.current(), policy.RequireSecuritySignature)
}

func TestGroupPolicyIsALayerOfItsOwnThatOutlivesARestart(t *testing.T) {
	c := newImporter(t)
	mustChange(t, c, setting("server.Smb2CreditsMax", "512", ""))
	mustImport(t, c, groupPolicyLayer("SERVER.requiresecuritysignature", "1", "Baseline\t{1}, Machine/Registry.pol"))
	want := policy.Origin{Layer: policy.LayerGroupPolicy, Name: `Baseline\t{1}, Machine/Registry.pol`}
	if got := originOfSigning(c); got != want {
		t.Errorf("signing is decided by %q, want %q", got, want)
	}
	again, err := openConfig(t.Context(), c.store, newPolicyInForce(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if got := originOfSigning(again); got != want {
		t.Errorf("after a restart signing is decided by %q, want %q", got, want)
	}
	v, err := c.ValuesAt(t.Context(), 2)
	if err != nil || len(v.Values) != 1 || len(v.GroupPolicy) != 1 || v.GroupPolicy[0].Value != "True" {
		t.Errorf("revision 2 says %+v, %v", v, err)
	}

	// What comes again is no revision, what does not come again goes.
	if r := mustImport(t, c, groupPolicyLayer(signing, "True", `Baseline\t{1}, Machine/Registry.pol`)); r.Changed || len(r.Effects) != 0 {
		t.Errorf("the same again: %+v", r)
	}
	mustImport(t, c, groupPolicyLayer("server.EncryptData", "True", "Other"))
	if got := originOfSigning(c); got.Layer != policy.LayerProfile || !policy.Get(c.policy.current(), policy.EncryptData) {
		t.Errorf("signing is decided by %q, encryption %v", got, policy.Get(c.policy.current(), policy.EncryptData))
	}
	if _, err := c.Rollback(t.Context(), boss, admin.ConfigRollback{ChangeTerms: admin.ChangeTerms{Reason: "test"}}); err != nil || originOfSigning(c) != want {
		t.Errorf("rolled back, signing is decided by %q, %v", originOfSigning(c), err)
	}
}

func TestAnImportThatWeakensNeedsToBeAllowedAndAReason(t *testing.T) {
	c := newImporter(t)
	weak := groupPolicyLayer(signing, "False", "Old")
	_, err := c.Import(t.Context(), boss, weak)
	expectRefusal(t, "not allowed", err, "WeakensProtection", http.StatusUnprocessableEntity)
	weak.AllowWeaken = true
	_, err = c.Import(t.Context(), boss, weak)
	expectRefusal(t, "without a reason", err, "ReasonRequired", http.StatusUnprocessableEntity)
	weak.Reason = "scanner"
	_, err = c.Import(t.Context(), clerk, weak)
	expectRefusal(t, "an operator", err, "AccessDenied", http.StatusForbidden)
	lost := admin.ConfigImport{Set: map[string]string{"server.EncryptData": "True"}, Lost: []string{"hosts allow"}}
	_, err = c.Import(t.Context(), boss, lost)
	if e := expectRefusal(t, "lost", err, "WeakensProtection", http.StatusUnprocessableEntity); e.Property != "hosts allow" {
		t.Errorf("the refusal names %q", e.Property)
	}
	if d, err := c.store.Decisions(t.Context()); err != nil || d.Revision != 0 {
		t.Errorf("a refused import made revision %d, %v", d.Revision, err)
	}

	// It may be for a time, and then goes back.
	weak.ConfirmWithinSeconds = 3600
	if r := mustImport(t, c, weak); r.Deadline == nil || required(c) {
		t.Errorf("%+v", r)
	}
	list, err := c.exceptions(t.Context())
	if err != nil || len(list) != 1 {
		t.Errorf("exceptions: %+v, %v; want signing", list, err)
	}
	// Below it, what would be in force one day counts, too.
	_, err = c.Change(t.Context(), boss, setting("server.EnableGuestAccess", "True", ""))
	expectRefusal(t, "guests", err, "ReasonRequired", http.StatusUnprocessableEntity)
	// What is weaker by going away: group policy that required it.
	mustImport(t, c, groupPolicyLayer("server.EncryptData", "True", "New"))
	none := admin.ConfigImport{GroupPolicy: &admin.GroupPolicyLayer{}, AllowWeaken: true}
	_, err = c.Import(t.Context(), boss, none)
	expectRefusal(t, "the layer goes", err, "ReasonRequired", http.StatusUnprocessableEntity)
}

func TestAnImportIsTakenWholeOrNotAtAll(t *testing.T) {
	c := newImporter(t)
	folder := t.TempDir()
	share := func(name, path string) admin.ImportShare {
		return admin.ImportShare{NewShare: admin.NewShare{Name: name, Path: path}}
	}
	stale := uint64(7)
	for what, r := range map[string]struct {
		in     admin.ConfigImport
		code   string
		status int
	}{
		"no folder":        {admin.ConfigImport{Shares: []admin.ImportShare{share("docs", filepath.Join(folder, "nothing"))}}, "InvalidValue", 422},
		"a reserved name":  {admin.ConfigImport{Shares: []admin.ImportShare{share("IPC$", folder)}}, "InvalidValue", 422},
		"a share twice":    {admin.ConfigImport{Shares: []admin.ImportShare{share("docs", folder), share("DOCS", folder)}}, "InvalidValue", 422},
		"no property":      {admin.ConfigImport{Set: map[string]string{"server.EncryptDate": "True"}}, "UnknownProperty", 422},
		"no value":         {groupPolicyLayer("server.EncryptData", "perhaps", "x"), "InvalidValue", 422},
		"no such property": {groupPolicyLayer("server.EncryptDate", "True", "x"), "UnknownProperty", 422},
		"no source":        {groupPolicyLayer("server.EncryptData", "True", " "), "InvalidValue", 422},
		"the store's name": {admin.ConfigImport{Set: map[string]string{groupPolicyPrefix + signing: "True"}}, "UnknownProperty", 422},
		"over":             {admin.ConfigImport{Until: new(time.Unix(0, 0))}, "InvalidValue", 422},
		"another revision": {admin.ConfigImport{ChangeTerms: admin.ChangeTerms{IfRevision: &stale}}, "Conflict", 409},
		"a contradiction":  {groupPolicyLayer("server.Smb2DialectMin", "SMB311", "x"), "ConflictingValues", 422},
	} {
		in := r.in
		if in.Set == nil {
			in.Set = map[string]string{"server.Smb2CreditsMax": "512"}
		}
		if what == "a contradiction" {
			in.Set["server.Smb2DialectMax"] = "SMB300"
		}
		in.Shares = append(in.Shares, share("good", folder))
		in.AllowWeaken, in.Reason = true, "test"
		_, err := c.Import(t.Context(), boss, in)
		expectRefusal(t, what, err, r.code, r.status)
	}
	d, err := c.store.Decisions(t.Context())
	if shares, err2 := c.store.Shares(t.Context()); err != nil || err2 != nil || d.Revision != 0 || len(shares) != 0 {
		t.Errorf("refused imports left revision %d and %+v, %v %v", d.Revision, shares, err, err2)
	}

	both := admin.ConfigImport{Set: map[string]string{"server.Smb2CreditsMax": "512"}, Shares: []admin.ImportShare{share("docs", folder), {NewShare: admin.NewShare{Name: "shut", Path: folder}, Restricted: true}}}
	if r := mustImport(t, c, both); r.Revision != 1 || !r.Shares[0].Added || !r.Shares[1].Added {
		t.Errorf("%+v", r)
	}
	if r := mustImport(t, c, both); r.Changed || r.Shares[0].Added {
		t.Errorf("the same again: %+v", r)
	}
	shares, err := c.store.Shares(t.Context())
	if err != nil || len(shares) != 2 || shares[0].Restricted || !shares[1].Restricted {
		t.Errorf("%+v, %v", shares, err)
	}
}

func TestAnExportedConfigurationIsTheSameAgainElsewhere(t *testing.T) {
	dir := workDir(t, nobody)
	configure(t, dir, exitDone, "set", "server", "Smb2DialectMin=SMB300", "EncryptionCiphers=AES_256_GCM,AES_128_GCM", "AnnounceComment=a: 'b' \"c\"", "--reason", "test")
	configure(t, dir, exitDone, "set", "client", "BlockNTLMServerExceptionList=fs1,fs2")
	configure(t, dir, exitDone, "profile", "apply", "windows-server-2022", "--reason", "test")
	exported := configure(t, dir, exitDone, "export").stdout

	fresh := workDir(t, nobody)
	file := filepath.Join(fresh, "exported.yaml")
	if err := os.WriteFile(file, []byte(exported), fs.FileMode(0o644)); err != nil {
		t.Fatal(err)
	}
	configure(t, fresh, exitDone, "import", "yaml", file, "--allow-weaken", "--reason", "moved")
	if got := configure(t, fresh, exitDone, "export").stdout; got != exported {
		t.Errorf("exported again:\n%s\nwant\n%s", got, exported)
	}
}
