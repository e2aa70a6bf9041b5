//go:build linux

package main

import (
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/signet-smb/signet/admin"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/smbtest"
	"github.com/signet-smb/signet/ntstatus"
)

// signIn connects to a served share and returns the statuses of log-on and
// tree connect.
func signIn(t *testing.T, addr, user, password, share string) (p *smbtest.Peer, logon, tree ntstatus.Status) {
	t.Helper()
	nc, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	p = smbtest.NewPeer(t, nc)
	p.Negotiate()
	if logon = p.SessionSetup(smbtest.InitiatorFor(user, password)).Header.Status; logon != ntstatus.Success {
		return p, logon, 0
	}
	return p, logon, p.TreeConnect(share).Header.Status
}

// serveSMB starts the real server as uid, with an account ann.
func serveSMB(t *testing.T, uid int, args ...string) (b *background, dir, addr string) {
	t.Helper()
	dir = workDir(t, uid)
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"pub", "docs"} {
		mkdir(t, dir, name)
		path := filepath.Join(dir, name, "hello.txt")
		if err := os.WriteFile(path, []byte("hello, world"), 0o644); err != nil {
			t.Fatal(err)
		}
		if os.Geteuid() == 0 {
			for _, p := range []string{path, filepath.Dir(path)} {
				if err := os.Chown(p, nobody, nobody); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	args = append([]string{"serve", "pub", "Docs=docs:ro", "--state", "state", "--user", "ann", "--listen", "127.0.0.1:0"}, args...)
	cmd := signet(t, dir, uid, []string{"SIGNET_PASSWORD=tulip-raven-4817"}, args...)
	cmd.Env[0] = "SIGNET_TEST_MAIN=signet-smb"
	b = start(t, cmd)
	b.serving(t, filepath.Join(dir, "state"))
	s := status(t, dir, uid)
	if len(s.Listen) != 1 {
		t.Fatalf("status = %+v", s)
	}
	return b, dir, s.Listen[0]
}

func status(t *testing.T, dir string, uid int) admin.Status {
	t.Helper()
	var s admin.Status
	r := run(t, signet(t, dir, uid, nil, "status", "--state", "state", "--json"))
	if err := json.Unmarshal([]byte(r.stdout), &s); err != nil {
		t.Fatalf("status = %+v, %v", r, err)
	}
	return s
}

func TestServedFoldersAreReachedWithThePasswordGiven(t *testing.T) {
	b, dir, addr := serveSMB(t, nobody)

	p, logon, tree := signIn(t, addr, "ANN", "tulip-raven-4817", "pub")
	if logon != ntstatus.Success || tree != ntstatus.Success {
		t.Fatalf("log-on %v, tree connect %v", logon, tree)
	}
	id := p.Open("new.txt")
	p.Write(id, 0, "from the client")
	p.CloseFile(id)
	if got, err := os.ReadFile(filepath.Join(dir, "pub", "new.txt")); string(got) != "from the client" {
		t.Errorf("the file holds %q, %v", got, err)
	}

	s := status(t, dir, nobody)
	if len(s.Sessions) != 1 || s.UnsignedSessions != 0 {
		t.Fatalf("status shows %+v, want one signed session", s.Sessions)
	}
	if x := s.Sessions[0]; x.ClientUserName != "ann" || x.Dialect != "3.1.1" || !x.Signed || x.SigningAlgorithm != "AES-128-GMAC" {
		t.Errorf("status shows %+v, want ann, 3.1.1, signed with AES-128-GMAC", x)
	}

	if _, logon, _ := signIn(t, addr, "ann", "tulip-raven-4818", "pub"); logon != ntstatus.LogonFailure {
		t.Errorf("log-on with a wrong password: %v, want LogonFailure", logon)
	}
	b.signal(t, syscall.SIGTERM)
	if r := b.wait(t); r.code != exitDone || strings.Contains(r.stderr, "tulip") {
		t.Errorf("exit %d, log:\n%s", r.code, r.stderr)
	}
}

func TestAPasswordChangeReachesTheRunningServer(t *testing.T) {
	_, dir, addr := serveSMB(t, nobody)
	r := run(t, signet(t, dir, nobody, []string{"SIGNET_PASSWORD=second-one"}, "user", "passwd", "ann", "--state", "state"))
	if r.code != 0 {
		t.Fatal(r)
	}
	if _, logon, _ := signIn(t, addr, "ann", "tulip-raven-4817", "pub"); logon != ntstatus.LogonFailure {
		t.Errorf("log-on with the old password: %v, want LogonFailure", logon)
	}
	if _, logon, tree := signIn(t, addr, "ann", "second-one", "pub"); logon != ntstatus.Success || tree != ntstatus.Success {
		t.Errorf("log-on with the new password: %v, %v", logon, tree)
	}
}

func TestRootWithoutRunAsServesNobody(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root")
	}
	b, _, addr := serveSMB(t, 0)
	if _, logon, tree := signIn(t, addr, "ann", "tulip-raven-4817", "pub"); logon != ntstatus.Success || tree != ntstatus.AccessDenied {
		t.Errorf("log-on %v, tree connect %v; want Success, AccessDenied", logon, tree)
	}
	b.signal(t, syscall.SIGTERM)
	if r := b.wait(t); !strings.Contains(r.stderr, "started as root without --run-as") {
		t.Errorf("the log does not say so:\n%s", r.stderr)
	}
}

func TestRootActsAsTheUserOfRunAs(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root")
	}
	_, dir, addr := serveSMB(t, 0, "--run-as", "nobody")
	p, logon, tree := signIn(t, addr, "ann", "tulip-raven-4817", "pub")
	if logon != ntstatus.Success || tree != ntstatus.Success {
		t.Fatalf("log-on %v, tree connect %v", logon, tree)
	}
	p.CloseFile(p.Open("new.txt"))
	fi, err := os.Stat(filepath.Join(dir, "pub", "new.txt"))
	if err != nil {
		t.Fatal(err)
	}
	if st := fi.Sys().(*syscall.Stat_t); st.Uid != nobody || st.Gid != nobody {
		t.Errorf("the new file belongs to %d:%d, want %d:%d", st.Uid, st.Gid, nobody, nobody)
	}
}

// The state lies below the share, and a file of it has a second name there.
func TestTheStateDoesNotExistForClients(t *testing.T) {
	dir := workDir(t, nobody)
	mkdir(t, dir, "pub")
	pub := filepath.Join(dir, "pub")
	args := []string{"--state", "pub/State", "--listen", "127.0.0.1:0"}
	if r := run(t, signet(t, dir, nobody, []string{"SIGNET_PASSWORD=tulip-raven-4817"}, "user", "add", "ann", "--state", "pub/State")); r.code != 0 {
		t.Fatal(r)
	}
	state := filepath.Join(pub, "State")
	entries, err := os.ReadDir(state)
	if err != nil {
		t.Fatal(err)
	}
	var twins []string
	for _, e := range entries {
		if e.Type().IsRegular() {
			twins = append(twins, "twin-of-"+e.Name())
			if err := os.Link(filepath.Join(state, e.Name()), filepath.Join(pub, "twin-of-"+e.Name())); err != nil {
				t.Fatal(err)
			}
		}
	}
	if !slices.Contains(twins, "twin-of-secrets.key") || !slices.Contains(twins, "twin-of-secrets.db") {
		t.Fatalf("the state directory holds %q", entries)
	}
	cmd := signet(t, dir, nobody, nil, append([]string{"serve", "pub"}, args...)...)
	cmd.Env[0] = "SIGNET_TEST_MAIN=signet-smb"
	b := start(t, cmd)
	b.serving(t, state)
	var s admin.Status
	r := run(t, signet(t, dir, nobody, nil, "status", "--state", "pub/State", "--json"))
	if err := json.Unmarshal([]byte(r.stdout), &s); err != nil || len(s.Listen) != 1 {
		t.Fatalf("status = %+v, %v", r, err)
	}
	p, logon, tree := signIn(t, s.Listen[0], "ann", "tulip-raven-4817", "pub")
	if logon != ntstatus.Success || tree != ntstatus.Success {
		t.Fatalf("log-on %v, tree connect %v", logon, tree)
	}
	p.CloseFile(p.Open("new.txt")) // the share works
	open := func(name string) ntstatus.Status {
		m := smbtest.CreateFile(name)
		m.CreateDisposition = fscc.DispositionOpen
		return p.Do(m).Header.Status
	}
	for _, name := range append(twins, "State", "STATE", "TWIN-OF-SECRETS.KEY") {
		if got := open(name); got != ntstatus.ObjectNameNotFound {
			t.Errorf("opening %s: %v, want %v", name, got, ntstatus.ObjectNameNotFound)
		}
	}
	if got := open(`State\secrets.key`); got != ntstatus.ObjectPathNotFound {
		t.Errorf("opening a file of the state: %v, want %v", got, ntstatus.ObjectPathNotFound)
	}
}
