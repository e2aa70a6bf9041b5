//go:build linux

package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/signet-smb/signet/ntstatus"
)

// atTarget runs signet config against the registry of the server at addr, as
// one of its accounts.
func atTarget(t *testing.T, dir, addr, account string, code int, args ...string) result {
	t.Helper()
	args = append([]string{"config"}, args...)
	args = append(args, "--target", "smb://"+account+"@"+addr, "--password-file", filepath.Join(dir, "password"), "--state", "of-"+account)
	r := run(t, signet(t, dir, nobody, nil, args...))
	if r.code != code {
		t.Fatalf("as %s: signet %s: %+v, want exit %d", account, strings.Join(args, " "), r, code)
	}
	return r
}

// TestTheRegistryIsThePolicy: what is written to it is judged, journalled and
// in force as what signet config set writes, and needs the role admin.
func TestTheRegistryIsThePolicy(t *testing.T) {
	_, dir, addr := serveSMB(t, nobody)
	if err := os.WriteFile(filepath.Join(dir, "password"), []byte("tulip-raven-4817\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, role := range []string{"admin", "operator", "viewer"} {
		add := signet(t, dir, nobody, []string{"SIGNET_PASSWORD=tulip-raven-4817"}, "user", "add", role, "--role", role, "--state", "state")
		if r := run(t, add); r.code != exitDone {
			t.Fatalf("user add %s: %+v", role, r)
		}
	}
	const line = "RequireSecuritySignature : "
	if r := atTarget(t, dir, addr, "viewer", exitDone, "get", "server", "RequireSecuritySignature"); r.stdout != line+"True\n" {
		t.Errorf("at first: %q", r.stdout)
	}
	atTarget(t, dir, addr, "ann", exitFailed, "get", "server") // has no role
	for _, role := range []string{"operator", "viewer"} {
		r := atTarget(t, dir, addr, role, exitFailed, "set", "server", "RequireSecuritySignature=false", "--reason", "test")
		if !strings.Contains(r.stderr, "access denied") {
			t.Errorf("as %s: %q", role, r.stderr)
		}
	}
	atTarget(t, dir, addr, "admin", exitUsage, "set", "server", "RequireSecuritySignature=false") // no reason
	r := atTarget(t, dir, addr, "admin", exitDone, "set", "server", "RequireSecuritySignature=false", "--dry-run")
	if !strings.Contains(r.stderr, "Not recommended") || !strings.Contains(r.stderr, "Nothing was changed") {
		t.Errorf("--dry-run: %q", r.stderr)
	}
	if _, first := signInUnsigned(t, addr); first != ntstatus.AccessDenied {
		t.Errorf("before the write an unsigned client gets %v", first)
	}
	atTarget(t, dir, addr, "admin", exitDone, "set", "server", "RequireSecuritySignature=false", "--reason", "test")
	if _, first := signInUnsigned(t, addr); first != ntstatus.Success {
		t.Errorf("after the write an unsigned client gets %v", first)
	}
	if r := atTarget(t, dir, addr, "viewer", exitDone, "get", "server", "RequireSecuritySignature"); r.stdout != line+"False\n" {
		t.Errorf("after the write: %q", r.stdout)
	}
	var history struct {
		Revisions []struct{ By, Means, Reason string }
	}
	if err := json.Unmarshal([]byte(configure(t, dir, exitDone, "history", "--json").stdout), &history); err != nil {
		t.Fatal(err)
	}
	if len(history.Revisions) != 1 || history.Revisions[0].By != "admin" || !strings.HasPrefix(history.Revisions[0].Means, "Registry 127.0.0.1:") ||
		!strings.HasSuffix(history.Revisions[0].Reason, `\LanmanServer\Parameters\RequireSecuritySignature`) {
		t.Errorf("journal %+v, want one revision of admin's, by way of the registry", history.Revisions)
	}
	// What nothing lowers is written without a word, to the other side too.
	atTarget(t, dir, addr, "admin", exitDone, "set", "client", "RequireEncryption=true", "--yes")
	if r := configure(t, dir, exitDone, "get", "client", "RequireEncryption"); r.stdout != "RequireEncryption : True\n" {
		t.Errorf("the other side: %q", r.stdout)
	}
	// The machine that was changed has an event of each, with who, from where,
	// and what it was.
	var told struct {
		Events []struct{ Client, User, Means, Property, Old, New string }
	}
	list := mustRun(t, dir, exitDone, "event", "list", "--id", "ConfigurationChanged", "--json").stdout
	if err := json.Unmarshal([]byte(list), &told); err != nil {
		t.Fatal(err)
	}
	var events []string
	for _, e := range told.Events {
		if e.User != "admin" || !strings.HasPrefix(e.Client, "127.0.0.1:") || e.Means != "Registry" {
			t.Errorf("%+v: want who changed it, from where, by way of the registry", e)
		}
		events = append(events, e.Property+": "+e.Old+" -> "+e.New)
	}
	if got := strings.Join(events, "; "); got != "server.RequireSecuritySignature:  -> False; client.RequireEncryption:  -> True" {
		t.Errorf("events %s", got)
	}
	atTarget(t, dir, addr, "admin", exitUsage, "set", "server", "RequireSecuritySignature=perhaps")
	atTarget(t, dir, addr, "admin", exitUsage, "set", "server", "MaxPipesPerSession=9") // ours: no registry has it
	atTarget(t, dir, addr, "admin", exitUsage, "set", "server", "EncryptData=true", "--for", "1h")
}
