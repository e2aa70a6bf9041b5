package repolint

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// guarded are the packages that handle keys, hashes and signatures.
var guarded = []string{"internal/transform/...", "internal/crypto/...", "auth/...", "admin/signin/..."}

// variableTime are functions whose time depends on where their arguments
// differ.
var variableTime = map[string]bool{
	"bytes.Equal": true, "bytes.Compare": true, "bytes.EqualFold": true, "bytes.HasPrefix": true,
	"slices.Equal": true, "slices.Compare": true, "slices.EqualFunc": true,
	"reflect.DeepEqual": true,
}

// public is the mark of a comparison of bytes that are no secret.
var public = regexp.MustCompile(`//repolint:public \S+`)

func TestSecretsAreComparedInConstantTime(t *testing.T) {
	byDir := make(map[string][]*file)
	for _, f := range goFiles(t, production) {
		for _, g := range guarded {
			if matches(g, f.dir()) {
				byDir[f.dir()] = append(byDir[f.dir()], f)
			}
		}
	}
	if len(byDir) == 0 {
		t.Fatal("none of the packages that handle secrets was found: has one been renamed?")
	}
	var packages []string
	for dir := range byDir {
		packages = append(packages, "./"+dir)
	}
	lookup := exports(t, packages...)
	for dir, files := range byDir {
		problems, err := comparisons(dir, files, lookup)
		if err != nil {
			t.Errorf("%s: %v", dir, err)
		}
		report(t, problems)
	}
}

// comparisons finds where the files of one package compare bytes in a time
// that depends on them.
func comparisons(dir string, files []*file, lookup importer.Lookup) (found []problem, err error) {
	fset := token.NewFileSet()
	var parsed []*ast.File
	var sources []*file
	for _, f := range files {
		if !buildable(f) {
			continue
		}
		g := &file{path: f.path, src: f.src, fset: fset}
		if err := g.parseInto(fset); err != nil {
			return nil, err
		}
		parsed, sources = append(parsed, g.ast), append(sources, g)
	}
	info := &types.Info{Types: make(map[ast.Expr]types.TypeAndValue), Uses: make(map[*ast.Ident]types.Object)}
	conf := types.Config{Importer: importer.ForCompiler(fset, "gc", lookup)}
	if _, err := conf.Check(module+"/"+dir, fset, parsed, info); err != nil {
		return nil, err
	}
	for _, f := range sources {
		lines := bytes.Split(f.src, []byte("\n"))
		ast.Inspect(f.ast, func(n ast.Node) bool {
			what := revealing(n, info)
			if what != "" && !public.Match(lines[fset.Position(n.Pos()).Line-1]) {
				found = append(found, f.problem(n.Pos(), "%s takes a time that depends on the bytes: use hmac.Equal or crypto/subtle, or end the line with //repolint:public and why they are no secret", what))
			}
			return true
		})
	}
	return found, nil
}

// revealing describes n if it compares bytes in variable time; else it is "".
func revealing(n ast.Node, info *types.Info) string {
	switch n := n.(type) {
	case *ast.CallExpr:
		fun := n.Fun
		if ix, ok := fun.(*ast.IndexExpr); ok {
			fun = ix.X // an instantiated generic function
		}
		sel, ok := fun.(*ast.SelectorExpr)
		if !ok {
			return ""
		}
		fn, ok := info.Uses[sel.Sel].(*types.Func)
		if !ok || fn.Pkg() == nil || !variableTime[fn.Pkg().Path()+"."+fn.Name()] {
			return ""
		}
		for _, arg := range n.Args {
			if isBytes(info.TypeOf(arg)) {
				return fn.Pkg().Name() + "." + fn.Name()
			}
		}
	case *ast.BinaryExpr:
		if n.Op != token.EQL && n.Op != token.NEQ {
			return ""
		}
		if info.Types[n.X].Value != nil || info.Types[n.Y].Value != nil {
			return "" // a constant is no secret: a protocol's magic, say
		}
		for _, e := range []ast.Expr{n.X, n.Y} {
			if _, isArray := info.TypeOf(e).Underlying().(*types.Array); isArray && isBytes(info.TypeOf(e)) {
				return n.Op.String() + " on an array of bytes"
			}
			if conv, ok := e.(*ast.CallExpr); ok && len(conv.Args) == 1 && info.Types[conv.Fun].IsType() && isBytes(info.TypeOf(conv.Args[0])) {
				return n.Op.String() + " on bytes made a string"
			}
		}
	}
	return ""
}

// isBytes tells whether t is a slice or array of bytes, or a pointer to one.
func isBytes(t types.Type) bool {
	if t == nil {
		return false
	}
	var elem types.Type
	switch u := t.Underlying().(type) {
	case *types.Pointer:
		return isBytes(u.Elem())
	case *types.Slice:
		elem = u.Elem()
	case *types.Array:
		elem = u.Elem()
	default:
		return false
	}
	b, ok := elem.Underlying().(*types.Basic)
	return ok && b.Kind() == types.Uint8
}

// exports asks the go command for the compiled interfaces of everything that
// the packages import.
func exports(t *testing.T, packages ...string) importer.Lookup {
	t.Helper()
	args := append([]string{"list", "-export", "-deps", "-f", "{{.ImportPath}}\t{{.Export}}"}, packages...)
	cmd := exec.Command("go", args...)
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	out, err := cmd.Output()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		t.Fatalf("go list: %v\n%s", err, exit.Stderr)
	} else if err != nil {
		t.Fatalf("go list: %v", err)
	}
	where := make(map[string]string)
	for lines := bufio.NewScanner(bytes.NewReader(out)); lines.Scan(); {
		if pkg, export, ok := strings.Cut(lines.Text(), "\t"); ok && export != "" {
			where[pkg] = export
		}
	}
	return func(pkg string) (io.ReadCloser, error) {
		export, ok := where[pkg]
		if !ok {
			return nil, fmt.Errorf("no compiled interface of %s", pkg)
		}
		return os.Open(export)
	}
}
