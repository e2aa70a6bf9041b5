//go:build linux

package main

import (
	"crypto/sha256"
	"crypto/tls"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/signet-smb/signet/admin"
)

// administered starts a server with its administration served, and an
// administrator ann.
func administered(t *testing.T, args ...string) (b *background, dir, url string) {
	t.Helper()
	dir = workDir(t, nobody)
	mkdir(t, dir, "pub")
	mustRun(t, dir, exitDone, "user", "add", "ann", "--role", "admin")
	b = start(t, signet(t, dir, nobody, nil, append([]string{"serve", "pub", "--state", "state", "--listen", "127.0.0.1:0"}, args...)...))
	b.serving(t, filepath.Join(dir, "state"))
	return b, dir, status(t, dir, nobody).Administration
}

// post sends a request with a body of JSON, as a page of that site would.
func post(t *testing.T, c *http.Client, method, url, path, body string, header http.Header) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header = header.Clone()
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Origin", url)
	resp, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(data)
}

func TestAnAdministratorChangesTheConfigurationOverTCP(t *testing.T) {
	b, dir, url := administered(t, "--admin", "127.0.0.1:0")
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	if resp, body := post(t, client, "POST", url, "/api/v1/sign-in", `{"Name":"ann","Password":"wrong"}`, http.Header{}); resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("a wrong password: %s %s", resp.Status, body)
	}
	resp, body := post(t, client, "POST", url, "/api/v1/sign-in", `{"Name":"ann","Password":"tulip-raven-4817"}`, http.Header{})
	var in admin.NewSignIn
	if err := json.Unmarshal([]byte(body), &in); err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("sign-in: %s %s", resp.Status, body)
	}
	header := http.Header{"X-Signet-Token": {in.Token}, "Cookie": {resp.Cookies()[0].Name + "=" + resp.Cookies()[0].Value}}
	change := `{"Set":{"server.RequireSecuritySignature":"False"},"Reason":"old scanner"}`
	if resp, body := post(t, client, "PATCH", url, "/api/v1/config", change, header); resp.StatusCode != http.StatusOK {
		t.Fatalf("PATCH: %s %s", resp.Status, body)
	}
	history := configure(t, dir, exitDone, "history").stdout
	if !strings.Contains(history, "\tann\tTCP 127.0.0.1:") || !strings.Contains(history, "old scanner") {
		t.Errorf("the history does not tell who and from where:\n%s", history)
	}
	events := mustRun(t, dir, exitDone, "event", "list", "--channel", "Signet/Administration").stdout
	for _, want := range []string{"a sign-in to the administration was refused", "somebody signed in", "property server.RequireSecuritySignature, is False, by way of TCP, old scanner"} {
		if !strings.Contains(events, want) {
			t.Errorf("the events lack %q:\n%s", want, events)
		}
	}
	if list := mustRun(t, dir, exitDone, "admin", "list").stdout; !strings.HasPrefix(list, in.ID+"\tann\tadmin\t127.0.0.1:") {
		t.Errorf("admin list: %s", list)
	}
	// Another password, and whoever has the old one is out.
	mustRun(t, dir, exitDone, "user", "passwd", "ann")
	if resp, _ := post(t, client, "GET", url, "/api/v1/status", "", header); resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("after another password was set: %s, want 401", resp.Status)
	}
	b.signal(t, syscall.SIGTERM)
	r := b.wait(t)
	for _, secret := range []string{"tulip-raven-4817", in.Token, resp.Cookies()[0].Value} {
		if r.code != exitDone || strings.Contains(r.stderr, secret) {
			t.Errorf("exit %d, or the log holds %q:\n%s", r.code, secret, r.stderr)
		}
	}
}

// Beyond this host there is no administration without TLS.
func TestTheAdministrationLeavesTheHostOverTLSOnly(t *testing.T) {
	for _, args := range [][]string{{"--admin", "0.0.0.0:0"}} {
		b, dir, url := administered(t, args...)
		if !strings.HasPrefix(url, "https://") {
			t.Fatalf("%q: served at %s", args, url)
		}
		fi, err := os.Stat(filepath.Join(dir, "state", certificateFile))
		if err != nil || fi.Mode().Perm() != 0o600 {
			t.Errorf("the certificate and its key: %v, %v; want mode 0600", fi, err)
		}
		_, port, _ := net.SplitHostPort(strings.TrimPrefix(url, "https://"))
		conn, err := tls.Dial("tcp", "127.0.0.1:"+port, &tls.Config{InsecureSkipVerify: true})
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(conn.ConnectionState().PeerCertificates[0].Raw)
		conn.Close()
		fingerprint := strings.ReplaceAll(fmt.Sprintf("% X", sum[:]), " ", ":")
		var l admin.SignInLink
		r := mustRun(t, dir, exitDone, "admin", "link", "--json")
		if err := json.Unmarshal([]byte(r.stdout), &l); err != nil || l.Fingerprint != fingerprint || !strings.HasPrefix(l.URL, url+"/#token=") {
			t.Errorf("admin link: %s, want the fingerprint %s", r, fingerprint)
		}
		// Plain HTTP gets nowhere.
		plain := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
		resp, err := plain.Get("http://127.0.0.1:" + port + "/api/v1/status")
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusBadRequest {
			t.Errorf("without TLS: %s, want 400", resp.Status)
		}
		b.signal(t, syscall.SIGTERM)
		if r := b.wait(t); r.code != exitDone || !strings.Contains(r.stdout, fingerprint) {
			t.Errorf("exit %d; the first lines lack the fingerprint:\n%s", r.code, r.stdout)
		}
		// The certificate stays, so that who has compared it need not again.
		b = start(t, signet(t, dir, nobody, nil, append([]string{"serve", "pub", "--state", "state", "--listen", "127.0.0.1:0"}, args...)...))
		b.serving(t, filepath.Join(dir, "state"))
		if r := mustRun(t, dir, exitDone, "admin", "link", "--json"); !strings.Contains(r.stdout, fingerprint) {
			t.Errorf("after a restart: %s, want the fingerprint %s", r, fingerprint)
		}
		b.signal(t, syscall.SIGTERM)
		b.wait(t)
	}
}

func TestAGivenCertificateIsUsed(t *testing.T) {
	dir := workDir(t, nobody)
	mkdir(t, dir, "pub")
	mustRun(t, dir, exitDone, "user", "add", "ann", "--role", "admin")
	pair, err := makeCertificate([]string{"nas.example"})
	if err != nil {
		t.Fatal(err)
	}
	for name, mode := range map[string]os.FileMode{"cert.pem": 0o644, "key.pem": 0o600} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, pair, mode); err != nil {
			t.Fatal(err)
		}
		if os.Geteuid() == 0 {
			if err := os.Chown(path, nobody, nobody); err != nil {
				t.Fatal(err)
			}
		}
	}
	args := []string{"serve", "pub", "--state", "state", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--admin-certificate", "cert.pem", "--admin-key", "key.pem"}
	b := start(t, signet(t, dir, nobody, nil, args...))
	b.serving(t, filepath.Join(dir, "state"))
	if url := status(t, dir, nobody).Administration; !strings.HasPrefix(url, "https://127.0.0.1:") {
		t.Errorf("served at %q, want https", url)
	}
	if _, err := os.Stat(filepath.Join(dir, "state", certificateFile)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("another certificate was made: %v", err)
	}
	b.signal(t, syscall.SIGTERM)
	b.wait(t)
	// A key that others may read is none.
	if err := os.Chmod(filepath.Join(dir, "key.pem"), 0o644); err != nil {
		t.Fatal(err)
	}
	if r := run(t, signet(t, dir, nobody, nil, append(args, "--check")...)); r.code != exitUsage || !strings.Contains(r.stderr, "key of the administration") {
		t.Errorf("with a key that all may read: %s, want exit 2", r)
	}
}

// The usual port may be another's. That ends only a server that was told to
// use it.
func TestAPortThatIsTakenEndsOnlyWhoAskedForIt(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	plan := adminPlan{addr: l.Addr().String()}
	end, err := plan.listenAdmin(t.Context(), nil)
	if err != nil || end.listener != nil || end.instead == nil || !strings.Contains(end.instead.Error(), "held by") {
		t.Errorf("unasked: %+v, %v; want nothing, and why", end, err)
	}
	plan.asked = true
	if end, err := plan.listenAdmin(t.Context(), nil); err == nil {
		t.Errorf("asked for: %+v, want an error", end)
	}
	usual, err := planAdmin(adminFlags{})
	if err != nil || usual.addr != defaultAdmin || usual.asked || usual.tls {
		t.Errorf("the usual plan is %+v, %v", usual, err)
	}
	for addr, asked := range map[string]bool{"off": false, "OFF": false, defaultAdmin: true} {
		p, err := planAdmin(adminFlags{}.below(adminFlags{addr: addr}))
		if err != nil || p.asked != asked && p.addr != "" {
			t.Errorf("--admin %s: %+v, %v", addr, p, err)
		}
	}
	dir := workDir(t, nobody)
	mkdir(t, dir, "pub")
	mustRun(t, dir, exitDone, "user", "add", "ann")
	cmd := signet(t, dir, nobody, nil, "serve", "pub", "--state", "state", "--listen", "127.0.0.1:0", "--admin", l.Addr().String())
	if r := run(t, cmd); r.code != exitFailed || !strings.Contains(r.stderr, "held by") {
		t.Errorf("serve at a port that is taken: %s, want exit 1 and who has it", r)
	}
}

func TestAddressesOfTheAdministration(t *testing.T) {
	for addr, want := range map[string]struct {
		addr string
		tls  bool
	}{
		"127.0.0.1":         {"127.0.0.1:8445", false},
		"localhost:1":       {"localhost:1", false},
		"[::1]:1":           {"[::1]:1", false},
		"::1":               {"[::1]:8445", false},
		"127.9.9.9:1":       {"127.9.9.9:1", false},
		":8445":             {":8445", true},
		"0.0.0.0:1":         {"0.0.0.0:1", true},
		"nas.example":       {"nas.example:8445", true},
		"192.0.2.1:1":       {"192.0.2.1:1", true},
		"localhost.evil:1":  {"localhost.evil:1", true},
		"::ffff:10.0.0.1":   {"[::ffff:10.0.0.1]:8445", true},
		"127.0.0.1.evil:80": {"127.0.0.1.evil:80", true},
	} {
		p, err := planAdmin(adminFlags{addr: addr})
		if err != nil || p.addr != want.addr || p.tls != want.tls || !p.asked {
			t.Errorf("--admin %s: %+v, %v; want %+v", addr, p, err, want)
		}
	}
	for _, addr := range []string{"nas:noon", "a b", ":", "127.0.0.1:65536"} {
		if p, err := planAdmin(adminFlags{addr: addr}); err == nil {
			t.Errorf("--admin %q: %+v, want an error", addr, p)
		}
	}
}

// What was committed just before a crash is told after it, once.
func TestARevisionThatTheLogHasMissedIsToldOnce(t *testing.T) {
	dir := workDir(t, nobody)
	mustRun(t, dir, exitDone, "config", "set", "server", "EncryptData=True")
	told := func() int {
		t.Helper()
		return strings.Count(mustRun(t, dir, exitDone, "event", "list", "--id", "ConfigurationChanged").stdout, "\n")
	}
	if n := told(); n != 1 {
		t.Fatalf("%d events, want 1", n)
	}
	for _, crash := range []struct {
		name      string
		statement string
		files     []string
		want      int
	}{
		{"before it was remembered that the log has it", `UPDATE store SET told = 0`, nil, 1},
		{"before the log had it", `UPDATE store SET told = 0`, []string{"events.db", "events.db-wal", "events.db-shm"}, 1},
		{"long ago, and the log was begun anew since", `UPDATE store SET told = 1`, []string{"events.db", "events.db-wal", "events.db-shm"}, 0},
	} {
		editStore(t, filepath.Join(dir, "state", storeFile), crash.statement)
		for _, f := range crash.files {
			if err := os.Remove(filepath.Join(dir, "state", f)); err != nil && !errors.Is(err, os.ErrNotExist) {
				t.Fatal(err)
			}
		}
		for range 2 {
			if n := told(); n != crash.want {
				t.Errorf("%s: %d events, want %d", crash.name, n, crash.want)
			}
		}
	}
}

// editStore changes a store behind its back.
func editStore(t *testing.T, path, statement string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.Exec(statement)
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
}
