//go:build linux

package main

import (
	"encoding/json"
	"errors"
	"maps"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/signet-smb/signet/admin"
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/fsa"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/smbtest"
	"github.com/signet-smb/signet/ntstatus"
)

// dial connects to a server.
func dial(t *testing.T, addr string) *smbtest.Peer {
	t.Helper()
	nc, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	return smbtest.NewPeer(t, nc)
}

// signIn connects to a served share and returns the statuses of log-on and
// tree connect.
func signIn(t *testing.T, addr, user, password, share string) (p *smbtest.Peer, logon, tree ntstatus.Status) {
	t.Helper()
	p = dial(t, addr)
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

// systemUsers are users that every Debian has, with number and group.
var systemUsers = map[string]int{"daemon": 1, "bin": 2}

// serveTwins starts the real server as root, with accounts ann, who acts as
// daemon, bob, who acts as bin, and carl, who has no Unix twin. Everybody may
// change the folder pub; in it ann.txt is ann's alone.
func serveTwins(t *testing.T) (b *background, dir, addr string) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root")
	}
	for name, id := range systemUsers {
		if cred, _, err := lookUpCred(name); err != nil || int(cred.UID) != id || int(cred.GID) != id {
			t.Skipf("no system user %s with uid and gid %d: %+v, %v", name, id, cred, err)
		}
	}
	b, dir, addr = serveSMB(t, 0)
	for _, args := range [][]string{
		{"user", "set", "ann", "--unix", "daemon"},
		{"user", "add", "bob", "--unix", "bin"},
		{"user", "add", "carl", "--unix", "none"},
	} {
		cmd := signet(t, dir, 0, []string{"SIGNET_PASSWORD=tulip-raven-4817"}, append(args, "--state", "state")...)
		if r := run(t, cmd); r.code != 0 {
			t.Fatal(args, r)
		}
	}
	own := filepath.Join(dir, "pub", "ann.txt")
	err := errors.Join(
		os.Chmod(filepath.Join(dir, "pub"), 0o777),
		os.WriteFile(own, []byte("ann's own"), 0o600),
		os.Chown(own, systemUsers["daemon"], systemUsers["daemon"]))
	if err != nil {
		t.Fatal(err)
	}
	return b, dir, addr
}

// connect signs in to pub.
func connect(t *testing.T, addr, user string) *smbtest.Peer {
	t.Helper()
	p, logon, tree := signIn(t, addr, user, "tulip-raven-4817", "pub")
	if logon != ntstatus.Success || tree != ntstatus.Success {
		t.Fatalf("%s: log-on %v, tree connect %v", user, logon, tree)
	}
	return p
}

// ownerOf returns user and group of a file.
func ownerOf(t *testing.T, path string) (uid, gid int) {
	t.Helper()
	fi, err := os.Lstat(path)
	if err != nil {
		t.Fatal(err)
	}
	st := fi.Sys().(*syscall.Stat_t)
	return int(st.Uid), int(st.Gid)
}

func TestEachAccountActsAsItsUnixTwin(t *testing.T) {
	_, dir, addr := serveTwins(t)
	ann, bob := connect(t, addr, "ann"), connect(t, addr, "bob")

	id := ann.Open("ann.txt")
	if got := ann.Read(id, 0, 100); got != "ann's own" {
		t.Errorf("ann reads %q of her own file", got)
	}
	ann.CloseFile(id)
	if r := bob.Do(smbtest.CreateFile("ann.txt")); r.Header.Status != ntstatus.AccessDenied {
		t.Errorf("bob opens a file of ann with mode 0600: %v, want AccessDenied", r.Header.Status)
	}
	for name, p := range map[string]*smbtest.Peer{"daemon": ann, "bin": bob} {
		file := "by " + name + ".txt"
		p.CloseFile(p.Open(file))
		if uid, gid := ownerOf(t, filepath.Join(dir, "pub", file)); uid != systemUsers[name] || gid != systemUsers[name] {
			t.Errorf("the new file of %s belongs to %d:%d", name, uid, gid)
		}
	}
	if uid, _ := ownerOf(t, filepath.Join(dir, "pub", "ann.txt")); uid != systemUsers["daemon"] {
		t.Errorf("ann.txt belongs to %d now", uid)
	}
}

// The directory is listed for it, as the user who asks.
func TestAShortNameLeadsToItsFile(t *testing.T) {
	_, _, addr := serveTwins(t)
	ann := connect(t, addr, "ann")
	const name = "a name of more than eight characters.text"
	id := ann.Open(name)
	ann.Write(id, 0, "found")
	ann.CloseFile(id)
	req := smbtest.CreateFile(fsa.ShortName(name))
	req.CreateDisposition = fscc.DispositionOpen
	var res smb2.CreateResponse
	ann.MustDo(req, &res)
	if got := ann.Read(res.FileID, 0, 100); got != "found" {
		t.Errorf("%s holds %q, want what was written to %s", req.Name, got, name)
	}
}

func TestAnAccountWithoutUnixTwinIsRefusedAtTheShare(t *testing.T) {
	b, dir, addr := serveTwins(t)
	if _, logon, tree := signIn(t, addr, "carl", "tulip-raven-4817", "pub"); logon != ntstatus.Success || tree != ntstatus.AccessDenied {
		t.Errorf("carl: log-on %v, tree connect %v; want Success, AccessDenied", logon, tree)
	}
	if r := run(t, signet(t, dir, 0, nil, "user", "set", "ann", "--unix", "none", "--state", "state")); r.code != 0 {
		t.Fatal(r)
	}
	if _, _, tree := signIn(t, addr, "ann", "tulip-raven-4817", "pub"); tree != ntstatus.AccessDenied {
		t.Errorf("ann, whose twin was taken: tree connect %v, want AccessDenied", tree)
	}
	b.signal(t, syscall.SIGTERM)
	r := b.wait(t)
	for _, account := range []string{"carl", "ann"} {
		if want := `account \"` + account + `\" has no Unix twin`; !strings.Contains(r.stderr, want) {
			t.Errorf("the log does not hold %s:\n%s", want, r.stderr)
		}
	}
}

func TestADisabledAccountSignsInNoMoreAndGetsNoShare(t *testing.T) {
	_, dir, addr := serveTwins(t)
	before := connect(t, addr, "ann")
	set := func(command string) {
		t.Helper()
		if r := run(t, signet(t, dir, 0, nil, "user", command, "ann", "--state", "state")); r.code != 0 {
			t.Fatal(r)
		}
	}
	set("disable")
	if _, logon, _ := signIn(t, addr, "ann", "tulip-raven-4817", "pub"); logon == ntstatus.Success {
		t.Error("a disabled account signs in")
	}
	if got := before.TreeConnect("docs").Header.Status; got != ntstatus.AccessDenied {
		t.Errorf("a session from before: tree connect %v, want AccessDenied", got)
	}
	set("enable")
	connect(t, addr, "ann")
}

// lookOf is what a test may see of a file without touching it, access time
// apart.
type lookOf struct {
	ino           uint64
	mode          uint32
	uid, gid      uint32
	size          int64
	mtime, change syscall.Timespec
}

// looks returns the look of all files below dir.
func looks(t *testing.T, dir string) map[string]lookOf {
	t.Helper()
	all := map[string]lookOf{}
	err := filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		var st syscall.Stat_t
		err = syscall.Lstat(path, &st)
		all[path] = lookOf{st.Ino, st.Mode, st.Uid, st.Gid, st.Size, st.Mtim, st.Ctim}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestServingChangesNoFile(t *testing.T) {
	b, dir, addr := serveTwins(t)
	pub := filepath.Join(dir, "pub")
	before := looks(t, pub)
	for _, user := range []string{"ann", "bob"} {
		p := connect(t, addr, user)
		req := smbtest.CreateFile("hello.txt")
		req.DesiredAccess = dtyp.FileGenericRead
		var res smb2.CreateResponse
		p.MustDo(req, &res)
		p.Read(res.FileID, 0, 100)
		p.CloseFile(res.FileID)
	}
	b.signal(t, syscall.SIGTERM)
	b.wait(t)
	if after := looks(t, pub); len(before) < 3 || !maps.Equal(before, after) {
		t.Errorf("files changed by being read:\nbefore %+v\nafter  %+v", before, after)
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
	if uid, gid := ownerOf(t, filepath.Join(dir, "pub", "new.txt")); uid != nobody || gid != nobody {
		t.Errorf("the new file belongs to %d:%d, want %d:%d", uid, gid, nobody, nobody)
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
