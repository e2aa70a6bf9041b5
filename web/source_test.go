package web_test

import (
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "note of which source dist was made")

func TestDistIsMadeOfTheSource(t *testing.T) {
	const noted = "dist/source.sha256"
	want, err := sourceHash(os.DirFS("."))
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(noted, []byte(want+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile(noted)
	if err != nil || strings.TrimSpace(string(got)) != want {
		t.Errorf("dist is of the source %s (%v), but the source is %s: make web", got, err, want)
	}
}

// sources are what a build depends on; a name that ends in / is a folder.
var sources = []string{"index.html", "package-lock.json", "package.json", "public/", "src/", "tsconfig.json", "vite.config.ts"}

// sourceHash returns the hash of the source in tree, the directory of this
// package: SHA-256 over the lines of sha256sum, sorted by name.
func sourceHash(tree fs.FS) (string, error) {
	var names []string
	err := fs.WalkDir(tree, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		isSource := slices.ContainsFunc(sources, func(s string) bool {
			return name == s || strings.HasSuffix(s, "/") && strings.HasPrefix(name, s)
		})
		switch {
		case d.IsDir() && (name == "node_modules" || name == "dist" || name == "e2e"):
			return fs.SkipDir
		case isSource && d.Type().IsRegular():
			names = append(names, name)
		}
		return nil
	})
	if err != nil {
		return "", err
	}
	slices.Sort(names)
	all := sha256.New()
	for _, name := range names {
		data, err := fs.ReadFile(tree, name)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(all, "%x  %s\n", sha256.Sum256(data), name)
	}
	return hex.EncodeToString(all.Sum(nil)), nil
}
