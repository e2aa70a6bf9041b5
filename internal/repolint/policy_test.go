package repolint

import (
	"go/ast"
	"slices"
	"strings"
	"testing"
)

// TestEveryPropertyIsRead finds properties of package policy that no other
// package looks at, and that do not say so: an administrator would set them and
// nothing would change.
func TestEveryPropertyIsRead(t *testing.T) {
	files, err := repository()
	if err != nil {
		t.Fatal(err)
	}
	defined := make(map[string]string) // name to where it is defined
	read := make(map[string]bool)
	for _, f := range files {
		switch {
		case f.ast == nil || strings.HasSuffix(f.path, "_test.go"):
		case strings.HasPrefix(f.path, "policy/"):
			for _, name := range properties(f) {
				defined[name] = f.path
			}
		default:
			for _, name := range policyReads(f) {
				read[name] = true
			}
		}
	}
	if len(defined) == 0 {
		t.Fatal("no property found: the rule is blind")
	}
	for name, where := range defined {
		if !read[name] {
			t.Errorf("%s: policy.%s is read by nobody", where, name)
		}
	}
}

// TestEveryWorkingPropertyHasATestOfItsName wants a test that shows what each
// property changes.
func TestEveryWorkingPropertyHasATestOfItsName(t *testing.T) {
	files, err := repository()
	if err != nil {
		t.Fatal(err)
	}
	var all, tests []string // all: the tests wanted
	for _, f := range files {
		switch {
		case f.ast == nil:
		case strings.HasSuffix(f.path, "_test.go"):
			for _, d := range f.ast.Decls {
				if fun, ok := d.(*ast.FuncDecl); ok {
					tests = append(tests, fun.Name.Name)
				}
			}
		case strings.HasPrefix(f.path, "policy/") && !strings.HasSuffix(f.path, "keys_limits.go"):
			for _, name := range properties(f) {
				if f.path == "policy/keys_client.go" {
					all = append(all, "TestClientProperty_"+strings.TrimPrefix(name, "Client"))
				} else {
					all = append(all, "TestServerProperty_"+name)
				}
			}
		}
	}
	if len(all) == 0 {
		t.Fatal("no property found: the rule is blind")
	}
	for _, want := range all {
		if !slices.Contains(tests, want) {
			t.Errorf("there is no %s", want)
		}
	}
}

// saysItDoesNothing reports whether a definition is of a property that is
// planned or not applicable.
func saysItDoesNothing(define *ast.CallExpr) bool {
	found := false
	ast.Inspect(define, func(n ast.Node) bool {
		if kv, ok := n.(*ast.KeyValueExpr); ok {
			key, ok := kv.Key.(*ast.Ident)
			found = found || ok && (key.Name == "Planned" || key.Name == "NotApplicable")
		}
		return true
	})
	return found
}

// properties lists the package variables of f that Define makes, and that do
// something.
func properties(f *file) (names []string) {
	ast.Inspect(f.ast, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 {
			return true
		}
		if call, ok := spec.Values[0].(*ast.CallExpr); ok {
			if fun, ok := call.Fun.(*ast.Ident); ok && fun.Name == "Define" && !saysItDoesNothing(call) {
				names = append(names, spec.Names[0].Name)
			}
		}
		return true
	})
	return names
}

// policyReads lists the names X of f's calls policy.Get(…, policy.X).
func policyReads(f *file) (names []string) {
	ast.Inspect(f.ast, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || len(call.Args) != 2 || !isSelector(call.Fun, "policy", "Get") {
			return true
		}
		if key, ok := call.Args[1].(*ast.SelectorExpr); ok {
			names = append(names, key.Sel.Name)
		}
		return true
	})
	return names
}

func isSelector(e ast.Expr, pkg, name string) bool {
	s, ok := e.(*ast.SelectorExpr)
	if !ok || s.Sel.Name != name {
		return false
	}
	id, ok := s.X.(*ast.Ident)
	return ok && id.Name == pkg
}
