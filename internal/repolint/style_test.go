package repolint

import (
	"bytes"
	"go/ast"
	"go/format"
	"go/token"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestGoFilesAreFormatted(t *testing.T)         { obey(t, goFiles(t, nil), formatted) }
func TestNoFileImportsWithADot(t *testing.T)       { obey(t, goFiles(t, nil), noDotImport) }
func TestNoInitFunctions(t *testing.T)             { obey(t, goFiles(t, nil), noInit) }
func TestUnsafeIsNotImported(t *testing.T)         { obey(t, goFiles(t, nil), noUnsafe) }
func TestNothingSleeps(t *testing.T)               { obey(t, goFiles(t, nil), noSleep) }
func TestSkipsSayWhy(t *testing.T)                 { obey(t, goFiles(t, nil), skipsSayWhy) }
func TestNoUnfinishedMarks(t *testing.T)           { obey(t, goFiles(t, nil), noUnfinishedMark) }
func TestPackageNamesSayWhatTheyHold(t *testing.T) { obey(t, goFiles(t, nil), noVaguePackage) }
func TestTypesAndExportedNamesAreDocumented(t *testing.T) {
	obey(t, goFiles(t, production), documented)
}

func TestEveryPackageHasADocComment(t *testing.T) {
	doc := make(map[string]bool)
	for _, f := range goFiles(t, func(f *file) bool { return !f.isTest() }) {
		doc[f.dir()] = doc[f.dir()] || f.ast.Doc != nil
	}
	for dir, ok := range doc {
		if !ok {
			t.Errorf("%s: no file of the package begins with a comment that says what the package is", dir)
		}
	}
}

func formatted(f *file) []problem {
	if out, err := format.Source(f.src); err != nil || !bytes.Equal(out, f.src) {
		return []problem{{f.path, "run gofmt on it"}}
	}
	return nil
}

func noDotImport(f *file) (found []problem) {
	for _, s := range f.ast.Imports {
		if s.Name != nil && s.Name.Name == "." {
			found = append(found, f.problem(s.Pos(), "a dot import hides where names come from"))
		}
	}
	return found
}

func noInit(f *file) (found []problem) {
	for _, d := range f.ast.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
			found = append(found, f.problem(d.Pos(), "init runs unseen and in no clear order: use a table, or a function that is called"))
		}
	}
	return found
}

func noUnsafe(f *file) (found []problem) {
	decided := f.path == "vfs/localfs/quota_linux.go" // docs/adr/0006
	for _, s := range f.ast.Imports {
		if importPath(s) == "unsafe" && !decided {
			found = append(found, f.problem(s.Pos(), "unsafe needs a decision record, and a line here"))
		}
	}
	return found
}

// noSleep lets a file that uses testing/synctest sleep, for there the clock is
// a toy, and the modules interop and bench, which poll programs that have no
// other sign.
func noSleep(f *file) (found []problem) {
	if strings.HasPrefix(f.path, "interop/") || strings.HasPrefix(f.path, "bench/") || f.isTest() && f.imports("testing/synctest") {
		return nil
	}
	ast.Inspect(f.ast, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok && isName(sel.X, "time") && sel.Sel.Name == "Sleep" {
			found = append(found, f.problem(n.Pos(), "time.Sleep waits too long or not long enough: wait for the event, or test under testing/synctest"))
		}
		return true
	})
	return found
}

func skipsSayWhy(f *file) (found []problem) {
	ast.Inspect(f.ast, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		sel, ok := call.Fun.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		switch sel.Sel.Name {
		case "SkipNow":
		case "Skip", "Skipf":
			if len(call.Args) > 0 && !isEmptyString(call.Args[0]) {
				return true
			}
			if !isName(sel.X, "t") && !isName(sel.X, "b") && !isName(sel.X, "f") && !isName(sel.X, "tb") {
				return true // another thing's method of that name
			}
		default:
			return true
		}
		found = append(found, f.problem(n.Pos(), "a skipped test says why"))
		return true
	})
	return found
}

var unfinished = regexp.MustCompile(`\b(TODO|FIXME)\b`)

func noUnfinishedMark(f *file) (found []problem) {
	for _, g := range f.ast.Comments {
		for _, c := range g.List {
			if m := unfinished.FindString(c.Text); m != "" {
				found = append(found, f.problem(c.Pos(), "%s: finish it, or state the gap as \"// Missing: …\"", m))
			}
		}
	}
	return found
}

func noVaguePackage(f *file) []problem {
	vague := []string{"util", "utils", "common", "helper", "helpers", "types", "misc", "base"}
	if slices.Contains(vague, path.Base(f.dir())) {
		return []problem{{f.path, "a package is named after what it holds"}}
	}
	return nil
}

// plainMethods need no comment: their interface says what they do.
var plainMethods = []string{
	"Error", "String", "Unwrap", "Is", "As", "Len", "Less", "Swap", "GoString", "Format", "LogValue",
	"MarshalText", "UnmarshalText", "MarshalJSON", "UnmarshalJSON",
	"AppendBinary", "MarshalBinary", "UnmarshalBinary",
}

// documented wants a comment on every type, exported or not, and on every
// exported function, method of an exported type, constant and variable. A
// comment on a group serves all of it.
func documented(f *file) (found []problem) {
	missing := func(pos token.Pos, kind, name string) {
		found = append(found, f.problem(pos, "%s %s has no comment that says what it is", kind, name))
	}
	for _, d := range f.ast.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			switch {
			case d.Doc != nil || !d.Name.IsExported():
			case d.Recv == nil:
				missing(d.Pos(), "function", d.Name.Name)
			case ast.IsExported(receiver(d)) && !slices.Contains(plainMethods, d.Name.Name):
				missing(d.Pos(), "method", receiver(d)+"."+d.Name.Name)
			}
		case *ast.GenDecl:
			if d.Doc != nil {
				continue
			}
			for _, s := range d.Specs {
				switch s := s.(type) {
				case *ast.TypeSpec:
					if s.Doc == nil && s.Comment == nil {
						missing(s.Pos(), "type", s.Name.Name)
					}
				case *ast.ValueSpec:
					if s.Doc == nil && s.Comment == nil && s.Names[0].IsExported() {
						missing(s.Pos(), "value", s.Names[0].Name)
					}
				}
			}
		}
	}
	return found
}

// receiver is the name of the type that a method belongs to.
func receiver(d *ast.FuncDecl) string {
	typ := d.Recv.List[0].Type
	for {
		switch t := typ.(type) {
		case *ast.StarExpr:
			typ = t.X
		case *ast.IndexExpr:
			typ = t.X
		case *ast.IndexListExpr:
			typ = t.X
		case *ast.Ident:
			return t.Name
		default:
			return ""
		}
	}
}

func isName(e ast.Expr, name string) bool {
	id, ok := e.(*ast.Ident)
	return ok && id.Name == name
}

func isEmptyString(e ast.Expr) bool {
	lit, ok := e.(*ast.BasicLit)
	return ok && (lit.Value == `""` || lit.Value == "``")
}
