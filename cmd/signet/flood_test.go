//go:build linux

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/signet-smb/signet/admin"
	"github.com/signet-smb/signet/internal/invariants"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/internal/smbtest"
	"github.com/signet-smb/signet/ntstatus"
)

// These tests let other processes, at other addresses than the good client's,
// attack the program as it is shipped. What they measure they print.

// shipped is the path of the program, built without race detector and
// invariants: its memory and its pace are what is measured.
var shipped = sync.OnceValues(func() (string, error) {
	exe, err := testBinary()
	if err != nil {
		return "", err
	}
	path := filepath.Join(filepath.Dir(exe), "signet") // goes with the test binary
	build := exec.Command("go", "build", "-o", path, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build: %w\n%s", err, out)
	}
	return path, nil
})

// victim is the shipped program, serving.
type victim struct {
	*background
	dir, addr string
}

// serveShipped starts the shipped program with an account ann.
func serveShipped(t *testing.T) *victim {
	t.Helper()
	return serveShippedBy(t)
}

// serveShippedBy starts the shipped program with an account ann, by a program
// that is given the command line behind its own arguments.
func serveShippedBy(t *testing.T, by ...string) *victim {
	t.Helper()
	bin, err := shipped()
	if err != nil {
		t.Fatal(err)
	}
	dir := workDir(t, nobody)
	mkdir(t, dir, "pub")
	args := []string{"serve", "pub", "--state", "state", "--user", "ann", "--listen", "127.0.0.1:0"}
	cmd := signet(t, dir, nobody, []string{"SIGNET_PASSWORD=tulip-raven-4817"}, args...)
	cmd.Path = bin
	if len(by) > 0 {
		cmd.Path = by[0]
		cmd.Args = slices.Concat(by, []string{bin}, args)
	}
	b := start(t, cmd)
	b.serving(t, filepath.Join(dir, "state"))
	return &victim{b, dir, status(t, dir, nobody).Listen[0]}
}

// connections returns how many connections the server holds.
func (v *victim) connections(t *testing.T) int {
	t.Helper()
	var list struct{ Connections []admin.Connection }
	r := run(t, signet(t, v.dir, nobody, nil, "connection", "list", "--state", "state", "--json"))
	if err := json.Unmarshal([]byte(r.stdout), &list); err != nil {
		t.Fatalf("connection list: %v\n%.1000s%s", err, r.stdout, r.stderr)
	}
	return len(list.Connections)
}

// attacker is a process that floods a server until it is stopped.
type attacker struct {
	stdin io.Closer
	done  chan string // what it printed last
}

// attack starts an attacker of a kind of floods, from the address from, and
// waits until n connections were made. It is stopped with the test.
func attack(t *testing.T, kind, addr, from string, n int) *attacker {
	t.Helper()
	cmd := signet(t, t.TempDir(), 0, nil, kind, addr, from, strconv.Itoa(n))
	cmd.Env[0] = "SIGNET_TEST_MAIN=flood"
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(stdout)
	line, err := lines.ReadString('\n')
	a := &attacker{stdin: stdin, done: make(chan string, 1)}
	go func() {
		last, _ := io.ReadAll(lines)
		_ = cmd.Wait()
		a.done <- string(last)
	}()
	t.Cleanup(func() { a.stop() })
	if err != nil {
		t.Fatalf("attacker %s: %v", kind, err)
	}
	t.Logf("attacker %s: %s", kind, strings.TrimSpace(line))
	return a
}

// stop ends the attacker.
func (a *attacker) stop() {
	a.stdin.Close()
	a.done <- <-a.done
}

// floods are the kinds of attack: each makes the n-th connection, and leaves
// nc as it is to stay. An error means that the server has closed it.
var floods = map[string]func(n int, nc net.Conn) error{
	// Says NEGOTIATE and no more.
	"half-open": func(_ int, nc net.Conn) error {
		return inProcess(func(tb testing.TB) { smbtest.NewPeer(tb, nc).Negotiate() })
	},
	// Sends a NEGOTIATE byte by byte.
	"slow-byte": func(_ int, nc net.Conn) error {
		_, err := nc.Write([]byte{0})
		go func() {
			for b := range slices.Values(append([]byte{0, 0, 200}, make([]byte, 200)...)) {
				<-time.After(100 * time.Millisecond)
				if _, err := nc.Write([]byte{b}); err != nil {
					return
				}
			}
		}()
		return err
	},
	// Announces as much as it may, or more, and sends a little of it.
	"announce": func(n int, nc net.Conn) error {
		_, err := nc.Write([][]byte{
			{0, 0x80, 0, 0}, {0, 1, 0x10, 0}, append([]byte{0, 1, 0x10, 0}, make([]byte, 4000)...),
		}[n%3])
		return err
	},
	// The same after it has signed in.
	"announce-signed-in": func(n int, nc net.Conn) error {
		if err := inProcess(func(tb testing.TB) { enter(tb, nc) }); err != nil {
			return err
		}
		_, err := nc.Write(append([]byte{0, 0x80, 0, 0}, make([]byte, n%3*2000)...))
		return err
	},
	// Asks for as much as it may and reads none of it.
	"never-read": func(_ int, nc net.Conn) error {
		return inProcess(func(tb testing.TB) {
			p := enter(tb, nc)
			p.Exchange(smbtest.Element{Message: &smb2.EchoRequest{}, Header: func(h *smb2.Header) { h.Credits = 8000 }})
			id := p.Open("big")
			p.Write(id, 1<<20-1, "x")
			for range 64 {
				if !p.TrySend(p.Encode(smbtest.Element{Message: &smb2.ReadRequest{FileID: id, Length: 1 << 20}, Header: func(h *smb2.Header) {
					h.CreditCharge = 16
					p.NextMessageID += 15
				}})) {
					return
				}
			}
		})
	},
}

// flood is the attackers' main: KIND ADDR FROM N. It makes connections until N
// were tried, says so, and keeps those that the server leaves it. Of kinds
// that need no account it goes on making new ones. It ends with its input.
func flood(args []string) int {
	kind, addr, from := args[0], args[1], args[2]
	n, _ := strconv.Atoi(args[3])
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}, Timeout: 10 * time.Second}
	kept := make(chan net.Conn, n)
	var tried, failed atomic.Int64
	try := func() {
		i := int(tried.Add(1))
		nc, err := dialer.Dial("tcp", addr)
		if err == nil {
			err = floods[kind](i, nc)
		}
		if err != nil {
			failed.Add(1)
			if nc != nil {
				nc.Close()
			}
			return
		}
		select {
		case kept <- nc:
		default:
			(<-kept).Close()
			kept <- nc
		}
	}
	var wg sync.WaitGroup
	started := time.Now()
	for range 16 {
		wg.Go(func() {
			for range n / 16 {
				try()
			}
		})
	}
	wg.Wait()
	fmt.Printf("%d connections from %s in %v, %d closed at once\n", tried.Load(), from, time.Since(started).Round(time.Millisecond), failed.Load())
	if kind == "half-open" || kind == "slow-byte" {
		go func() {
			for range time.Tick(2 * time.Millisecond) {
				try()
			}
		}()
	}
	io.Copy(io.Discard, os.Stdin)
	return 0
}

// inProcess runs f, which does what only tests may, and returns the failure.
func inProcess(f func(testing.TB)) (err error) {
	done := make(chan struct{})
	tb := &lone{}
	go func() {
		defer close(done)
		f(tb)
	}()
	<-done
	return tb.err
}

// lone is a test of its own, outside of any: a failure ends its goroutine.
// Clean-ups never run, for connections are to stay.
type lone struct {
	testing.TB
	err error
}

func (l *lone) Helper()                  {}
func (l *lone) Cleanup(func())           {}
func (l *lone) Context() context.Context { return context.Background() }
func (l *lone) Fatal(args ...any)        { l.fail(fmt.Sprint(args...)) }
func (l *lone) Fatalf(f string, args ...any) {
	l.fail(fmt.Sprintf(f, args...))
}

func (l *lone) fail(why string) {
	l.err = fmt.Errorf("%s", why)
	runtime.Goexit()
}

// enter signs in on nc and connects to the share.
func enter(tb testing.TB, nc net.Conn) *smbtest.Peer {
	p := smbtest.NewPeer(tb, nc)
	p.Negotiate()
	if r := p.SessionSetup(smbtest.InitiatorFor("ann", "tulip-raven-4817")); r.Header.Status != ntstatus.Success {
		tb.Fatalf("log-on: %v", r.Header.Status)
	}
	if r := p.TreeConnect("pub"); r.Header.Status != ntstatus.Success {
		tb.Fatalf("tree connect: %v", r.Header.Status)
	}
	return p
}

// goodLogin signs in as a good client does and returns the time it took, at
// most of n tries.
func goodLogin(t *testing.T, addr string, n int) (longest time.Duration) {
	t.Helper()
	for range n {
		started := time.Now()
		nc, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		p := enter(t, nc)
		longest = max(longest, time.Since(started))
		p.Close()
	}
	return longest
}

// rss returns how much memory of the process is resident, in bytes.
func (v *victim) rss(t *testing.T) int {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", v.cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kib, err := strconv.Atoi(strings.Fields(rest)[0])
			if err != nil {
				t.Fatal(err)
			}
			return kib << 10
		}
	}
	t.Fatal("the kernel tells nothing of the memory")
	return 0
}

// openFiles is the hard limit on open files, a quarter of which the server
// gives to connections: where it is low, the server refuses some of a flood.
func openFiles(t *testing.T) uint64 {
	t.Helper()
	var l syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &l); err != nil {
		t.Fatal(err)
	}
	return l.Max
}

func TestGoodClientSignsInWhileOthersHoldConnectionsHalfOpen(t *testing.T) {
	v := serveShipped(t)
	started := time.Now()
	quiet := goodLogin(t, v.addr, 5)
	before := v.rss(t)
	for i := range 4 {
		attack(t, "half-open", v.addr, fmt.Sprintf("127.0.0.%d", 2+i), halfOpen/4)
	}
	attack(t, "slow-byte", v.addr, "127.0.0.6", slowByte)
	longest := goodLogin(t, v.addr, 10)
	grown := v.rss(t) - before
	t.Logf("%d half-open and %d slow-byte connections, of which the server holds %d (%d open files allowed): the longest of 10 log-ons took %v (%v when it was quiet); the server grew by %d MiB to %d MiB",
		halfOpen, slowByte, v.connections(t), openFiles(t), longest, quiet, grown>>20, v.rss(t)>>20)
	if longest > loginWithin {
		t.Errorf("the good client signed in after %v, want at most %v", longest, loginWithin)
	}
	if grown > 200<<20 {
		t.Errorf("the server grew by %d MiB, want less than 200", grown>>20)
	}
	v.signal(t, syscall.SIGTERM)
	log := v.wait(t).stderr
	// Ten log-ons, and of each of five attackers a line of each kind a minute.
	lines, most := strings.Count(log, "\n"), 60*(1+int(time.Since(started)/time.Minute))
	t.Logf("%d lines were logged", lines)
	if lines > most || !strings.Contains(log, `"what":"connection closed by the server"`) {
		t.Errorf("want at most %d, and one that counts the connections that were closed:\n%.5000s", most, log)
	}
}

// TestAnnouncedFramesTakeNoMemory measures what is resident. Memory that was
// taken and not touched is not; that little is taken is the business of
// TestThriftyOwnerLendsLittleMoreThanHasArrived.
func TestAnnouncedFramesTakeNoMemory(t *testing.T) {
	for _, c := range []struct {
		kind  string
		count int
	}{{"announce", announced}, {"announce-signed-in", announcedSignedIn}} {
		t.Run(c.kind, func(t *testing.T) {
			v := serveShipped(t)
			goodLogin(t, v.addr, 5)
			before := v.rss(t)
			// Each of the addresses has less than the sixteenth of all
			// connections that it may have when they become rare.
			const addresses = 24
			for i := range addresses {
				attack(t, c.kind, v.addr, fmt.Sprintf("127.0.0.%d", 2+i), c.count/addresses)
			}
			longest, after := goodLogin(t, v.addr, 10), v.rss(t)
			t.Logf("%d connections that announce up to 8 MiB, of which the server holds %d (%d open files allowed): it grew by %d MiB to %d MiB; the longest of 10 log-ons took %v",
				c.count, v.connections(t), openFiles(t), (after-before)>>20, after>>20, longest)
			if after-before > 200<<20 {
				t.Errorf("the server grew by %d MiB, want less than 200", (after-before)>>20)
			}
			if longest > loginWithin {
				t.Errorf("the good client signed in after %v, want at most %v", longest, loginWithin)
			}
		})
	}
}

// latency returns the 99th percentile of the times that ECHO and READ of 64
// KiB took.
func latency(t *testing.T, p *smbtest.Peer, id smb2.FileID) (echo, read time.Duration) {
	t.Helper()
	const n = 1000
	var times [2][]time.Duration
	for range n {
		for i, f := range []func(){
			func() { p.MustDo(&smb2.EchoRequest{}, nil) },
			func() { p.Read(id, 0, 64<<10) },
		} {
			started := time.Now()
			f()
			times[i] = append(times[i], time.Since(started))
		}
	}
	for i := range times {
		slices.Sort(times[i])
	}
	return times[0][n*99/100], times[1][n*99/100]
}

func TestClientsThatNeverReadDoNotSlowDownOthers(t *testing.T) {
	v := serveShipped(t)
	nc, err := net.Dial("tcp", v.addr)
	if err != nil {
		t.Fatal(err)
	}
	p := enter(t, nc)
	id := p.Open("small")
	p.Write(id, 64<<10-1, "x")
	latency(t, p, id) // warm
	echo, read := latency(t, p, id)
	before := v.rss(t)
	crowd := attack(t, "never-read", v.addr, "127.0.0.2", neverRead)
	busyEcho, busyRead := latency(t, p, id)
	grown := v.rss(t) - before
	crowd.stop()
	laterEcho, laterRead := latency(t, p, id)
	t.Logf("p99 of 1000: ECHO %v, READ of 64 KiB %v; beside %d clients that never read %v and %v; after them %v and %v; the server grew by %d MiB",
		echo, read, neverRead, busyEcho, busyRead, laterEcho, laterRead, grown>>20)
	// The machine has other work, so only what hangs is told apart.
	if bound := max(20*max(echo, read), 20*max(laterEcho, laterRead), readWithin); max(busyEcho, busyRead) > bound {
		t.Errorf("beside clients that never read, p99 is %v and %v, want less than %v", busyEcho, busyRead, bound)
	}
	if invariants.Enabled {
		t.Log("this end runs with the race detector or invariants: its part of the times is larger than usual")
	}
}
