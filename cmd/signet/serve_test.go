//go:build linux

package main

import (
	"bufio"
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/signet-smb/signet/admin"
)

// startServer starts signet serve with an account ann and returns it, its
// state directory and its address.
func startServer(t *testing.T) (b *background, dir, addr string) {
	t.Helper()
	dir = workDir(t, nobody)
	mkdir(t, dir, "pub")
	b = start(t, signet(t, dir, nobody, []string{"SIGNET_PASSWORD=tulip-raven-4817"},
		"serve", "pub", "--state", "state", "--user", "ann", "--listen", "127.0.0.1:0"))
	b.serving(t, filepath.Join(dir, "state"))
	var s admin.Status
	r := run(t, signet(t, dir, nobody, nil, "status", "--state", "state", "--json"))
	if err := json.Unmarshal([]byte(r.stdout), &s); err != nil || len(s.Listen) != 1 {
		t.Fatalf("status = %+v, %v", r, err)
	}
	return b, dir, s.Listen[0]
}

// hold opens a connection, which the server takes for a request in progress.
func hold(t *testing.T, addr string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if line, err := bufio.NewReader(conn).ReadString('\n'); line != "held\n" {
		t.Fatalf("the server says %q, %v", line, err)
	}
	return conn
}

// refusing waits until nobody is accepted at addr any more.
func refusing(t *testing.T, addr string) {
	t.Helper()
	deadline := time.After(patience)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			return
		}
		conn.Close()
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatal("connections are still accepted after a minute")
		}
	}
}

func TestASignalLetsRequestsFinish(t *testing.T) {
	for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
		t.Run(sig.String(), func(t *testing.T) {
			b, dir, addr := startServer(t)
			conn := hold(t, addr)
			b.signal(t, sig)
			refusing(t, addr)
			select {
			case <-b.done:
				t.Fatalf("the server ended with a request in progress: %s", b.stderr.String())
			default:
			}
			conn.Close()
			if r := b.wait(t); r.code != exitDone {
				t.Errorf("exit %d, want 0: %s", r.code, r.stderr)
			}
			if _, err := os.Lstat(filepath.Join(dir, "state", "signet.sock")); !os.IsNotExist(err) {
				t.Errorf("the socket is still there: %v", err)
			}
		})
	}
}

func TestASecondSignalEndsAtOnce(t *testing.T) {
	b, _, addr := startServer(t)
	hold(t, addr)
	b.signal(t, syscall.SIGTERM)
	refusing(t, addr)
	b.signal(t, syscall.SIGTERM)
	if r := b.wait(t); r.code != exitInterrupted {
		t.Errorf("exit %d, want 130: %s", r.code, r.stderr)
	}
}

func TestStatusShowsUnsignedSessionsAndEscapesWhatTheyClaim(t *testing.T) {
	_, dir, addr := startServer(t)
	hold(t, addr)
	r := run(t, signet(t, dir, nobody, nil, "status", "--state", "state", "--check"))
	if r.code != exitLook {
		t.Errorf("status --check: exit %d, want 4", r.code)
	}
	if !strings.Contains(r.stdout, "Not signed  1 of 1 sessions") {
		t.Errorf("status does not count the unsigned session:\n%s", r.stdout)
	}
	if strings.Contains(r.stdout, "\x1b") || !strings.Contains(r.stdout, `\x1b[31mevil`) {
		t.Errorf("the peer's name is not escaped:\n%q", r.stdout)
	}
}

func TestThePasswordIsNowhereInPlain(t *testing.T) {
	b, dir, _ := startServer(t)
	if r := run(t, signet(t, dir, nobody, []string{"SIGNET_PASSWORD=cobalt-zebra-1234"}, "user", "add", "bob", "--state", "state")); r.code != 0 {
		t.Fatal(r)
	}
	b.signal(t, syscall.SIGTERM)
	r := b.wait(t)
	shown := map[string]string{"output": r.stdout, "log": r.stderr}
	err := filepath.WalkDir(filepath.Join(dir, "state"), func(path string, d os.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			var data []byte
			data, err = os.ReadFile(path)
			shown[path] = string(data)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for where, text := range shown {
		for _, secret := range []string{"tulip-raven-4817", "cobalt-zebra-1234"} {
			if strings.Contains(text, secret) {
				t.Errorf("%s shows the password %s", where, secret)
			}
		}
	}
}
