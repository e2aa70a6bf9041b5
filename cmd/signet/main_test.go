//go:build linux

package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/signet-smb/signet/admin"
	"github.com/signet-smb/signet/policy"
	"github.com/signet-smb/signet/server"
)

// TestMain lets the test binary be signet itself: with a server that speaks no
// SMB where the command line around it is tested, or with the real one.
func TestMain(m *testing.M) {
	a := &app{stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, patience: patience}
	if text := os.Getenv("SIGNET_TEST_PATIENCE"); text != "" {
		a.patience, _ = time.ParseDuration(text)
	}
	// The machine's own policy is none of these tests' business.
	a.machinePolicy, a.machineOwner = cmp.Or(os.Getenv("SIGNET_TEST_MACHINE"), "/nonexistent/client.yaml"), os.Geteuid()
	switch os.Getenv("SIGNET_TEST_MAIN") {
	case "signet":
		a.newServer = newHoldingServer
		os.Exit(a.run(os.Args[1:]))
	case "signet-smb":
		a.newServer = newServer
		os.Exit(a.run(os.Args[1:]))
	case "flood":
		os.Exit(flood(os.Args[1:]))
	case "harden":
		os.Exit(checkHardened())
	}
	syscall.Umask(0o022) // other users read what these tests make
	os.Exit(m.Run())
}

// patience is how long these tests wait for what should come at once: it counts
// only when it never comes.
const patience = time.Minute

// holdingServer takes each open connection for a request in progress.
type holdingServer struct {
	mu        sync.Mutex
	closed    bool // also to those that Serve has not seen yet
	listeners []net.Listener
	conns     map[net.Conn]struct{}
	busy      sync.WaitGroup
}

func newHoldingServer(serverConfig) (smbServer, error) {
	return &holdingServer{conns: map[net.Conn]struct{}{}}, nil
}

func (s *holdingServer) Serve(l net.Listener) error {
	s.mu.Lock()
	s.listeners = append(s.listeners, l)
	if s.closed {
		l.Close()
	}
	s.mu.Unlock()
	for {
		conn, err := l.Accept()
		if errors.Is(err, net.ErrClosed) {
			return nil
		}
		if err != nil {
			return err
		}
		s.mu.Lock()
		s.conns[conn] = struct{}{}
		s.mu.Unlock()
		s.busy.Go(func() {
			io.WriteString(conn, "held\n")
			io.Copy(io.Discard, conn)
			conn.Close()
			s.mu.Lock()
			delete(s.conns, conn)
			s.mu.Unlock()
		})
	}
}

func (s *holdingServer) Shutdown(ctx context.Context) error {
	s.mu.Lock()
	s.closed = true
	for _, l := range s.listeners {
		l.Close()
	}
	s.mu.Unlock()
	done := make(chan struct{})
	go func() { s.busy.Wait(); close(done) }()
	select {
	case <-done:
	case <-ctx.Done():
		s.mu.Lock()
		for conn := range s.conns {
			conn.Close()
		}
		s.mu.Unlock()
		<-done
	}
	return ctx.Err()
}

func (s *holdingServer) Sessions() []admin.Session {
	s.mu.Lock()
	defer s.mu.Unlock()
	var sessions []admin.Session
	for range s.conns {
		sessions = append(sessions, admin.Session{
			SessionID: admin.SessionID(len(sessions) + 1), ClientComputerName: "\x1b[31mevil", ClientUserName: "ann", Dialect: "3.1.1",
		})
	}
	return sessions
}

func (s *holdingServer) Connections() []admin.Connection { return nil }

func (s *holdingServer) SetShares([]shareSpec) error { return nil }

func (s *holdingServer) Noncomplying(*policy.Snapshot, time.Time) []admin.SessionID { return nil }

func (s *holdingServer) Metrics() server.Metrics { return server.Metrics{} }

func (s *holdingServer) Serves(string) bool { return true }

func (s *holdingServer) ShareUses(string) uint32 { return 0 }

func (s *holdingServer) OpenFiles() []admin.OpenFile { return nil }

func (s *holdingServer) CloseSession(admin.SessionID) error { return fs.ErrNotExist }

func (s *holdingServer) CloseOpenFile(admin.FileID) error { return fs.ErrNotExist }

// nobody is the user that commands run as when the tests run as root.
const nobody = 65534

// workDir returns a directory of its own for a test, that uid may enter and
// change.
func workDir(t *testing.T, uid int) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "signet")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if os.Geteuid() == 0 {
		if err := os.Chown(dir, uid, uid); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// testBinary returns a copy of this test binary that every user may run.
var testBinary = sync.OnceValues(func() (string, error) {
	exe, err := os.Executable()
	if err != nil {
		return "", err
	}
	if os.Geteuid() != 0 {
		return exe, nil
	}
	data, err := os.ReadFile(exe)
	if err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp(filepath.Dir(exe), "bin")
	if err != nil {
		return "", err
	}
	// The build directory is root's; what matters is that others may pass.
	for d := dir; len(d) > len(os.TempDir()); d = filepath.Dir(d) {
		if err := os.Chmod(d, 0o755); err != nil {
			return "", err
		}
	}
	path := filepath.Join(dir, "signet.test")
	return path, os.WriteFile(path, data, 0o755)
})

// signet returns the command that runs signet with these arguments in dir, as
// uid if the tests run as root, with nothing in the environment but env. A
// server that is not told where to be administered over TCP, is not: many run
// at a time, and there is one usual port.
func signet(t *testing.T, dir string, uid int, env []string, args ...string) *exec.Cmd {
	t.Helper()
	if slices.Contains(args, "serve") && !slices.Contains(args, "--admin") {
		args = append(slices.Clip(args), "--admin", "off")
	}
	exe, err := testBinary()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), exe, args...)
	cmd.Dir = dir
	// The race detector would wait a second at each exit.
	cmd.Env = append([]string{"SIGNET_TEST_MAIN=signet", "GORACE=atexit_sleep_ms=0", "HOME=" + dir, "PATH=" + os.Getenv("PATH")}, env...)
	if os.Geteuid() == 0 && uid != 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(uid)}}
	}
	return cmd
}

// result is how a command ended.
type result struct {
	stdout, stderr string
	code           int
}

// run runs the command to its end.
func run(t *testing.T, cmd *exec.Cmd) result {
	t.Helper()
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	if _, ok := errors.AsType[*exec.ExitError](err); err != nil && !ok {
		t.Fatal(err)
	}
	return result{stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()}
}

// background is a command that runs while the test goes on.
type background struct {
	cmd            *exec.Cmd
	stdout, stderr bytes.Buffer // to be read once done is closed
	done           chan struct{}
}

// start starts the command; it is killed with the test if it still runs.
func start(t *testing.T, cmd *exec.Cmd) *background {
	t.Helper()
	b := &background{cmd: cmd, done: make(chan struct{})}
	if cmd.Stdout == nil {
		cmd.Stdout = &b.stdout
	}
	if cmd.Stderr == nil {
		cmd.Stderr = &b.stderr
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		cmd.Wait()
		close(b.done)
	}()
	t.Cleanup(func() {
		cmd.Process.Kill()
		<-b.done
	})
	return b
}

// serving waits until the server answers on its socket.
func (b *background) serving(t *testing.T, state string) {
	t.Helper()
	deadline := time.After(patience)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		if answers(filepath.Join(state, "signet.sock")) {
			return
		}
		select {
		case <-tick.C:
		case <-b.done:
			t.Fatalf("signet %s ended:\n%s%s", strings.Join(b.cmd.Args[1:], " "), b.stdout.String(), b.stderr.String())
		case <-deadline:
			t.Fatal("signet does not answer on its socket after a minute")
		}
	}
}

// answers reports whether a server answers a request on the socket: a
// connection alone is the kernel's doing.
func answers(socket string) bool {
	conn, err := net.Dial("unix", socket)
	if err != nil {
		return false
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(patience))
	io.WriteString(conn, "GET /api/v1/status HTTP/1.1\r\nHost: signet\r\nConnection: close\r\n\r\n")
	n, _ := conn.Read(make([]byte, 1))
	return n == 1
}

// wait waits for the end.
func (b *background) wait(t *testing.T) result {
	t.Helper()
	select {
	case <-b.done:
	case <-time.After(patience):
		t.Fatal("signet has not ended after a minute")
	}
	return result{b.stdout.String(), b.stderr.String(), b.cmd.ProcessState.ExitCode()}
}

func (b *background) signal(t *testing.T, sig syscall.Signal) {
	t.Helper()
	if err := b.cmd.Process.Signal(sig); err != nil {
		t.Fatal(err)
	}
}

// mkdir makes a folder that the user of the test owns.
func mkdir(t *testing.T, dir, name string) {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.Mkdir(path, 0o755); err != nil {
		t.Fatal(err)
	}
	if os.Geteuid() == 0 {
		var st unix.Stat_t
		if err := unix.Stat(dir, &st); err != nil {
			t.Fatal(err)
		}
		if err := os.Chown(path, int(st.Uid), int(st.Gid)); err != nil {
			t.Fatal(err)
		}
	}
}
