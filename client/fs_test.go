package client_test

import (
	"bytes"
	"errors"
	"io/fs"
	"testing"
	"testing/fstest"

	"github.com/signet-smb/signet/internal/smbtest"
)

func TestShareIsAFileSystemOfTheStandardLibrary(t *testing.T) {
	s := smbtest.StartServer(t, smbtest.Options{Quiet: true})
	fsys := connect(t, s, dialer()).FS(bounded(t))
	big := random(3000) // TestFS reads every byte by itself
	for _, step := range []error{
		fsys.MkdirAll("a/b/c", 0o755),
		fsys.WriteFile("a/hello.txt", []byte("hello"), 0o644),
		fsys.WriteFile("a/b/empty", nil, 0o644),
		fsys.WriteFile("a/b/c/big", big, 0o644),
		fsys.WriteFile("top", []byte("x"), 0o444),
	} {
		if step != nil {
			t.Fatal(step)
		}
	}
	if err := fstest.TestFS(fsys, "a/hello.txt", "a/b/empty", "a/b/c/big", "top"); err != nil {
		t.Fatal(err)
	}
	sub, err := fs.Sub(fsys, "a/b")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := fs.ReadFile(sub, "c/big"); err != nil || !bytes.Equal(got, big) {
		t.Fatalf("%d bytes, %v", len(got), err)
	}
	if err := fsys.Rename("a/hello.txt", "a/b/moved.txt"); err != nil {
		t.Fatal(err)
	}
	if err := fsys.Truncate("a/b/moved.txt", 2); err != nil {
		t.Fatal(err)
	}
	if got, err := fsys.ReadFile("a/b/moved.txt"); err != nil || string(got) != "he" {
		t.Fatalf("%q, %v", got, err)
	}
	if err := fsys.Remove("a/b/moved.txt"); err != nil {
		t.Fatal(err)
	}
	if _, err := fsys.Open("a/b/moved.txt"); !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("open of what is gone: %v", err)
	}
	for _, name := range []string{"../x", "/x", "a/../b", `a\b`, "a:b", ""} {
		if _, err := fsys.Open(name); !errors.Is(err, fs.ErrInvalid) {
			t.Errorf("Open(%q): %v", name, err)
		}
	}
}
