package repolint

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// root is the repository's top directory, relative to this package, where
// tests run.
const root = "../.."

// module is the import path of the main module. Directories tools, interop and
// bench hold modules of their own.
const module = "github.com/signet-smb/signet"

// file is one file of the repository, as it is in the work tree. Immutable.
type file struct {
	path string // slash-separated, from the top of the repository
	src  []byte
	fset *token.FileSet
	ast  *ast.File // nil if it is no Go source
}

// problem is one place where a rule is broken.
type problem struct {
	where string // "path:line" or a package
	what  string // what is wrong, and what to do instead
}

// rule finds the places in one Go file that break it.
type rule func(f *file) []problem

// repository lists every file that git tracks or would track, sorted by path.
// Files of testdata directories are not parsed.
var repository = sync.OnceValues(func() ([]*file, error) {
	// A checkout may belong to another user, as in a container.
	cmd := exec.Command("git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("the rules need a git checkout: git ls-files: %w", err)
	}
	var files []*file
	names := slices.Sorted(strings.SplitSeq(strings.TrimSuffix(string(out), "\x00"), "\x00"))
	for _, name := range slices.Compact(names) {
		full := filepath.Join(root, filepath.FromSlash(name))
		if info, err := os.Lstat(full); err != nil || !info.Mode().IsRegular() {
			continue // deleted in the work tree, or a link
		}
		src, err := os.ReadFile(full)
		if err != nil {
			return nil, err
		}
		f := &file{path: name, src: src}
		if path.Ext(name) == ".go" && !strings.Contains("/"+name, "/testdata/") {
			if err := f.parse(); err != nil {
				return nil, err
			}
		}
		files = append(files, f)
	}
	return files, nil
})

// parse fills in the syntax tree.
func (f *file) parse() error { return f.parseInto(token.NewFileSet()) }

// parseInto is parse with positions in a set shared by a package.
func (f *file) parseInto(fset *token.FileSet) (err error) {
	f.fset = fset
	f.ast, err = parser.ParseFile(fset, f.path, f.src, parser.ParseComments|parser.SkipObjectResolution)
	return err
}

// isTest tells whether f is compiled into tests only.
func (f *file) isTest() bool { return strings.HasSuffix(f.path, "_test.go") }

// dir is the directory of f from the top of the repository, "." for the top.
func (f *file) dir() string { return path.Dir(f.path) }

// inMain tells whether f belongs to the main module.
func (f *file) inMain() bool {
	return !strings.HasPrefix(f.path, "tools/") && !strings.HasPrefix(f.path, "interop/") && !strings.HasPrefix(f.path, "bench/")
}

// imports tells whether f imports the package.
func (f *file) imports(pkg string) bool {
	return slices.ContainsFunc(f.ast.Imports, func(s *ast.ImportSpec) bool { return importPath(s) == pkg })
}

// problem says what is wrong at a position of f.
func (f *file) problem(pos token.Pos, format string, args ...any) problem {
	return problem{fmt.Sprintf("%s:%d", f.path, f.fset.Position(pos).Line), fmt.Sprintf(format, args...)}
}

// importPath is the path that an import declares, without quotes.
func importPath(s *ast.ImportSpec) string { return strings.Trim(s.Path.Value, `"`) }

// allFiles is every file of the repository.
func allFiles(t *testing.T) []*file {
	t.Helper()
	files, err := repository()
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// goFiles is every parsed Go file that keep accepts; nil accepts all.
func goFiles(t *testing.T, keep func(*file) bool) []*file {
	t.Helper()
	var kept []*file
	for _, f := range allFiles(t) {
		if f.ast != nil && (keep == nil || keep(f)) {
			kept = append(kept, f)
		}
	}
	return kept
}

// production accepts the main module's files that end in programs.
func production(f *file) bool { return f.inMain() && !f.isTest() }

// obey reports every place in files that breaks the rule.
func obey(t *testing.T, files []*file, r rule) {
	t.Helper()
	for _, f := range files {
		report(t, r(f))
	}
}

func report(t *testing.T, problems []problem) {
	t.Helper()
	for _, p := range problems {
		t.Errorf("%s: %s", p.where, p.what)
	}
}

// lineOf is the number of the line, from 1, that holds the byte at offset.
func lineOf(src []byte, offset int) int { return 1 + bytes.Count(src[:offset], []byte("\n")) }

// buildable tells whether f is compiled on this system without tags.
func buildable(f *file) bool {
	dir, name := path.Split(f.path)
	ctx := build.Default
	ctx.CgoEnabled = false
	ctx.OpenFile = func(string) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(f.src)), nil }
	ok, err := ctx.MatchFile(dir, name)
	return ok && err == nil
}
