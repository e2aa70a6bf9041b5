//go:build linux

package statedir_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/signet-smb/signet/internal/statedir"
)

func TestOpenCreatesWithMode0700(t *testing.T) {
	path := filepath.Join(publicDir(t), "a", "b", "state")
	dir := mustOpen(t, path)
	if dir.Path() != path {
		t.Errorf("Path = %q, want %q", dir.Path(), path)
	}
	for p := path; filepath.Base(p) != "a"; p = filepath.Dir(p) {
		fi, err := os.Stat(p)
		if err != nil || fi.Mode().Perm() != 0o700 {
			t.Errorf("mode of %s = %v (%v), want 0700", p, fi.Mode(), err)
		}
	}
}

func TestOpenExistingDoesNotCreate(t *testing.T) {
	path := filepath.Join(publicDir(t), "state")
	if _, err := statedir.OpenExisting(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("OpenExisting of nothing = %v, want fs.ErrNotExist", err)
	}
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("OpenExisting left something behind: %v", err)
	}
}

func TestOpenRefusesWhatOthersCouldUse(t *testing.T) {
	tests := []struct {
		name    string
		prepare func(t *testing.T, base string) string // returns the path to open
		want    string                                 // in the error
		root    bool
	}{
		{"a mode open to the group", func(t *testing.T, base string) string {
			return makeDir(t, filepath.Join(base, "state"), 0o750, -1)
		}, "chmod 700", false},
		{"a mode open to others", func(t *testing.T, base string) string {
			return makeDir(t, filepath.Join(base, "state"), 0o701, -1)
		}, "chmod 700", false},
		{"a symbolic link", func(t *testing.T, base string) string {
			makeDir(t, filepath.Join(base, "real"), 0o700, -1)
			return link(t, "real", filepath.Join(base, "state"))
		}, "symbolic link", false},
		{"a symbolic link with a slash behind it", func(t *testing.T, base string) string {
			makeDir(t, filepath.Join(base, "real"), 0o700, -1)
			return link(t, "real", filepath.Join(base, "state")) + "/"
		}, "symbolic link", false},
		{"a link that leads nowhere yet", func(t *testing.T, base string) string {
			return link(t, "planted", filepath.Join(base, "state"))
		}, "symbolic link", false},
		{"a file", func(t *testing.T, base string) string {
			path := filepath.Join(base, "state")
			if err := os.WriteFile(path, nil, 0o600); err != nil {
				t.Fatal(err)
			}
			return path
		}, "not a directory", false},
		{"another owner", func(t *testing.T, base string) string {
			return makeDir(t, filepath.Join(base, "state"), 0o700, 65534)
		}, "belongs to uid 65534", true},
		{"a parent of another owner", func(t *testing.T, base string) string {
			return filepath.Join(makeDir(t, filepath.Join(base, "theirs"), 0o755, 65534), "state")
		}, "must not lie below", true},
		{"a parent that all may write", func(t *testing.T, base string) string {
			return filepath.Join(makeDir(t, filepath.Join(base, "open"), 0o777, -1), "state")
		}, "must not lie below", false},
		{"a link on the way that lies where all may write", func(t *testing.T, base string) string {
			makeDir(t, filepath.Join(base, "safe"), 0o700, -1)
			open := makeDir(t, filepath.Join(base, "open"), 0o777, -1)
			return filepath.Join(link(t, "../safe", filepath.Join(open, "way")), "state")
		}, "must not lie below", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.root {
				needRoot(t)
			}
			path := tt.prepare(t, publicDir(t))
			dir, err := statedir.Open(path)
			if err == nil {
				dir.Close()
				t.Fatalf("Open(%s) succeeded, want an error with %q", path, tt.want)
			}
			if !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Open(%s) = %v, want an error with %q", path, err, tt.want)
			}
		})
	}
}

func TestOpenAcceptsAStickyParent(t *testing.T) {
	parent := makeDir(t, filepath.Join(publicDir(t), "tmp"), 0o777|os.ModeSticky, -1)
	mustOpen(t, filepath.Join(parent, "state"))
}

func TestAnotherUserCannotOpenOurState(t *testing.T) {
	needRoot(t)
	path := filepath.Join(publicDir(t), "state")
	mustOpen(t, path)
	if got := run(t, other(t, "open", path, 65534)); !strings.Contains(got, "permission denied") {
		t.Errorf("uid 65534 on root's state: %q, want permission denied", got)
	}
	// Even where the mode would let them in, ownership stops them.
	if err := os.Chmod(path, 0o777); err != nil {
		t.Fatal(err)
	}
	if got := run(t, other(t, "open", path, 65534)); !strings.Contains(got, "belongs to uid 0") {
		t.Errorf("uid 65534 on root's open state: %q, want a word about its owner", got)
	}
}

func TestDefaultFollowsTheUser(t *testing.T) {
	if os.Geteuid() == 0 {
		if got, err := statedir.Default(); err != nil || got != "/var/lib/signet" {
			t.Errorf("Default for root = %q, %v; want /var/lib/signet", got, err)
		}
		return
	}
	tests := []struct{ xdg, home, want string }{
		{"/x/state", "/home/ann", "/x/state/signet"},
		{"", "/home/ann", "/home/ann/.local/state/signet"},
		{"relative", "/home/ann", "/home/ann/.local/state/signet"},
	}
	for _, tt := range tests {
		t.Setenv("XDG_STATE_HOME", tt.xdg)
		t.Setenv("HOME", tt.home)
		if got, err := statedir.Default(); err != nil || got != tt.want {
			t.Errorf("XDG_STATE_HOME=%q HOME=%q: Default = %q, %v; want %q", tt.xdg, tt.home, got, err, tt.want)
		}
	}
}

// makeDir makes a directory with exactly that mode, of that owner if uid >= 0.
func makeDir(t *testing.T, path string, mode os.FileMode, uid int) string {
	t.Helper()
	err := os.Mkdir(path, 0o700)
	if err == nil {
		err = os.Chmod(path, mode)
	}
	if err == nil && uid >= 0 {
		err = os.Chown(path, uid, uid)
	}
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func link(t *testing.T, target, path string) string {
	t.Helper()
	if err := os.Symlink(target, path); err != nil {
		t.Fatal(err)
	}
	return path
}
