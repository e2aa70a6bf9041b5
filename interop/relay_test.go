package interop

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
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
)

// canary is a file of the target that only a relay that works can name.
const canary = "canary-7f31.txt"

// loot is what a relay got out of one sign-in.
type loot struct {
	dialect string // at which the target took the relayed sign-in for the victim's; "": it did not
	shares  []string
	files   []string
	made    bool // it made a file
	refused []string
}

func (l *loot) String() string {
	return fmt.Sprintf("sign-in accepted at %q, %d shares, %d files, file made %v, refused %q", l.dialect, len(l.shares), len(l.files), l.made, l.refused)
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

// relay lets v sign in to impacket's ntlmrelayx, which signs in to target with
// what it gets, and returns what that was good for.
func relay(t *testing.T, v victim, user string, target *server) (got loot) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	host, port, err := net.SplitHostPort(l.Addr().String())
	must(t, err)
	must(t, l.Close())

	cmd := exec.CommandContext(ctx, systemPython, "testdata/ntlm_relay.py", port, target.host, target.port, shareName)
	var said syncBuffer
	cmd.Stderr = &said
	stdin, err := cmd.StdinPipe()
	must(t, err)
	stdout, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	defer func() {
		stdin.Close()
		_ = cmd.Wait() // its threads may end it anyhow
		if t.Failed() {
			t.Logf("the relay wrote:\n%s", said.String())
		}
	}()
	steps := bufio.NewScanner(stdout)
	if !steps.Scan() {
		t.Fatalf("the relay did not start: %v\n%s", steps.Err(), said.String())
	}
	for ; ; time.Sleep(20 * time.Millisecond) {
		if nc, err := net.Dial("tcp", net.JoinHostPort(host, port)); err == nil {
			must(t, nc.Close())
			break
		} else if ctx.Err() != nil {
			t.Fatalf("the relay does not listen: %v\n%s", err, said.String())
		}
	}
	// The victim is disappointed one way or the other.
	out, _ := v.signIn(ctx, t, user, host, port).CombinedOutput()
	if ctx.Err() != nil {
		t.Fatalf("%s hangs:\n%s", v.name, out)
	}
	// What the relay wrote before it answered may come a moment later.
	log := said.String()
	for ; !strings.Contains(log, "SUCCEED") && !strings.Contains(log, "FAILED"); log = said.String() {
		if ctx.Err() != nil {
			t.Fatalf("%s never got as far as to sign in:\n%s\nthe relay wrote:\n%s", v.name, out, log)
		}
		time.Sleep(20 * time.Millisecond)
	}
	if !strings.Contains(log, "SUCCEED") {
		return got
	}
	for steps.Scan() {
		var step struct {
			Accepted, Dialect, Share, File, Made, Refused, Reason string
			Done                                                  bool
		}
		must(t, json.Unmarshal(steps.Bytes(), &step))
		switch {
		case step.Done:
			return got
		case step.Accepted != "":
			got.dialect = step.Dialect
		case step.Share != "":
			got.shares = append(got.shares, step.Share)
		case step.File != "":
			got.files = append(got.files, step.File)
		case step.Made != "":
			got.made = true
		case step.Refused != "":
			got.refused = append(got.refused, step.Refused+": "+step.Reason)
		}
	}
	t.Fatalf("the relay ended early: %v", steps.Err())
	return got
}

// coax is a wire on which target seems not to require signing, and to know no
// dialect but one: ntlmrelayx gives up where signing is required, and prefers
// what it prefers.
func coax(t *testing.T, target *server, dialect smb2.Dialect) (*capture, *server) {
	t.Helper()
	c := startCapture(t, target)
	c.alter = func(fromClient bool, msg []byte) {
		h, err := smb2.DecodeHeader(msg)
		if err != nil || h.Command != smb2.CommandNegotiate {
			return
		}
		body := msg[smb2.HeaderSize:]
		if fromClient {
			body[2], body[3] = 1, 0 // DialectCount
			body[36], body[37] = byte(dialect), byte(dialect>>8)
		} else {
			body[2] = byte(smb2.SigningEnabled) // SecurityMode
		}
	}
	return c, c.behind(t, target)
}

// TestRelayedSignInGivesNothing relays sign-ins to the server at every dialect
// that impacket relays at. The control is smbd where signing is possible and
// not required: there the same relay reads and writes files.
func TestRelayedSignInGivesNothing(t *testing.T) {
	need(t, "smbclient")
	impacketAt{}.need(t)
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
				c, target := coax(t, signet, d)
				got := relay(t, v, account, target)
				c.stop()
				t.Logf("signet: %v", &got)
				expectNoLoot(t, signet, got)
				if want := fmt.Sprintf("0x%04x", uint16(d)); got.dialect != want {
					t.Errorf("the relay signed in at %q, want %s", got.dialect, want)
				}

				c, target = coax(t, smbd, d)
				got = relay(t, v, "nobody", target)
				c.stop()
				t.Logf("smbd:   %v", &got)
				made := filepath.Join(folder, "relayed")
				if _, err := os.Stat(made); err != nil || !slices.Contains(got.files, canary) || !got.made {
					t.Errorf("the relay is not able to attack at all: got nothing from smbd: %v", err)
				}
				_ = os.Remove(made) // missed above
			})
		}
	}
	t.Run("without coaxing", func(t *testing.T) {
		got := relay(t, victims[0], account, signet)
		t.Logf("signet: %v", &got)
		expectNoLoot(t, signet, got)
	})
	signet.expectNobodySignedIn(t)
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
