package admin

import (
	"context"
	"fmt"
	"net"
	"os"

	"golang.org/x/sys/unix"
)

// Caller is the local process behind a request, as the kernel knows it: at the
// time it connected.
type Caller struct {
	UID uint32
	GID uint32
	PID int32
}

// Self is this process as a caller.
func Self() Caller {
	return Caller{UID: uint32(os.Geteuid()), GID: uint32(os.Getegid()), PID: int32(os.Getpid())}
}

// administers reports whether the caller may do everything: root, and the user
// that this process runs as.
func (c Caller) administers() bool {
	return c.UID == 0 || c.UID == uint32(os.Geteuid())
}

// callerKey is the key of the Caller in a request's context.
type callerKey struct{}

// withCaller returns a context that names who asks.
func withCaller(ctx context.Context, c Caller) context.Context {
	return context.WithValue(ctx, callerKey{}, c)
}

// callerOf returns who asks; ok is false if that is not known, which nobody
// may take for permission.
func callerOf(ctx context.Context) (c Caller, ok bool) {
	c, ok = ctx.Value(callerKey{}).(Caller)
	return c, ok
}

// peerOf returns the process at the other end of a unix connection
// (SO_PEERCRED, Linux).
func peerOf(conn net.Conn) (Caller, error) {
	uc, ok := conn.(*net.UnixConn)
	if !ok {
		return Caller{}, fmt.Errorf("peer of a %T is not known to the kernel", conn)
	}
	raw, err := uc.SyscallConn()
	if err != nil {
		return Caller{}, err
	}
	var cred *unix.Ucred
	var credErr error
	if err := raw.Control(func(fd uintptr) {
		cred, credErr = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED)
	}); err != nil {
		return Caller{}, err
	}
	if credErr != nil {
		return Caller{}, fmt.Errorf("SO_PEERCRED: %w", credErr)
	}
	return Caller{UID: cred.Uid, GID: cred.Gid, PID: cred.Pid}, nil
}
