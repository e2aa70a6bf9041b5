package interop

import (
	"crypto/sha256"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// tree is what a folder holds: path with slashes → size, or -1 for a folder.
type tree map[string]int64

// makeTree fills dir with names and shapes that servers get wrong, and answers
// what it made: more names than one reply holds, empty files and folders,
// blanks, other scripts, long names, depth.
func makeTree(t *testing.T, dir string) tree {
	t.Helper()
	return makeTreeOf(t, dir, 400)
}

// makeTreeOf is makeTree with the number of files in the fullest folder.
func makeTreeOf(t *testing.T, dir string, many int) tree {
	t.Helper()
	made := make(tree)
	folder := func(name string) {
		must(t, os.MkdirAll(filepath.Join(dir, name), 0o755))
		for ; name != "."; name = path.Dir(name) {
			made[name] = -1
		}
	}
	file := func(name string, size int) {
		if parent := path.Dir(name); parent != "." {
			folder(parent)
		}
		must(t, os.WriteFile(filepath.Join(dir, name), content(len(made), size), 0o644))
		made[name] = int64(size)
	}
	file("readme.txt", 1234)
	file("nothing", 0)
	file("With Blanks and (brackets).txt", 10)
	file("Größe Ελληνικά 日本語 😀.txt", 20)
	file(strings.Repeat("long", 50)+".txt", 30)
	folder("hollow")
	file("a/b/c/d/e/f/deep.bin", 100_000)
	for i := range many {
		file(fmt.Sprintf("many/file number %04d.dat", i), i)
	}
	return made
}

// readTree is what a folder of this machine holds.
func readTree(t *testing.T, dir string) tree {
	t.Helper()
	found := make(tree)
	must(t, filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || p == dir {
			return err
		}
		rel, err := filepath.Rel(dir, p)
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		found[rel] = info.Size()
		if d.IsDir() {
			found[rel] = -1
		}
		return nil
	}))
	return found
}

// expectTree compares two trees and shows where they differ.
func expectTree(t *testing.T, what string, got, want tree) {
	t.Helper()
	if maps.Equal(got, want) {
		return
	}
	names := maps.Clone(got)
	maps.Copy(names, want)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		g, inGot := got[name]
		w, inWant := want[name]
		switch {
		case !inGot:
			t.Errorf("%s: %q (%d) is missing", what, name, w)
		case !inWant:
			t.Errorf("%s: %q (%d) should not be there", what, name, g)
		case g != w:
			t.Errorf("%s: %q is %d, want %d", what, name, g, w)
		}
	}
}

// expectSameContent compares every file of two folders.
func expectSameContent(t *testing.T, got, want string) {
	t.Helper()
	for name, size := range readTree(t, want) {
		if size >= 0 {
			expectSameHash(t, filepath.Join(got, name), filepath.Join(want, name))
		}
	}
}

// expectSameHash compares two files by SHA-256.
func expectSameHash(t *testing.T, got, want string) {
	t.Helper()
	if g, w := hash(t, got), hash(t, want); g != w {
		t.Errorf("%s has the SHA-256 %s, want %s as %s", got, g, w, want)
	}
}

func hash(t *testing.T, name string) string {
	t.Helper()
	f, err := os.Open(name)
	must(t, err)
	defer f.Close()
	h := sha256.New()
	_, err = io.Copy(h, f)
	must(t, err)
	return fmt.Sprintf("%x", h.Sum(nil))
}

// largeSize is the size of a large file in bytes.
func largeSize() int64 {
	if os.Getenv("SIGNET_INTEROP_SIZE") == "full" {
		return 1 << 30
	}
	return 64 << 20
}

// makeLarge writes a file of largeSize that does not repeat.
func makeLarge(t *testing.T, name string) {
	t.Helper()
	f, err := os.Create(name)
	must(t, err)
	_, err = io.CopyN(f, rand.NewChaCha8([32]byte{1}), largeSize())
	must(t, err)
	must(t, f.Close())
}

// content is size bytes that depend on seed.
func content(seed, size int) []byte {
	p := make([]byte, size)
	rand.NewChaCha8([32]byte{byte(seed), byte(seed >> 8), 2}).Read(p)
	return p
}
