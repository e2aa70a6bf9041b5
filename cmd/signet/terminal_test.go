//go:build linux

package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// terminal is a person at a terminal: what signet printed there so far, and a
// keyboard.
type terminal struct {
	t      *testing.T
	master *os.File
	slave  *os.File

	mu      sync.Mutex
	printed bytes.Buffer
	changed chan struct{} // has an element when printed has grown
}

// newTerminal opens a pseudo-terminal. (ioctl_tty(2): unlock, then ask for its
// number.)
func newTerminal(t *testing.T) *terminal {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("no pseudo-terminals here: %v", err)
	}
	fd := int(master.Fd())
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	slave, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	term := &terminal{t: t, master: master, slave: slave, changed: make(chan struct{}, 1)}
	var reader sync.WaitGroup
	reader.Go(term.read)
	t.Cleanup(func() {
		slave.Close()
		reader.Wait() // the last writer is gone: read ends
		master.Close()
	})
	return term
}

func (term *terminal) read() {
	buf := make([]byte, 4096)
	for {
		n, err := term.master.Read(buf)
		term.mu.Lock()
		term.printed.Write(buf[:n])
		term.mu.Unlock()
		select {
		case term.changed <- struct{}{}:
		default:
		}
		if err != nil {
			return
		}
	}
}

// attach makes the terminal the command's controlling one and its standard
// input, output and error, unless the last goes elsewhere already.
func (term *terminal) attach(cmd *exec.Cmd) {
	cmd.Stdin, cmd.Stdout = term.slave, term.slave
	if cmd.Stderr == nil {
		cmd.Stderr = term.slave
	}
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Setsid = true
	cmd.SysProcAttr.Setctty = true
}

func (term *terminal) text() string {
	term.mu.Lock()
	defer term.mu.Unlock()
	return strings.ReplaceAll(term.printed.String(), "\r\n", "\n")
}

// all is text once everything that was printed up to now has come through: what
// a command printed last may come after its end.
func (term *terminal) all() string {
	term.t.Helper()
	const mark = "\x1e" // which nobody prints
	if _, err := term.slave.WriteString(mark); err != nil {
		term.t.Fatal(err)
	}
	term.waitFor(mark)
	return strings.ReplaceAll(term.text(), mark, "")
}

// waitFor waits until the terminal shows something that matches.
func (term *terminal) waitFor(pattern string) string {
	term.t.Helper()
	re := regexp.MustCompile(pattern)
	deadline := time.After(patience)
	for {
		if m := re.FindString(term.text()); m != "" {
			return m
		}
		select {
		case <-term.changed:
		case <-deadline:
			term.t.Fatalf("after a minute the terminal does not show %q but\n%s", pattern, term.text())
		}
	}
}

// waitForEcho waits until the terminal shows what is typed, or does not.
func (term *terminal) waitForEcho(want bool) {
	term.t.Helper()
	deadline := time.After(patience)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		state, err := unix.IoctlGetTermios(int(term.slave.Fd()), unix.TCGETS)
		if err != nil {
			term.t.Fatal(err)
		}
		if state.Lflag&unix.ECHO != 0 == want {
			return
		}
		select {
		case <-tick.C:
		case <-deadline:
			term.t.Fatalf("after a minute echo is still %v", !want)
		}
	}
}

// answer types keys once the prompt is there and what is typed stays hidden.
func (term *terminal) answer(prompt, keys string) {
	term.t.Helper()
	term.waitFor(regexp.QuoteMeta(prompt))
	term.waitForEcho(false)
	term.typeIn(keys)
}

func (term *terminal) typeIn(keys string) {
	term.t.Helper()
	if _, err := term.master.WriteString(keys); err != nil {
		term.t.Fatal(err)
	}
}

func TestAPasswordIsMadeUpAndShownOnceAtATerminal(t *testing.T) {
	dir := workDir(t, nobody)
	state := filepath.Join(dir, "state")
	mkdir(t, dir, "pub")
	term := newTerminal(t)
	args := []string{"serve", "pub", "--state", "state", "--listen", "127.0.0.1:0"}
	cmd := signet(t, dir, nobody, nil, args...)
	var log bytes.Buffer
	cmd.Stderr = &log
	term.attach(cmd)
	b := start(t, cmd)
	made := term.waitFor(`password [a-z]{3,8}-[a-z]{3,8}-\d{4}-[a-z]{3,8} `)
	password := strings.Fields(made)[1]
	term.waitFor(`Stop     Ctrl-C\n`)
	b.serving(t, state)

	if got := strings.Count(term.text(), password); got != 1 {
		t.Errorf("the terminal shows the password %d times:\n%s", got, term.text())
	}
	for _, file := range []string{"cmdline", "environ"} {
		data, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", cmd.Process.Pid, file))
		if err == nil && bytes.Contains(data, []byte(password)) {
			t.Errorf("/proc shows the password in %s", file)
		}
	}
	term.typeIn("\x03") // Ctrl-C
	if r := b.wait(t); r.code != 0 || !strings.Contains(log.String(), "account created") || strings.Contains(log.String(), password) {
		t.Errorf("after Ctrl-C: exit %d, log:\n%s\nwant exit 0, and a log without %s", r.code, log.String(), password)
	}
	filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			if data, err := os.ReadFile(path); err != nil || bytes.Contains(data, []byte(password)) {
				t.Errorf("%s holds the password (%v)", path, err)
			}
		}
		return nil
	})

	// The next start finds the account and neither changes nor shows anything.
	again := newTerminal(t)
	cmd = signet(t, dir, nobody, nil, args...)
	again.attach(cmd)
	b = start(t, cmd)
	again.waitFor(`Stop     Ctrl-C\n`)
	b.signal(t, syscall.SIGTERM)
	b.wait(t)
	if text := again.all(); strings.Contains(text, "shown this once") {
		t.Errorf("the second start made a password again:\n%s", text)
	}
}

func TestAskedForPasswordIsNotEchoed(t *testing.T) {
	dir := workDir(t, nobody)
	mkdir(t, dir, "pub")
	term := newTerminal(t)
	cmd := signet(t, dir, nobody, nil, "serve", "pub", "--state", "state", "--user", "ann", "--listen", "127.0.0.1:0")
	term.attach(cmd)
	b := start(t, cmd)
	for _, prompt := range []string{"Password for ann: ", "Once more: "} {
		term.answer(prompt, "sesame-street\n")
	}
	term.waitFor(`Sign in  ann   with the password given`)
	term.waitFor(`Stop     Ctrl-C\n`)
	b.signal(t, syscall.SIGTERM)
	b.wait(t)
	if shown := term.all(); strings.Contains(shown, "sesame") {
		t.Errorf("the password was shown:\n%s", shown)
	}
}

func TestTwoDifferentAnswersAreRefused(t *testing.T) {
	dir := workDir(t, nobody)
	term := newTerminal(t)
	cmd := signet(t, dir, nobody, nil, "user", "add", "ann", "--state", "state")
	term.attach(cmd)
	b := start(t, cmd)
	term.answer("Password for ann: ", "one\n")
	term.answer("Once more: ", "two\n")
	term.waitFor("the two passwords differ")
	if r := b.wait(t); r.code != exitUsage {
		t.Errorf("exit %d, want 2", r.code)
	}
	if r := run(t, signet(t, dir, nobody, nil, "user", "list", "--state", "state")); r.stdout != "" {
		t.Errorf("an account was made: %q", r.stdout)
	}
}

func TestInterruptAtThePromptRestoresTheTerminal(t *testing.T) {
	dir := workDir(t, nobody)
	term := newTerminal(t)
	cmd := signet(t, dir, nobody, nil, "user", "add", "ann", "--state", "state")
	term.attach(cmd)
	b := start(t, cmd)
	term.answer("Password for ann: ", "\x03")
	if r := b.wait(t); r.code != exitInterrupted {
		t.Errorf("exit %d, want 130; stderr %q", r.code, r.stderr)
	}
	term.waitForEcho(true)
}

func TestAnEmptyAnswerMakesAPasswordForANewAccountOnly(t *testing.T) {
	dir := workDir(t, nobody)
	term := newTerminal(t)
	cmd := signet(t, dir, nobody, nil, "user", "add", "ann", "--state", "state")
	term.attach(cmd)
	b := start(t, cmd)
	term.answer("Password for ann: ", "\n")
	if r := b.wait(t); r.code != exitDone {
		t.Fatalf("user add: exit %d, %q", r.code, r.stderr)
	}
	term.waitFor(`password [a-z]+-[a-z]+-\d{4}-[a-z]+ `)

	again := newTerminal(t)
	cmd = signet(t, dir, nobody, nil, "user", "passwd", "ann", "--state", "state")
	again.attach(cmd)
	b = start(t, cmd)
	again.answer("New password for ann: ", "\n")
	if r := b.wait(t); r.code != exitUsage {
		t.Errorf("user passwd with an empty answer: exit %d, want 2", r.code)
	}
}
