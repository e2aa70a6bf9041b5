package admin

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"os/user"
	"strconv"
	"time"
)

// Caller is who is behind a request: a local process, as the kernel knows it at
// the time it connected, or who has signed in over TCP.
type Caller struct {
	UID uint32
	GID uint32
	PID int32
	// Means is by which way the caller came: "Socket"; "TCP"; "CLI" for a
	// command in whose own process the handler is.
	Means string
	// Address is where a caller over TCP comes from, host and port; "" for a
	// local process. With it UID, GID and PID mean nothing.
	Address string

	signIn  *signIn // of a caller over TCP; nil: it has not signed in
	scrapes bool    // it has shown the token for metrics, and has not signed in
}

// Self is this process as a caller.
func Self() Caller {
	return Caller{UID: uint32(os.Geteuid()), GID: uint32(os.Getegid()), PID: int32(os.Getpid()), Means: "CLI"}
}

// SignedInElsewhere is who has signed in at another door of this process, which
// vouches for account and role: by a remote procedure call over SMB, from
// address. means is the word for the way.
func SignedInElsewhere(means, account string, role Role, address string) Caller {
	return Caller{Means: means, Address: address, signIn: &signIn{account: account, name: account, role: role, address: address, began: time.Now()}}
}

// Remote reports whether the caller came over TCP.
func (c Caller) Remote() bool { return c.Address != "" }

// administers reports whether a local caller may do everything: root, and the
// user that this process runs as.
func (c Caller) administers() bool {
	return !c.Remote() && (c.UID == 0 || c.UID == uint32(os.Geteuid()))
}

// Account names the caller, for journals: "ann" who has signed in, "root (uid
// 0)".
func (c Caller) Account() string {
	if c.signIn != nil {
		return c.signIn.account
	}
	if c.Remote() {
		return ""
	}
	uid := strconv.FormatUint(uint64(c.UID), 10)
	if u, err := user.LookupId(uid); err == nil {
		return fmt.Sprintf("%s (uid %s)", u.Username, uid)
	}
	return "uid " + uid
}

// By is by which way the caller came, and from where: "TCP 192.0.2.1:4711".
func (c Caller) By() string {
	means := cmp.Or(c.Means, "CLI")
	if c.Remote() {
		return means + " " + c.Address
	}
	return means
}

// attrs name the caller in the log.
func (c Caller) attrs() []any {
	if c.Remote() {
		return []any{"by", c.Account(), "from", c.Address}
	}
	return []any{"by_uid", c.UID, "by_pid", c.PID}
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
