//go:build linux

package statedir_test

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/signet-smb/signet/internal/statedir"
)

func TestOneProcessHoldsTheLock(t *testing.T) {
	path := filepath.Join(publicDir(t), "state")
	dir := mustOpen(t, path)

	holder := other(t, "lock", path, uint32(os.Geteuid()))
	stdin, err := holder.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := holder.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := holder.Start(); err != nil {
		t.Fatal(err)
	}
	defer holder.Wait()
	defer stdin.Close()
	if line, err := bufio.NewReader(stdout).ReadString('\n'); line != "locked\n" {
		t.Fatalf("the other process says %q (%v), want locked", line, err)
	}

	_, err = dir.Lock()
	held, ok := errors.AsType[*statedir.HeldError](err)
	if !ok || held.PID != holder.Process.Pid || held.Path != path {
		t.Fatalf("Lock while process %d holds it = %v, want a HeldError naming it", holder.Process.Pid, err)
	}
	if want := fmt.Sprintf("in use by process %d", holder.Process.Pid); !strings.Contains(err.Error(), want) {
		t.Errorf("error %q does not say %q", err, want)
	}

	// However the holder dies, the lock goes with it.
	if err := holder.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	holder.Wait()
	lock, err := dir.Lock()
	if err != nil {
		t.Fatalf("Lock after the holder was killed = %v", err)
	}
	if got, want := run(t, other(t, "lock", path, uint32(os.Geteuid()))), fmt.Sprintf("held by %d", os.Getpid()); got != want {
		t.Errorf("the other process says %q, want %q", got, want)
	}
	lock.Unlock()
	if got := run(t, other(t, "lock", path, uint32(os.Geteuid()))); got != "locked\nunlocked" {
		t.Errorf("after Unlock the other process says %q, want locked", got)
	}
}

func TestALinkInPlaceOfTheLockIsNotFollowed(t *testing.T) {
	base := publicDir(t)
	dir := mustOpen(t, filepath.Join(base, "state"))
	victim := filepath.Join(base, "victim")
	if err := os.WriteFile(victim, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	link(t, victim, dir.File("lock"))
	if lock, err := dir.Lock(); err == nil {
		lock.Unlock()
		t.Error("Lock followed a symbolic link")
	}
	if got, _ := os.ReadFile(victim); string(got) != "precious" {
		t.Errorf("the link's target now holds %q", got)
	}
}
