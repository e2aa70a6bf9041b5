//go:build linux

package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// checkHardened runs in a process of its own: harden cannot be taken back. It
// returns the exit code.
func checkHardened() int {
	if err := errors.Join(harden(), reopens(), unreadable(), limits(), groupless()); err != nil {
		fmt.Println(err)
		return 1
	}
	return 0
}

func limits() error {
	var core, files unix.Rlimit
	if err := errors.Join(unix.Getrlimit(unix.RLIMIT_CORE, &core), unix.Getrlimit(unix.RLIMIT_NOFILE, &files)); err != nil {
		return err
	}
	if core.Cur != 0 || core.Max != 0 {
		return fmt.Errorf("RLIMIT_CORE is %+v, want 0", core)
	}
	if files.Cur != files.Max {
		return fmt.Errorf("RLIMIT_NOFILE is %+v, want as much as allowed", files)
	}
	dumpable, err := unix.PrctlRetInt(unix.PR_GET_DUMPABLE, 0, 0, 0, 0)
	if err != nil || dumpable != 0 {
		return fmt.Errorf("PR_GET_DUMPABLE is %d, %v; want 0", dumpable, err)
	}
	return nil
}

// groupless checks that root is in no group of whoever started it.
func groupless() error {
	groups, err := unix.Getgroups()
	if os.Geteuid() == 0 && (err != nil || len(groups) > 0) {
		return fmt.Errorf("root is still in groups %v, %v", groups, err)
	}
	return nil
}

// reopens checks that what vfs/localfs stands on still works: opening a file
// for data by way of /proc/self/fd, on any thread, and as another file system
// user.
func reopens() error {
	dir, err := os.MkdirTemp(os.Getenv("SIGNET_TEST_DIR"), "reopen")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	path := dir + "/file"
	if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
		return err
	}
	if os.Geteuid() == 0 {
		if err := errors.Join(os.Chmod(dir, 0o755), os.Chown(path, nobody, nobody)); err != nil {
			return err
		}
	}
	fd, err := unix.Open(path, unix.O_PATH|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	self, err := unix.Open("/proc/self/fd", unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("open /proc/self/fd: %w", err)
	}
	defer unix.Close(self)
	errs := make(chan error)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends with its other identity
		if os.Geteuid() == 0 {
			unix.SetfsuidRetUid(nobody)
			unix.SetfsgidRetGid(nobody)
		}
		again, err := unix.Openat(self, strconv.Itoa(fd), unix.O_RDWR|unix.O_CLOEXEC, 0)
		if err == nil {
			err = unix.Close(again)
		}
		errs <- err
	}()
	if err := <-errs; err != nil {
		return fmt.Errorf("reopen through /proc/self/fd: %w", err)
	}
	return nil
}

// unreadable checks that another process of the same user cannot look in.
func unreadable() error {
	if os.Geteuid() == 0 {
		return nil // root may
	}
	cmd := exec.Command("cat", fmt.Sprintf("/proc/%d/environ", os.Getpid()))
	if out, err := cmd.CombinedOutput(); err == nil {
		return fmt.Errorf("another process read our environment: %q", out)
	}
	return nil
}

func TestAHardenedProcessStillReopensItsFiles(t *testing.T) {
	for _, uid := range []uint32{0, nobody} {
		t.Run(fmt.Sprint("uid ", uid), func(t *testing.T) {
			if uid == 0 && os.Geteuid() != 0 {
				t.Skip("needs root")
			}
			dir := workDir(t, int(uid))
			if uid == 0 {
				// nobody must be able to reach the file below.
				if err := os.Chmod(dir, 0o755); err != nil {
					t.Fatal(err)
				}
			}
			cmd := signet(t, dir, int(uid), []string{"SIGNET_TEST_DIR=" + dir})
			cmd.Env[0] = "SIGNET_TEST_MAIN=harden"
			if uid != 0 && os.Geteuid() == 0 {
				cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: uid}}
			}
			if uid == 0 {
				cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Groups: []uint32{0, 4711}}}
			}
			if r := run(t, cmd); r.code != 0 {
				t.Error(r.stdout, r.stderr)
			}
		})
	}
}
