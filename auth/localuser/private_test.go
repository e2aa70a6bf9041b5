//go:build unix

package localuser_test

import (
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/signet-smb/signet/auth/localuser"
)

func TestFilesAreTheOwnersOnly(t *testing.T) {
	old := syscall.Umask(0)
	defer syscall.Umask(old)
	s, path := newStore(t)
	add(t, s, "ann", "tulip")
	keyPath := filepath.Join(filepath.Dir(path), "secrets.key")
	if _, err := localuser.LoadKey(keyPath); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) < 4 {
		t.Errorf("%v, want the store, its two companions and the key", entries)
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || info.Mode() != 0o600 {
			t.Errorf("%s has mode %v, %v, want 0600", e.Name(), info.Mode(), err)
		}
	}
}

// badFiles makes files at path that are not private and whose content is
// valid.
var badFiles = map[string]func(t *testing.T, path string, content []byte){
	"readable by the group": func(t *testing.T, path string, content []byte) { writeMode(t, path, content, 0o640) },
	"readable by all":       func(t *testing.T, path string, content []byte) { writeMode(t, path, content, 0o604) },
	"writable by all":       func(t *testing.T, path string, content []byte) { writeMode(t, path, content, 0o602) },
	"symbolic link": func(t *testing.T, path string, content []byte) {
		writeMode(t, path+".target", content, 0o600)
		if err := os.Symlink(path+".target", path); err != nil {
			t.Fatal(err)
		}
	},
	"FIFO": func(t *testing.T, path string, _ []byte) {
		if err := syscall.Mkfifo(path, 0o600); err != nil {
			t.Fatal(err)
		}
	},
	"directory": func(t *testing.T, path string, _ []byte) {
		if err := os.Mkdir(path, 0o700); err != nil {
			t.Fatal(err)
		}
	},
}

func writeMode(t *testing.T, path string, content []byte, mode fs.FileMode) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}

func TestFilesThatOthersReachAreRefused(t *testing.T) {
	s, path := newStore(t)
	s.Close()
	store, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	key := []byte(strings.Repeat("ab", 32))
	for what, make := range badFiles {
		t.Run(what, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "secrets.db")
			make(t, path, store)
			if _, err := localuser.Open(t.Context(), path, &testKey); !errors.Is(err, fs.ErrPermission) {
				t.Errorf("Open: %v, want fs.ErrPermission", err)
			}
			path = filepath.Join(t.TempDir(), "secrets.key")
			make(t, path, key)
			if _, err := localuser.LoadKey(path); !errors.Is(err, fs.ErrPermission) {
				t.Errorf("LoadKey: %v, want fs.ErrPermission", err)
			}
		})
	}
}

func TestFilesOfSomebodyElseAreRefused(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can give a file away")
	}
	path := filepath.Join(t.TempDir(), "secrets.key")
	writeMode(t, path, []byte(strings.Repeat("ab", 32)), 0o600)
	if err := os.Chown(path, 12345, -1); err != nil {
		t.Fatal(err)
	}
	if _, err := localuser.LoadKey(path); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("LoadKey: %v, want fs.ErrPermission", err)
	}
	if _, err := localuser.ReadKey(path); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("ReadKey: %v, want fs.ErrPermission", err)
	}
	if _, err := localuser.Open(t.Context(), path, &testKey); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("Open: %v, want fs.ErrPermission", err)
	}
}

func TestKeyIsMadeOnceAndReadAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "secrets.key")
	var wg sync.WaitGroup
	keys := make([]*[localuser.KeySize]byte, 8)
	for i := range keys {
		wg.Go(func() {
			key, err := localuser.LoadKey(path)
			if err != nil {
				t.Error(err)
				return
			}
			keys[i] = key
		})
	}
	wg.Wait()
	for i, key := range keys {
		if key == nil || *key != *keys[0] || *key == ([localuser.KeySize]byte{}) {
			t.Errorf("caller %d has another key than caller 0, or none", i)
		}
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 1 {
		t.Errorf("%v, %v, want the key alone", entries, err)
	}
}

func TestKeysThatAdministratorsBring(t *testing.T) {
	want := [localuser.KeySize]byte{}
	for i := range want {
		want[i] = byte(i)
	}
	digits := hex.EncodeToString(want[:])
	for _, tc := range []struct {
		what, content string
		mode          fs.FileMode
		ok            bool
	}{
		{"raw", string(want[:]), 0o400, true},
		{"hexadecimal", digits, 0o600, true},
		{"hexadecimal with a line end", strings.ToUpper(digits) + "\r\n", 0o600, true},
		{"with an ACL of systemd", digits, 0o440, true},
		{"readable by all", digits, 0o444, false},
		{"writable by the group", digits, 0o460, false},
		{"empty", "", 0o600, false},
		{"too short", digits[1:], 0o600, false},
		{"too long", digits + "00", 0o600, false},
		{"not hexadecimal", "x" + digits[1:], 0o600, false},
	} {
		path := filepath.Join(t.TempDir(), "key")
		writeMode(t, path, []byte(tc.content), tc.mode)
		key, err := localuser.ReadKey(path)
		if tc.ok && (err != nil || *key != want) || !tc.ok && err == nil {
			t.Errorf("%s: %v", tc.what, err)
		}
		if err != nil && strings.Contains(err.Error(), digits[1:8]) {
			t.Errorf("%s: the error quotes the key: %v", tc.what, err)
		}
	}
	path := filepath.Join(t.TempDir(), "absent")
	if _, err := localuser.ReadKey(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("ReadKey of no file: %v, want fs.ErrNotExist", err)
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Error("ReadKey made a key")
	}
}
