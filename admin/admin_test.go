//go:build linux

package admin_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/signet-smb/signet/admin"
)

func TestMain(m *testing.M) {
	if socket := os.Getenv("SIGNET_TEST_CALL"); socket != "" {
		callAs(socket, os.Getenv("SIGNET_TEST_REQUEST"), os.Getenv("SIGNET_TEST_BODY"))
		return
	}
	syscall.Umask(0o022) // other users read what these tests make
	goleak.VerifyTestMain(m)
}

// memAccounts is a complete store of accounts in memory.
type memAccounts struct {
	mu        sync.Mutex
	passwords map[string]string
	users     map[string]admin.User
}

func newMemAccounts() *memAccounts {
	return &memAccounts{passwords: map[string]string{}, users: map[string]admin.User{}}
}

func (a *memAccounts) List(context.Context) ([]admin.User, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	var users []admin.User
	for _, u := range a.users {
		users = append(users, u)
	}
	slices.SortFunc(users, func(x, y admin.User) int { return strings.Compare(x.Name, y.Name) })
	return users, nil
}

// names returns the accounts' names, for tests.
func (a *memAccounts) names() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Collect(maps.Keys(a.passwords))
}

// password returns the password of an account, for tests.
func (a *memAccounts) password(name string) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.passwords[name]
}

func (a *memAccounts) Add(_ context.Context, n admin.NewUser) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if _, ok := a.passwords[n.Name]; ok {
		return fs.ErrExist
	}
	if strings.ContainsAny(n.Name, "/\\") {
		return &admin.Error{Code: "InvalidValue", Property: "Name", Message: "a name has no slash"}
	}
	a.passwords[n.Name] = n.Password
	a.users[n.Name] = admin.User{Name: n.Name, Enabled: true, UnixUser: n.UnixUser, Role: n.Role}
	return nil
}

func (a *memAccounts) Import(_ context.Context, in admin.UserImport) (admin.UserImportResult, error) {
	var res admin.UserImportResult
	for _, u := range in.Accounts {
		if strings.ContainsAny(u.Name, "/\\") {
			return res, &admin.Error{Code: "InvalidValue", Property: "Name", Message: "a name has no slash"}
		}
		a.mu.Lock()
		_, exists := a.passwords[u.Name]
		if !exists && !in.DryRun {
			a.passwords[u.Name] = u.NTHash
			a.users[u.Name] = admin.User{Name: u.Name, Enabled: u.Enabled}
		}
		a.mu.Unlock()
		res.Accounts = append(res.Accounts, admin.UserImportOutcome{Name: u.Name, Taken: !exists})
	}
	return res, nil
}

func (a *memAccounts) Update(_ context.Context, name string, c admin.UserChange) (admin.User, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	u, ok := a.users[name]
	if !ok {
		return u, fs.ErrNotExist
	}
	if c.Enabled != nil {
		u.Enabled = *c.Enabled
	}
	if c.UnixUser != nil {
		u.UnixUser = *c.UnixUser
	}
	if c.Role != nil {
		u.Role = *c.Role
	}
	a.users[name] = u
	return u, nil
}

func (a *memAccounts) SetPassword(_ context.Context, name, password string) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if _, ok := a.passwords[name]; !ok {
		return fs.ErrNotExist
	}
	a.passwords[name] = password
	return nil
}

func (a *memAccounts) Remove(_ context.Context, name string) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if _, ok := a.passwords[name]; !ok {
		return fs.ErrNotExist
	}
	delete(a.passwords, name)
	delete(a.users, name)
	return nil
}

// fixedStatus is an Inspector that always answers the same.
type fixedStatus admin.Status

func (s fixedStatus) Inspect(context.Context) (admin.Status, error) { return admin.Status(s), nil }

// setUp returns a handler over an empty store, and what it logs.
func setUp(t *testing.T, status admin.Status) (http.Handler, *memAccounts, *logBuffer) {
	t.Helper()
	log := &logBuffer{}
	accounts := newMemAccounts()
	return admin.NewHandler(admin.Config{
		Version:   "test",
		Inspector: fixedStatus(status),
		Accounts:  accounts,
		Logger:    slog.New(slog.NewJSONHandler(log, nil)),
	}), accounts, log
}

// logBuffer keeps a log that several goroutines write.
type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// serve serves the handler on a socket until the test ends.
func serve(t *testing.T, handler http.Handler) string {
	t.Helper()
	path := filepath.Join(shortTempDir(t), "s")
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	s := admin.NewServer(handler, slog.New(slog.DiscardHandler))
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := s.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			t.Errorf("Serve = %v, want http.ErrServerClosed", err)
		}
	})
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := s.Shutdown(ctx); err != nil {
			t.Errorf("Shutdown = %v", err)
		}
		wg.Wait()
	})
	return path
}

// shortTempDir is t.TempDir with a path that fits in a socket address.
func shortTempDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "signet")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

func dialer(path string) func(context.Context) (net.Conn, error) {
	return func(ctx context.Context) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "unix", path)
	}
}
