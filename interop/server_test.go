package interop

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"
)

// The account that every server of these tests has.
const (
	account  = "ann"
	password = "Tulip-raven 48 cobalt"
)

// shareName is the only share of the servers of these tests.
const shareName = "files"

// patience is how long these tests wait for what should come soon, and for a
// client that works for seconds: it counts only when something hangs.
const patience = 5 * time.Minute

// binary builds the server once and answers its path.
var binary = sync.OnceValues(func() (string, error) {
	if path := os.Getenv("SIGNET_BIN"); path != "" {
		return path, nil
	}
	path := filepath.Join(buildDir, "signet")
	cmd := exec.Command("go", "build", "-trimpath", "-o", path, "./cmd/signet")
	cmd.Dir = ".."
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build signet: %w\n%s", err, out)
	}
	return path, nil
})

// buildDir holds the binary while the tests run.
var buildDir string

func TestMain(m *testing.M) {
	var err error
	if buildDir, err = os.MkdirTemp("", "signet-interop-"); err != nil {
		panic(err)
	}
	code := m.Run()
	os.RemoveAll(buildDir)
	os.Exit(code)
}

// server is one running signet serve with one share.
type server struct {
	share string // the folder served, on this machine
	host  string // where it listens
	port  string

	state string
	log   *bytes.Buffer // what it wrote; to be read after it ended
}

// startServer serves an empty folder until the test ends, with more arguments.
// Then the server must end cleanly; what it logged is shown if the test failed.
func startServer(t *testing.T, more ...string) *server {
	t.Helper()
	return startServerSharing(t, shareName, more...)
}

// startServerSharing is startServer with another name of the share; "" stores
// the share, under its usual name, instead of naming it to serve.
func startServerSharing(t *testing.T, name string, more ...string) *server {
	t.Helper()
	bin, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	dir := publicDir(t)
	s := &server{share: filepath.Join(dir, "share"), state: filepath.Join(dir, "state"), log: new(bytes.Buffer)}
	must(t, os.Mkdir(s.share, 0o755))
	passwordFile := filepath.Join(dir, "password")
	must(t, os.WriteFile(passwordFile, []byte(password+"\n"), 0o600))

	args := []string{"serve", "--user", account, "--password-file", passwordFile, "--listen", "127.0.0.1:0", "--admin", "off", "--state", s.state}
	if name != "" {
		args = append(args, name+"="+s.share)
	} else if out, err := exec.Command(bin, "share", "add", shareName, s.share, "--state", s.state).CombinedOutput(); err != nil {
		t.Fatalf("share add: %v\n%s", err, out)
	}
	args = append(args, more...)
	if os.Geteuid() == 0 { // no file is ever served as root
		uid, gid := nobody(t)
		must(t, os.Chown(s.share, uid, gid))
		args = append(args, "--run-as", "nobody")
	}
	s.run(t, bin, args)
	return s
}

// run starts the server with these arguments, until the test ends.
func (s *server) run(t *testing.T, bin string, args []string) {
	t.Helper()
	cmd := exec.Command(bin, args...)
	cmd.Stdout, cmd.Stderr = s.log, s.log
	must(t, cmd.Start())
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() {
		must(t, ignoreDone(cmd.Process.Signal(syscall.SIGTERM)))
		select {
		case err := <-ended:
			if err != nil {
				t.Errorf("the server did not end cleanly: %v", err)
			}
		case <-time.After(patience):
			t.Errorf("the server did not end within %v of SIGTERM", patience)
			must(t, ignoreDone(cmd.Process.Kill()))
			<-ended
		}
		if t.Failed() {
			t.Logf("the server wrote:\n%s", s.log)
		}
	})
	s.awaitReady(t, ended)
}

// awaitReady polls the server's own status until it listens.
func (s *server) awaitReady(t *testing.T, ended chan error) {
	t.Helper()
	var last error
	for start := time.Now(); time.Since(start) < patience; time.Sleep(50 * time.Millisecond) {
		select {
		case err := <-ended:
			ended <- err
			t.Fatalf("the server ended before it served: %v\n%s", err, s.log)
		default:
		}
		var st status
		if st, last = s.status(t.Context()); last == nil && len(st.Listen) == 1 {
			var err error
			if s.host, s.port, err = net.SplitHostPort(st.Listen[0]); err != nil {
				t.Fatalf("status names the address %q: %v", st.Listen[0], err)
			}
			return
		}
	}
	t.Fatalf("the server was not ready after %v: %v", patience, last)
}

// status is the part of signet status --json that these tests read.
type status struct {
	Listen           []string
	Inbound          string
	Guest            string
	UnsignedSessions int
	Sessions         []session
}

// session is one signed-in session, as status shows it.
type session struct {
	SessionID         string `json:"SessionId"`
	ClientUserName    string
	Dialect           string
	Signed            bool
	SigningAlgorithm  string
	SigningRequiredBy string
	Cipher            string
	Encrypted         bool
}

// statusCommand is the command line that prints the status.
func (s *server) statusCommand() []string {
	bin, _ := binary() // startServer has seen the error
	return []string{bin, "status", "--json", "--state", s.state}
}

// signet runs a command about the server, which must succeed, and returns what
// it printed.
func (s *server) signet(t *testing.T, args ...string) string {
	t.Helper()
	bin, _ := binary() // startServer has seen the error
	out, err := exec.CommandContext(t.Context(), bin, append(args, "--state", s.state)...).Output()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		t.Fatalf("signet %q: %v: %s", args, err, exit.Stderr)
	}
	must(t, err)
	return string(out)
}

// status asks the server for its status.
func (s *server) status(ctx context.Context) (status, error) {
	args := s.statusCommand()
	out, err := exec.CommandContext(ctx, args[0], args[1:]...).Output()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return status{}, fmt.Errorf("signet status: %w: %s", err, exit.Stderr)
	}
	if err != nil {
		return status{}, err
	}
	return parseStatus(out)
}

func parseStatus(out []byte) (st status, err error) {
	if err = json.Unmarshal(out, &st); err != nil {
		err = fmt.Errorf("signet status --json: %w in %q", err, out)
	}
	return st, err
}

// expectSigned checks that a status shows exactly one session, of our account,
// at 3.1.1, signed with the algorithm, or with any of 3.1.1 if it is "".
func expectSigned(t *testing.T, st status, algorithm string) {
	t.Helper()
	if len(st.Sessions) != 1 {
		t.Fatalf("status shows %d sessions, want 1: %+v", len(st.Sessions), st)
	}
	got := st.Sessions[0]
	if algorithm == "" && (got.SigningAlgorithm == "AES-128-GMAC" || got.SigningAlgorithm == "AES-128-CMAC") {
		algorithm = got.SigningAlgorithm
	}
	want := got
	want.Dialect, want.Signed, want.SigningAlgorithm, want.Encrypted = "3.1.1", true, algorithm, false
	if got != want {
		t.Errorf("status shows the session\n     %+v\nwant %+v", got, want)
	}
	if name := got.ClientUserName; name != account && filepath.Base(filepath.ToSlash(name)) != account {
		t.Errorf("status shows the user %q, want %q", name, account)
	}
	if st.UnsignedSessions != 0 {
		t.Errorf("status counts %d unsigned sessions, want 0", st.UnsignedSessions)
	}
}

// expectNobodySignedIn waits until status shows no session: a client that left
// may take a moment to be missed.
func (s *server) expectNobodySignedIn(t *testing.T) {
	t.Helper()
	var st status
	for start := time.Now(); time.Since(start) < patience; time.Sleep(50 * time.Millisecond) {
		var err error
		if st, err = s.status(t.Context()); err != nil {
			t.Fatal(err)
		}
		if len(st.Sessions) == 0 {
			return
		}
	}
	t.Errorf("%v after the client left, status still shows %+v", patience, st.Sessions)
}

// publicDir is a temporary directory that other users may walk through.
func publicDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "signet-interop-")
	must(t, err)
	t.Cleanup(func() {
		err := os.RemoveAll(dir)
		// Children of smbd that were told to end may still write there.
		for start := time.Now(); err != nil && time.Since(start) < patience; time.Sleep(50 * time.Millisecond) {
			err = os.RemoveAll(dir)
		}
		must(t, err)
	})
	must(t, os.Chmod(dir, 0o755))
	return dir
}

// nobody is the account as which root's server acts.
func nobody(t *testing.T) (uid, gid int) {
	t.Helper()
	u, err := user.Lookup("nobody")
	must(t, err)
	uid, err = strconv.Atoi(u.Uid)
	must(t, err)
	gid, err = strconv.Atoi(u.Gid)
	must(t, err)
	return uid, gid
}

// expectOwner checks that what a client made belongs to whom the server acts
// as, never to root.
func expectOwner(t *testing.T, path string) {
	t.Helper()
	want := os.Geteuid()
	if want == 0 {
		want, _ = nobody(t)
	}
	info, err := os.Lstat(path)
	must(t, err)
	if got := int(info.Sys().(*syscall.Stat_t).Uid); got != want {
		t.Errorf("%s belongs to uid %d, want %d", path, got, want)
	}
}

// need skips the test if a program is missing, or fails it where nothing may
// be skipped.
func need(t *testing.T, program string) {
	t.Helper()
	if _, err := exec.LookPath(program); err != nil {
		missing(t, program)
	}
}

// missing skips the test for want of something, or fails it where nothing may
// be skipped.
func missing(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("SIGNET_INTEROP") == "required" {
		t.Fatalf("%s is missing, and SIGNET_INTEROP=required", what)
	}
	t.Skipf("%s is missing: see tools/deps.sh", what)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// ignoreDone forgives that a process had already ended.
func ignoreDone(err error) error {
	if errors.Is(err, os.ErrProcessDone) {
		return nil
	}
	return err
}
