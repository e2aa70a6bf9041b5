package statedir

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
)

// HeldError says that another process holds the state directory.
type HeldError struct {
	Path string // of the state directory
	PID  int    // of the holder, 0 if it has not said so
}

func (e *HeldError) Error() string {
	if e.PID == 0 {
		return fmt.Sprintf("state directory %s is in use by another process", e.Path)
	}
	return fmt.Sprintf("state directory %s is in use by process %d", e.Path, e.PID)
}

// Lock is the right to use what is in a state directory, held by one process
// at a time: the server, or a command while no server runs.
type Lock struct {
	f *os.File
}

// Lock takes the directory for this process. If another has it the error is a
// *HeldError; Lock does not wait.
//
// The lock is the kernel's (flock), so it ends with its holder, however that
// dies; the file stays, and with it the pid, which therefore means something
// only while the lock is held.
func (d *Dir) Lock() (*Lock, error) {
	f, err := d.openFile("lock", os.O_RDWR|os.O_CREATE)
	if err != nil {
		return nil, err
	}
	held, err := lockFile(f)
	if held {
		err = &HeldError{Path: d.path, PID: readPID(f)}
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	if err := writePID(f); err != nil {
		f.Close()
		return nil, fmt.Errorf("write %s: %w", d.File("lock"), err)
	}
	return &Lock{f: f}, nil
}

// Unlock gives the directory back: closing the only descriptor does it.
func (l *Lock) Unlock() { l.f.Close() }

func writePID(f *os.File) error {
	if err := f.Truncate(0); err != nil {
		return err
	}
	_, err := f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	return err
}

// readPID returns the pid in the lock file, or 0 if there is none: its holder
// may be about to write it.
func readPID(f *os.File) int {
	text, err := io.ReadAll(io.NewSectionReader(f, 0, 16))
	if err != nil {
		return 0
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil || pid < 0 {
		return 0
	}
	return pid
}
