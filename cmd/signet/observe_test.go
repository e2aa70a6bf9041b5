//go:build linux

package main

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// ask gets a path of a server with a bearer's token, "" for none.
func ask(t *testing.T, url, path, token string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(data)
}

func TestTheServerIsWatchedByToken(t *testing.T) {
	token := strings.Repeat("0123456789abcdef", 2)
	file := filepath.Join(workDir(t, nobody), "token")
	if err := os.WriteFile(file, []byte(token+"\n"), 0o400); err != nil {
		t.Fatal(err)
	}
	if os.Geteuid() == 0 {
		if err := os.Chown(file, nobody, nobody); err != nil {
			t.Fatal(err)
		}
	}
	_, dir, url := administered(t, "--admin", "127.0.0.1:0", "--metrics-token-file", file)
	if code, body := ask(t, url, "/healthz", ""); code != http.StatusOK || body != "ok\n" {
		t.Errorf("/healthz: %d %q", code, body)
	}
	if code, body := ask(t, url, "/readyz", ""); code != http.StatusOK || body != "ready\n" {
		t.Errorf("/readyz: %d %q", code, body)
	}
	if code, body := ask(t, url, "/metrics", ""); code != http.StatusUnauthorized {
		t.Errorf("/metrics without a token: %d %q", code, body)
	}
	mustRun(t, dir, exitDone, "config", "set", "server", "AnnounceComment=x", "--for", "1h")
	code, body := ask(t, url, "/metrics", token)
	for _, want := range []string{
		"signet_ready 1\n", "signet_config_revision 1\n", `signet_config_restore_timestamp_seconds{kind="until"} `, `signet_config_signing_required{side="server"} 1`,
		`signet_events_total{event="ConfigurationChanged"} 1`, "signet_event_log_failing 0\n", "signet_smb_open_files 0\n",
	} {
		if code != http.StatusOK || !strings.Contains(body, want) {
			t.Errorf("/metrics: %d, lacks %s", code, want)
		}
	}
	if code, _ := ask(t, url, "/api/v1/status", token); code != http.StatusUnauthorized {
		t.Errorf("the token opens the status, too: %d", code)
	}
}

func TestATokenForMetricsIsPrivateAndLong(t *testing.T) {
	good := strings.Repeat("x", minTokenLength)
	for _, c := range []struct {
		text string
		mode os.FileMode
		ok   bool
	}{
		{good, 0o600, true},
		{good + "\n", 0o400, true},
		{strings.Repeat("x", maxTokenLength) + "\r\n", 0o600, true},
		{good, 0o644, false},
		{good[1:], 0o600, false},
		{"", 0o600, false},
		{strings.Repeat("x", maxTokenLength+1), 0o600, false},
		{good + "\n" + good, 0o600, false},
		{good + " ", 0o600, false},
		{good + "é", 0o600, false},
		{"\x00" + good, 0o600, false},
	} {
		path := filepath.Join(t.TempDir(), "token")
		if err := os.WriteFile(path, []byte(c.text), c.mode); err != nil {
			t.Fatal(err)
		}
		token, err := readMetricsToken(path)
		if (err == nil) != c.ok || c.ok && token != strings.TrimRight(c.text, "\r\n") {
			t.Errorf("%q, mode %o: %q, %v; want that it is taken: %v", c.text, c.mode, token, err, c.ok)
		}
	}
	if _, err := readMetricsToken("/nonexistent/token"); err == nil {
		t.Error("a file that is not there was taken")
	}
}

func TestTheLogIsJSONAtATerminalIfAskedFor(t *testing.T) {
	for _, asked := range []bool{false, true} {
		term := newTerminal(t)
		a := &app{stderr: term.slave, stdout: term.slave, json: asked}
		a.logTo()
		a.log.Info("hello", "n", 1)
		if out := term.all(); strings.Contains(out, `{"time":`) != asked || !strings.Contains(out, "hello") {
			t.Errorf("--json %v: %s", asked, out)
		}
	}
}
