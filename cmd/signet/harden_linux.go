package main

import (
	"fmt"
	"math"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// harden gives up, for the rest of the process's life, what would let its
// memory out: core files, and ptrace by other processes of the same user. It
// also raises the limit on open files as far as it may go, and takes root out of
// the groups it was started in: they give it nothing, and acting as a user who
// is in none is then cheaper.
//
// A process that is not dumpable owns its /proc/self as root, but may still
// go through it: the kernel grants a process access to itself.
func harden() error {
	if err := unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{}); err != nil {
		return fmt.Errorf("switch core files off: %w", err)
	}
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0); err != nil {
		return fmt.Errorf("switch ptrace off: %w", err)
	}
	var files unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &files); err != nil {
		return fmt.Errorf("read the limit on open files: %w", err)
	}
	files.Cur = files.Max
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &files); err != nil {
		return fmt.Errorf("raise the limit on open files: %w", err)
	}
	if os.Geteuid() == 0 {
		// Of all threads. A container may forbid it: then they stay, and
		// vfs/localfs leaves them behind for each user.
		_ = syscall.Setgroups(nil)
	}
	return nil
}

// descriptorLimit is how many files the process may have open; 0: not known.
func descriptorLimit() int {
	var files unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &files); err != nil {
		return 0
	}
	return int(min(files.Cur, math.MaxInt32))
}
