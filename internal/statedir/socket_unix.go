//go:build unix

package statedir

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/user"
	"path/filepath"
	"strconv"

	"golang.org/x/sys/unix"
)

const (
	socketName = "signet.sock"
	// runDir is where root's socket lies when its state is in the default
	// place: operators, who may not read the state, may reach the socket.
	runDir = "/run/signet"
)

// SocketPath is where the running server answers local commands.
func (d *Dir) SocketPath() string {
	if d.isSystem() {
		return filepath.Join(runDir, socketName)
	}
	return d.File(socketName)
}

func (d *Dir) isSystem() bool { return os.Geteuid() == 0 && d.path == systemDir }

// Listen makes the socket and listens on it. A socket left by a dead server is
// replaced: the caller holds the Lock, so no living one uses it. Closing the
// listener removes the socket, and must come before Close. Called once.
func (d *Dir) Listen() (*net.UnixListener, error) {
	fd := int(d.f.Fd())
	if d.isSystem() {
		run, err := makeRunDir()
		if err != nil {
			return nil, err
		}
		d.run, fd = run, int(run.Fd())
	}
	if err := unix.Unlinkat(fd, socketName, 0); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("remove stale socket %s: %w", d.SocketPath(), err)
	}
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: socketAddress(fd, d.SocketPath()), Net: "unix"})
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", d.SocketPath(), errors.Unwrap(err))
	}
	if err := d.admit(socketAddress(fd, d.SocketPath())); err != nil {
		l.Close()
		return nil, fmt.Errorf("chmod %s: %w", d.SocketPath(), err)
	}
	return l, nil
}

// admit lets who may connect to the socket at addr do so: its owner, and in
// runDir the operators.
func (d *Dir) admit(addr string) error {
	operators := operatorsGID()
	if !d.isSystem() || operators == 0 {
		return os.Chmod(addr, 0o600)
	}
	return errors.Join(os.Chown(addr, 0, operators), os.Chmod(addr, 0o660)) //nolint:gosec // it is the operators' too
}

// operatorsGID is the group of OperatorsGroup, or root's if there is none.
func operatorsGID() int {
	gid := 0
	if group, err := user.LookupGroup(OperatorsGroup); err == nil {
		gid, _ = strconv.Atoi(group.Gid) // numeric on every POSIX system; else it stays root's
	}
	return gid
}

// Dial connects to the server that holds the directory.
func (d *Dir) Dial(ctx context.Context) (net.Conn, error) {
	fd := int(d.f.Fd())
	if d.isSystem() {
		run, err := openRunDir()
		if err != nil {
			return nil, err
		}
		defer run.Close()
		fd = int(run.Fd())
	}
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "unix", socketAddress(fd, d.SocketPath()))
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w", d.SocketPath(), errors.Unwrap(err))
	}
	return conn, nil
}

// makeRunDir creates runDir, gives it to the operators if such a group exists,
// and opens it.
func makeRunDir() (*os.File, error) {
	if err := os.Mkdir(runDir, 0o750); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("socket directory: %w", err)
	}
	dir, err := openRunDir()
	if err != nil {
		return nil, err
	}
	// In this order the group never has a mode meant for another.
	if err := errors.Join(dir.Chown(0, operatorsGID()), dir.Chmod(0o750)); err != nil {
		dir.Close()
		return nil, fmt.Errorf("socket directory: %w", err)
	}
	return dir, nil
}

// openRunDir opens runDir if it is root's and only root may change it.
func openRunDir() (*os.File, error) {
	dir, err := openDirectory(runDir)
	if err != nil {
		return nil, fmt.Errorf("socket directory: %w", err)
	}
	var st unix.Stat_t
	if err := unix.Fstat(int(dir.Fd()), &st); err != nil {
		dir.Close()
		return nil, fmt.Errorf("socket directory %s: %w", runDir, err)
	}
	if st.Uid != 0 || st.Mode&0o022 != 0 {
		dir.Close()
		return nil, fmt.Errorf("socket directory %s must belong to root and be writable by no one else (uid %d, mode %04o)", runDir, st.Uid, st.Mode&0o7777)
	}
	return dir, nil
}
