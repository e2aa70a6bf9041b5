//go:build linux

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sys/unix"
)

func TestACommandNamesTheHolderThatDoesNotAnswer(t *testing.T) {
	dir := workDir(t, nobody)
	if r := run(t, signet(t, dir, nobody, nil, "user", "list", "--state", "state")); r.code != 0 {
		t.Fatalf("user list: %+v", r)
	}
	lock, err := os.OpenFile(filepath.Join(dir, "state", "lock"), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	if err := unix.Flock(int(lock.Fd()), unix.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "state", "lock"), fmt.Appendln(nil, os.Getpid()), 0o600); err != nil {
		t.Fatal(err)
	}
	r := run(t, signet(t, dir, nobody, []string{"SIGNET_TEST_PATIENCE=200ms"}, "user", "list", "--state", "state"))
	want := fmt.Sprintf("in use by process %d, which does not answer on its socket", os.Getpid())
	if r.code != exitFailed || !strings.Contains(r.stderr, want) {
		t.Errorf("exit %d, %q; want 1 and %q", r.code, r.stderr, want)
	}
}

func TestCommandsAtTheSameTimeTakeTurns(t *testing.T) {
	dir := workDir(t, nobody)
	const commands = 6
	results := make([]result, commands)
	var wg sync.WaitGroup
	for i := range commands {
		cmd := signet(t, dir, nobody, []string{"SIGNET_PASSWORD=tulip-raven-4817"}, "user", "add", fmt.Sprint("user", i), "--state", "state")
		wg.Go(func() {
			out, _ := cmd.CombinedOutput()
			results[i] = result{stderr: string(out), code: cmd.ProcessState.ExitCode()}
		})
	}
	wg.Wait()
	for i, r := range results {
		if r.code != 0 {
			t.Errorf("user add user%d: exit %d, %s", i, r.code, r.stderr)
		}
	}
	r := run(t, signet(t, dir, nobody, nil, "user", "list", "--state", "state"))
	if got := strings.Count(r.stdout, "user"); got != commands {
		t.Errorf("%d accounts, want %d:\n%s", got, commands, r.stdout)
	}
}
