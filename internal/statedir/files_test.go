//go:build linux

package statedir_test

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/signet-smb/signet/dtyp"
)

func TestServerGUIDStaysTheSame(t *testing.T) {
	path := filepath.Join(publicDir(t), "state")
	first, err := mustOpen(t, path).ServerGUID()
	if err != nil {
		t.Fatal(err)
	}
	again, err := mustOpen(t, path).ServerGUID()
	if err != nil || again != first {
		t.Errorf("second ServerGUID = %v, %v; want %v", again, err, first)
	}
	elsewhere, err := mustOpen(t, filepath.Join(publicDir(t), "state")).ServerGUID()
	if err != nil || elsewhere == first {
		t.Errorf("another directory has %v, %v: want another GUID", elsewhere, err)
	}
	// RFC 9562 5.4: version 4, variant 10, as the text form shows them.
	if s := first.String(); len(s) != 36 || s[14] != '4' || !strings.ContainsRune("89ab", rune(s[19])) {
		t.Errorf("%s is no random GUID", s)
	}
}

func TestADamagedServerGUIDIsReportedNotReplaced(t *testing.T) {
	for _, content := range []string{"", "zz", "00112233", strings.Repeat("0", 1000), "00000000-0000-0000-0000-000000000000"} {
		dir := mustOpen(t, filepath.Join(publicDir(t), "state"))
		if err := os.WriteFile(dir.File("server-guid"), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if g, err := dir.ServerGUID(); err == nil || g != (dtyp.GUID{}) {
			t.Errorf("ServerGUID of %q = %v, %v; want an error", content, g, err)
		}
	}
}

func TestTheKeyIsLookedForInOrder(t *testing.T) {
	dir := mustOpen(t, filepath.Join(publicDir(t), "state"))
	creds := publicDir(t)
	beside := dir.File("secrets.key")

	t.Setenv("CREDENTIALS_DIRECTORY", "")
	if got, err := dir.SecretsKey(""); err != nil || got.Path != beside || !got.Beside || got.Given {
		t.Errorf("by default: %+v, %v; want %s beside the secrets", got, err, beside)
	}
	if got, _ := dir.SecretsKey(""); got.Protection() != "protected by file permissions only" {
		t.Errorf("Protection = %q", got.Protection())
	}
	// systemd's directory counts only if it holds the key.
	t.Setenv("CREDENTIALS_DIRECTORY", creds)
	if got, err := dir.SecretsKey(""); err != nil || got.Path != beside {
		t.Errorf("with an empty $CREDENTIALS_DIRECTORY: %+v, %v; want %s", got, err, beside)
	}
	cred := filepath.Join(creds, "secrets-key")
	if err := os.WriteFile(cred, make([]byte, 32), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := dir.SecretsKey(""); err != nil || got.Path != cred || got.Beside || !got.Given {
		t.Errorf("with a systemd credential: %+v, %v; want %s", got, err, cred)
	}
	if got, err := dir.SecretsKey("/elsewhere/key"); err != nil || got.Path != "/elsewhere/key" || got.Beside || !got.Given {
		t.Errorf("with a key file: %+v, %v; want it before all others", got, err)
	}
	if got, err := dir.SecretsKey(beside); err != nil || !got.Beside {
		t.Errorf("with a key file in the directory: %+v, %v; want it called beside", got, err)
	}
}

func TestTheSocketWorksBelowALongPath(t *testing.T) {
	// sockaddr_un holds 108 bytes; a home directory may well be deeper.
	path := filepath.Join(publicDir(t), strings.Repeat("d", 120), "state")
	dir := mustOpen(t, path)
	if err := os.WriteFile(dir.SocketPath(), []byte("stale"), 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := dir.Listen()
	if err != nil {
		t.Fatal(err)
	}
	fi, err := os.Lstat(dir.SocketPath())
	if err != nil || fi.Mode() != os.ModeSocket|0o600 {
		t.Errorf("socket: %v, %v; want a socket of mode 0600", fi.Mode(), err)
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		conn, err := l.Accept()
		if err != nil {
			t.Error(err)
			return
		}
		conn.Write([]byte("here"))
		conn.Close()
	})
	conn, err := mustOpen(t, path).Dial(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	buf := make([]byte, 8)
	if n, err := conn.Read(buf); err != nil || string(buf[:n]) != "here" {
		t.Errorf("read %q, %v", buf[:n], err)
	}
	wg.Wait()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Lstat(dir.SocketPath()); !os.IsNotExist(err) {
		t.Errorf("Close left the socket behind: %v", err)
	}
}

func TestDialWithoutAServerNamesTheSocket(t *testing.T) {
	dir := mustOpen(t, filepath.Join(publicDir(t), "state"))
	conn, err := dir.Dial(context.Background())
	if err == nil {
		conn.Close()
		t.Fatal("Dial succeeded")
	}
	if _, ok := err.(net.Error); ok || !strings.Contains(err.Error(), dir.SocketPath()) {
		t.Errorf("Dial = %v, want an error that names %s", err, dir.SocketPath())
	}
}
