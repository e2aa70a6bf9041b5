package interop

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/ntstatus"
)

// canary is a file of the target that only a relay that works can name.
const canary = "canary-7f31.txt"

// loot is what a relay got out of one sign-in.
type loot struct {
	dialect smb2.Dialect // at which the target took the relayed sign-in for the victim's; 0: it did not
	shares  []string
	files   []string
	made    bool // it made a file
}

func (l *loot) String() string {
	return fmt.Sprintf("sign-in accepted at %v, %d shares, %d files, file made %v", l.dialect, len(l.shares), len(l.files), l.made)
}

// victim is a client that somebody has lured to a relay.
type victim struct {
	name   string
	signIn func(ctx context.Context, t *testing.T, user, host, port string) *exec.Cmd
}

var victims = []victim{
	{"smbclient", func(ctx context.Context, t *testing.T, user, host, port string) *exec.Cmd {
		return exec.CommandContext(ctx, "smbclient", "//"+host+"/"+shareName, "--port="+port, "--user="+user+"%"+password,
			"--configfile="+privateConfig(t), "--use-kerberos=off", "--timeout=300", "--command=ls")
	}},
	{"impacket", func(ctx context.Context, _ *testing.T, user, host, port string) *exec.Cmd {
		const script = "import sys; from impacket.smbconnection import SMBConnection as C; c = C(sys.argv[1], sys.argv[1], sess_port=int(sys.argv[2])); c.login(sys.argv[3], sys.stdin.read())"
		cmd := exec.CommandContext(ctx, systemPython, "-c", script, host, port, user)
		cmd.Stdin = strings.NewReader(password)
		return cmd
	}},
}

// relayScript is the script that everybody has, as Debian ships it.
const relayScript = "/usr/share/doc/python3-impacket/examples/ntlmrelayx.py"

// relayProcess is a running ntlmrelayx.py.
type relayProcess struct {
	host, port string // where it waits for victims
	shell      string // where it lets its owner in
	said       syncBuffer
	ended      <-chan struct{} // closed when it has
}

// startRelay runs ntlmrelayx.py against target until the test ends.
func startRelay(t *testing.T, target *server) *relayProcess {
	t.Helper()
	r := &relayProcess{host: "127.0.0.1", port: freePort(t)}
	shell := freePort(t)
	r.shell = net.JoinHostPort(r.host, shell)
	runner, err := filepath.Abs("testdata/run_ntlmrelayx.py")
	must(t, err)
	cmd := exec.Command(systemPython, "-u", runner, shell, relayScript, "-smb2support", "-i",
		"-t", "smb://"+net.JoinHostPort(target.host, target.port), "-ip", r.host, "--smb-port", r.port,
		"--no-http-server", "--no-wcf-server", "--no-raw-server")
	cmd.Dir = t.TempDir() // where it leaves what it takes
	cmd.Stdout, cmd.Stderr = &r.said, &r.said
	stdin, err := cmd.StdinPipe() // it ends with its input
	must(t, err)
	must(t, cmd.Start())
	ended := make(chan struct{})
	r.ended = ended
	go func() {
		_ = cmd.Wait() // killed below, or ended before its time
		close(ended)
	}()
	t.Cleanup(func() {
		stdin.Close()
		must(t, ignoreDone(cmd.Process.Kill())) // a shell that waits would not let it
		<-ended
		if t.Failed() {
			t.Logf("ntlmrelayx.py wrote:\n%s", r.said.String())
		}
	})
	dialUntilReady(t, net.JoinHostPort(r.host, r.port), r).Close()
	return r
}

// freePort returns a port of loopback that nobody listens on.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	must(t, err)
	return port
}

// dialUntilReady connects to an address on which r is about to listen.
func dialUntilReady(t *testing.T, address string, r *relayProcess) net.Conn {
	t.Helper()
	for start := time.Now(); time.Since(start) < patience; {
		if nc, err := net.Dial("tcp", address); err == nil {
			return nc
		}
		select {
		case <-r.ended:
			t.Fatalf("ntlmrelayx.py ended:\n%s", r.said.String())
		case <-time.After(20 * time.Millisecond):
		}
	}
	t.Fatalf("ntlmrelayx.py does not listen on %s after %v:\n%s", address, patience, r.said.String())
	return nil
}

// succeeded waits until the relay says what became of the sign-in that it got,
// and reports whether target took it.
func (r *relayProcess) succeeded(t *testing.T) bool {
	t.Helper()
	for start := time.Now(); time.Since(start) < patience; time.Sleep(20 * time.Millisecond) {
		switch log := r.said.String(); {
		case strings.Contains(log, "SUCCEED"):
			return true
		case strings.Contains(log, "FAILED"), strings.Contains(log, "attack won't work"):
			return false
		}
	}
	t.Fatalf("the victim never got as far as to sign in:\n%s", r.said.String())
	return false
}

// relay lets v sign in to ntlmrelayx.py, which signs in to target with what it
// gets, and then tries in its shell what that is good for.
func relay(t *testing.T, v victim, user string, target *server) (got loot) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	r := startRelay(t, target)
	// The victim is disappointed one way or the other.
	out, _ := v.signIn(ctx, t, user, r.host, r.port).CombinedOutput()
	if ctx.Err() != nil {
		t.Fatalf("%s hangs:\n%s\nntlmrelayx.py wrote:\n%s", v.name, out, r.said.String())
	}
	if !r.succeeded(t) {
		return got
	}
	shell := newRelayShell(t, dialUntilReady(t, r.shell, r))
	for line := range strings.Lines(shell.run(t, "shares")) {
		got.shares = append(got.shares, strings.TrimSpace(line))
	}
	shell.run(t, "use "+shareName)
	for line := range strings.Lines(shell.run(t, "ls")) {
		if f := strings.Fields(line); len(f) > 0 {
			got.files = append(got.files, f[len(f)-1])
		}
	}
	loot := filepath.Join(t.TempDir(), relayed)
	must(t, os.WriteFile(loot, []byte("relayed"), 0o644))
	shell.run(t, "put "+loot)
	if _, err := os.Stat(filepath.Join(target.share, relayed)); err == nil {
		got.made = true
	}
	return got
}

// relayed is the file that a relay makes if it can.
const relayed = "relayed.txt"

// relayShell is the connection to ntlmrelayx.py's shell.
type relayShell struct {
	nc net.Conn
	r  *bufio.Reader
}

// relayPrompt is what the shell writes when it is ready.
const relayPrompt = "# "

func newRelayShell(t *testing.T, nc net.Conn) *relayShell {
	t.Helper()
	s := &relayShell{nc, bufio.NewReader(nc)}
	t.Cleanup(func() { nc.Close() })
	s.answer(t)
	return s
}

// run gives the shell one command, and returns what it printed: nothing if the
// command failed.
func (s *relayShell) run(t *testing.T, command string) string {
	t.Helper()
	_, err := fmt.Fprintln(s.nc, command)
	must(t, err)
	return s.answer(t)
}

// answer reads up to the next prompt.
func (s *relayShell) answer(t *testing.T) string {
	t.Helper()
	must(t, s.nc.SetReadDeadline(time.Now().Add(patience)))
	var text strings.Builder
	for !strings.HasSuffix("\n"+text.String(), "\n"+relayPrompt) {
		b, err := s.r.ReadByte()
		if err != nil {
			t.Fatalf("the shell ended after %q: %v", text.String(), err)
		}
		text.WriteByte(b)
	}
	return strings.TrimSuffix(text.String(), relayPrompt)
}

// coaxed is a wire on which a target seems not to require signing, and to know
// no dialect but one: ntlmrelayx gives up where signing is required, and prefers
// what it prefers.
type coaxed struct {
	*capture
	mu       sync.Mutex
	dialect  smb2.Dialect // what NEGOTIATE settled
	accepted smb2.Dialect // ... when a sign-in succeeded; 0: none did
}

func coax(t *testing.T, target *server, dialect smb2.Dialect) (*coaxed, *server) {
	t.Helper()
	c := &coaxed{capture: startCapture(t, target)}
	c.alter = func(fromClient bool, msg []byte) {
		h, err := smb2.DecodeHeader(msg)
		if err != nil {
			return
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		body := msg[smb2.HeaderSize:]
		switch {
		case h.Command == smb2.CommandNegotiate && fromClient:
			body[2], body[3] = 1, 0 // DialectCount
			body[36], body[37] = byte(dialect), byte(dialect>>8)
		case h.Command == smb2.CommandNegotiate:
			body[2] = byte(smb2.SigningEnabled) // SecurityMode
			c.dialect = smb2.Dialect(body[4]) | smb2.Dialect(body[5])<<8
		case h.Command == smb2.CommandSessionSetup && !fromClient && h.Status == ntstatus.Success:
			c.accepted = c.dialect
		}
	}
	return c, c.behind(t, target)
}

// TestRelayedSignInGivesNothing relays sign-ins to the server with the stock
// ntlmrelayx.py, at every dialect that it knows. The control is smbd where
// signing is possible and not required: there the same relay reads and writes
// files.
func TestRelayedSignInGivesNothing(t *testing.T) {
	need(t, "smbclient")
	impacketAt{}.need(t)
	if _, err := os.Stat(relayScript); err != nil {
		missing(t, relayScript)
	}
	needSmbd(t)
	signet := startServer(t)
	must(t, os.WriteFile(filepath.Join(signet.share, canary), []byte("secret"), 0o644))
	folder := filepath.Join(publicDir(t), "share")
	must(t, os.Mkdir(folder, 0o755))
	uid, gid := nobody(t)
	must(t, os.Chown(folder, uid, gid))
	must(t, os.WriteFile(filepath.Join(folder, canary), []byte("secret"), 0o644))
	smbd, _ := startSmbd(t, folder, "server signing = auto")

	dialects := []smb2.Dialect{smb2.Dialect202, smb2.Dialect210, smb2.Dialect300}
	for _, v := range victims {
		for _, d := range dialects {
			if v.name == "impacket" && d != smb2.Dialect300 {
				continue // the relay shows every victim the same face
			}
			t.Run(v.name+" at "+d.String(), func(t *testing.T) {
				got := relayCoaxed(t, v, account, signet, d)
				t.Logf("signet: %v", &got)
				expectNoLoot(t, signet, got)
				if got.dialect != d {
					t.Errorf("the relay signed in at %v, want %v", got.dialect, d)
				}

				got = relayCoaxed(t, v, "nobody", smbd, d)
				t.Logf("smbd:   %v", &got)
				if !slices.Contains(got.shares, shareName) || !slices.Contains(got.files, canary) || !got.made {
					t.Errorf("the relay is not able to attack at all: it got shares %q, files %q from smbd, made a file: %v", got.shares, got.files, got.made)
				}
				_ = os.Remove(filepath.Join(folder, relayed)) // missed above
			})
		}
	}
	t.Run("without coaxing", func(t *testing.T) {
		got := relay(t, victims[0], account, signet)
		t.Logf("signet: %v", &got)
		expectNoLoot(t, signet, got)
		got = relay(t, victims[0], "nobody", smbd)
		t.Logf("smbd:   %v", &got)
		if !slices.Contains(got.files, canary) || !got.made {
			t.Errorf("the relay is not able to attack at all: it got files %q from smbd, made a file: %v", got.files, got.made)
		}
	})
	signet.expectNobodySignedIn(t)
}

// relayCoaxed is relay over a wire made by coax.
func relayCoaxed(t *testing.T, v victim, user string, target *server, d smb2.Dialect) (got loot) {
	t.Helper()
	c, behind := coax(t, target, d)
	t.Run("against "+net.JoinHostPort(target.host, target.port), func(t *testing.T) { got = relay(t, v, user, behind) })
	c.stop()
	got.dialect = c.accepted
	return got
}

// expectNoLoot checks that a relay saw no share and no file, and made none.
func expectNoLoot(t *testing.T, s *server, got loot) {
	t.Helper()
	if len(got.shares) > 0 || len(got.files) > 0 || got.made {
		t.Errorf("the relay got shares %q, files %q, made a file: %v", got.shares, got.files, got.made)
	}
	if left := readTree(t, s.share); len(left) != 1 {
		t.Errorf("the share holds %v, want %s alone", left, canary)
	}
}

// syncBuffer is a buffer that may be read while a process writes to it.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

var _ io.Writer = (*syncBuffer)(nil)

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}
