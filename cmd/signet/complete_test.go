package main

import (
	"net"
	"os"
	"os/user"
	"path/filepath"
	"testing"
	"time"
)

// Who listens and says nothing must not keep the shell from its user.
func TestCompletionDoesNotWaitForASilentServer(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	dir := t.TempDir()
	pw := filepath.Join(dir, "pw")
	if err := os.WriteFile(pw, []byte("tulip-raven-4817"), 0o600); err != nil {
		t.Fatal(err)
	}
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	a := &app{stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, stateDir: dir, machinePolicy: filepath.Join(dir, "none")}
	start := time.Now()
	found, _ := a.completePlace(t.Context(), "smb://"+l.Addr().String()+"/", &clientFlags{user: me.Username, passwordFile: pw})
	if took := time.Since(start); len(found) > 0 || took > 30*time.Second { // of the 60 s that a session waits
		t.Errorf("%q after %v", found, took)
	}
}

func TestNamesAreCompletedAsNoShellTakesThemForSomethingElse(t *testing.T) {
	for _, c := range []struct{ name, url, unc string }{
		{"a-b_c.txt", "a-b_c.txt", "a-b_c.txt"},
		{"Übung", "Übung", "Übung"},
		{"a b", "a%20b", ""},
		{"$(reboot)", "%24%28reboot%29", ""},
		{"a`b'c\"d", "a%60b%27c%22d", ""},
		{"a;b&c|d", "a%3Bb%26c%7Cd", ""},
		{"100%", "100%25", ""},
		{"a\x1b[2J\u202e", "a%1B%5B2J%E2%80%AE", ""},
		{"f:s", "f%3As", ""},
		{"~root*?[x]{y}\\", "%7Eroot%2A%3F%5Bx%5D%7By%7D%5C", ""},
	} {
		if got, ok := typed(c.name, true); got != c.url || !ok {
			t.Errorf("%q in a URL: %q, %v, want %q", c.name, got, ok, c.url)
		}
		if got, ok := typed(c.name, false); got != c.unc || ok != (c.unc != "") {
			t.Errorf("%q: %q, %v, want %q", c.name, got, ok, c.unc)
		}
		if l, err := parseLocation("smb://h/s/" + c.url); c.name != "~root*?[x]{y}\\" && (err != nil || l.path != c.name) {
			t.Errorf("%q is read as %q, %v, want %q", c.url, l.path, err, c.name)
		}
	}
}
