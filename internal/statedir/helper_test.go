//go:build linux

package statedir_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/signet-smb/signet/internal/statedir"
)

// TestMain lets the test binary be a second process: it does what
// SIGNET_TEST_DO says and prints the outcome.
func TestMain(m *testing.M) {
	if what := os.Getenv("SIGNET_TEST_DO"); what != "" {
		fmt.Println(do(what, os.Getenv("SIGNET_TEST_PATH")))
		return
	}
	syscall.Umask(0o022) // other users read what these tests make
	os.Exit(m.Run())
}

func do(what, path string) string {
	dir, err := statedir.Open(path)
	if err != nil {
		return err.Error()
	}
	switch what {
	case "lock":
		lock, err := dir.Lock()
		if held, ok := errors.AsType[*statedir.HeldError](err); ok {
			return fmt.Sprintf("held by %d", held.PID)
		}
		if err != nil {
			return err.Error()
		}
		defer lock.Unlock()
		fmt.Println("locked")
		// Keep it until the parent closes our standard input.
		os.Stdin.Read(make([]byte, 1))
		return "unlocked"
	case "open":
		return "opened"
	}
	return "do what? " + what
}

// other returns a command that runs this test binary as uid.
func other(t *testing.T, what, path string, uid uint32) *exec.Cmd {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), exe)
	if uid != uint32(os.Geteuid()) {
		// The binary lies in a directory that only its owner may enter.
		bin := publicDir(t)
		data, err := os.ReadFile(exe)
		if err != nil {
			t.Fatal(err)
		}
		cmd.Path = filepath.Join(bin, "test-binary")
		if err := os.WriteFile(cmd.Path, data, 0o755); err != nil {
			t.Fatal(err)
		}
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: uid}}
	}
	// The race detector would wait a second at each exit.
	cmd.Env = []string{"GORACE=atexit_sleep_ms=0", "SIGNET_TEST_DO=" + what, "SIGNET_TEST_PATH=" + path}
	cmd.Dir = "/"
	return cmd
}

// run runs the command and returns what it printed.
func run(t *testing.T, cmd *exec.Cmd) string {
	t.Helper()
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return strings.TrimSpace(string(out))
}

// publicDir is a temporary directory that every user may enter.
func publicDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "signet")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// mustOpen opens a fresh state directory.
func mustOpen(t *testing.T, path string) *statedir.Dir {
	t.Helper()
	dir, err := statedir.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { dir.Close() })
	return dir
}

func needRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root, to become another user")
	}
}
