package admin

import (
	"context"
	"os"
)

// Caller is the local process behind a request, as the kernel knows it: at the
// time it connected.
type Caller struct {
	UID uint32
	GID uint32
	PID int32
	// Means is by which way the caller came: "Socket"; "CLI" for a command in
	// whose own process the handler is.
	Means string
}

// Self is this process as a caller.
func Self() Caller {
	return Caller{UID: uint32(os.Geteuid()), GID: uint32(os.Getegid()), PID: int32(os.Getpid()), Means: "CLI"}
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

// stoppingKey is the key of what is closed when the server stops.
type stoppingKey struct{}

// stoppingOf returns what is closed when the server stops that ctx's request
// came to; nil if none did.
func stoppingOf(ctx context.Context) <-chan struct{} {
	stopping, _ := ctx.Value(stoppingKey{}).(chan struct{})
	return stopping
}
