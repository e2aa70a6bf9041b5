//go:build linux

package main

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

// TestPort445HeldByAnotherIsNamedAndLeftOnlyAtATerminal runs in a process with a
// network of its own, so that it may take any port.
func TestPort445HeldByAnotherIsNamedAndLeftOnlyAtATerminal(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root, to make a network namespace")
	}
	if os.Getenv("SIGNET_TEST_NETWORK") == "" {
		again := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
		again.Env = append(os.Environ(), "SIGNET_TEST_NETWORK=own")
		again.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET}
		out, err := again.CombinedOutput()
		switch {
		case errors.Is(err, syscall.EPERM):
			t.Skipf("needs a network namespace of its own: %v", err)
		case err == nil && bytes.Contains(out, []byte("--- SKIP")):
			t.Skipf("in a network of its own: %s", out)
		case err != nil || !bytes.Contains(out, []byte("--- PASS")):
			t.Errorf("in a network of its own: %v\n%s", err, out)
		}
		return
	}
	dir := workDir(t, 0)
	mkdir(t, dir, "pub")
	l, err := net.Listen("tcp", fmt.Sprintf(":%d", smbPort))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	args := []string{"serve", "pub", "--state", "state", "--user", "ann", "--run-as", "nobody"}
	env := []string{"SIGNET_PASSWORD=tulip-raven-4817"}
	held := fmt.Sprintf("445 is held by signet.test (pid %d)", os.Getpid())

	if r := run(t, signet(t, dir, 0, env, args...)); r.code != exitFailed || !strings.Contains(r.stderr, held) {
		t.Errorf("in a pipe: exit %d, %q; want 1 and %q", r.code, r.stderr, held)
	}
	if r := run(t, signet(t, dir, 0, nil, "user", "list", "--state", "state")); r.stdout != "" {
		t.Errorf("an account was made although nothing was served: %q", r.stdout)
	}
	theirs := workDir(t, nobody)
	mkdir(t, theirs, "pub")
	if r := run(t, signet(t, theirs, nobody, env, "serve", "pub", "--state", "state")); r.code != exitFailed || !strings.Contains(r.stderr, "445") {
		t.Errorf("as nobody: exit %d, %q; want 1 and a word about 445", r.code, r.stderr)
	}

	term := newTerminal(t)
	cmd := signet(t, dir, 0, env, args...)
	var log bytes.Buffer
	cmd.Stderr = &log
	term.attach(cmd)
	b := start(t, cmd)
	term.waitFor(`Stop     Ctrl-C`)
	for _, want := range []string{"/TCPPORT:4445", "only from Windows 11 24H2 or Server 2025", ",port=4445", "smb://ann@"} {
		if !strings.Contains(term.text(), want) {
			t.Errorf("at a terminal %q is missing in\n%s", want, term.text())
		}
	}
	b.signal(t, syscall.SIGTERM)
	b.wait(t)
	if !strings.Contains(log.String(), held) {
		t.Errorf("the log does not say why it is not 445: %s", log.String())
	}

	// An address that was asked for is not exchanged for another.
	term = newTerminal(t)
	cmd = signet(t, dir, 0, env, append(args, "--listen", ":445")...)
	term.attach(cmd)
	if r := start(t, cmd).wait(t); r.code != exitFailed {
		t.Errorf("at a terminal with --listen :445: exit %d, want 1:\n%s", r.code, term.text())
	}
}
