//go:build linux

package statedir_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/signet-smb/signet/internal/statedir"
)

// TestRootsSocketLiesInRun runs in a process with /var/lib and /run of its own.
func TestRootsSocketLiesInRun(t *testing.T) {
	needRoot(t)
	if os.Getenv("SIGNET_TEST_MOUNTS") == "" {
		again := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
		again.Env = append(os.Environ(), "SIGNET_TEST_MOUNTS=own")
		again.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS}
		out, err := again.CombinedOutput()
		switch {
		case errors.Is(err, syscall.EPERM):
			t.Skipf("needs a mount namespace of its own: %v", err)
		case err == nil && bytes.Contains(out, []byte("--- SKIP")):
			t.Skipf("with mounts of its own: %s", out)
		case err != nil || !bytes.Contains(out, []byte("--- PASS")):
			t.Errorf("with mounts of its own: %v\n%s", err, out)
		}
		return
	}
	// What is mounted here must not be seen outside. Where / is no mount point,
	// as in a chroot, that cannot be had.
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		t.Skipf("mounts cannot be made private: %v", err)
	}
	for _, dir := range []string{"/var/lib", "/run"} {
		if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "mode=755"); err != nil {
			t.Fatal(err)
		}
	}
	path, err := statedir.Default()
	if err != nil {
		t.Fatal(err)
	}
	dir := mustOpen(t, path)
	if got := dir.SocketPath(); got != "/run/signet/signet.sock" {
		t.Errorf("SocketPath = %s", got)
	}

	// A directory that someone else prepared is not used.
	makeDir(t, "/run/signet", 0o755, 65534)
	if l, err := dir.Listen(); err == nil || !strings.Contains(err.Error(), "must belong to root") {
		t.Errorf("Listen in uid 65534's directory = %v, %v; want an error", l, err)
	}
	if conn, err := dir.Dial(t.Context()); err == nil || !strings.Contains(err.Error(), "must belong to root") {
		t.Errorf("Dial in uid 65534's directory = %v, %v; want an error", conn, err)
	}
	if err := os.Remove("/run/signet"); err != nil {
		t.Fatal(err)
	}

	l, err := dir.Listen()
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	fi, err := os.Stat("/run/signet")
	if err != nil || fi.Mode().Perm() != 0o750 || fi.Sys().(*syscall.Stat_t).Uid != 0 {
		t.Errorf("/run/signet: %v, %v; want root's, 0750", fi, err)
	}
	if fi, err := os.Lstat("/run/signet/signet.sock"); err != nil || fi.Mode() != os.ModeSocket|0o600 {
		t.Errorf("the socket: %v, %v; want mode 0600", fi, err)
	}
	conn, err := mustOpen(t, path).Dial(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()

	// A state directory elsewhere keeps its socket to itself.
	if elsewhere := mustOpen(t, publicDir(t)+"/state"); elsewhere.SocketPath() != elsewhere.File("signet.sock") {
		t.Errorf("elsewhere: SocketPath = %s", elsewhere.SocketPath())
	}
}
