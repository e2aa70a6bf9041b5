package repolint

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// layer is a package, or a tree of them ("auth/..."), and how far it may look.
type layer struct {
	pkg   string
	level int
	same  []string // what it may import of its own level
}

// layers is the order of the house: a package imports lower levels, and of its
// own level only what its row names. The first row that matches counts.
var layers = []layer{
	{pkg: "internal/invariants", level: 0},
	{pkg: "internal/repolint", level: 0},
	{pkg: "internal/wire", level: 0, same: []string{"internal/invariants"}},
	{pkg: "internal/bufpool", level: 0, same: []string{"internal/invariants"}},
	{pkg: "internal/transport", level: 0, same: []string{"internal/invariants", "internal/bufpool"}},
	{pkg: "internal/private", level: 0},
	{pkg: "internal/rolestest", level: 0},
	{pkg: "internal/sqlitedb", level: 0, same: []string{"internal/private"}},
	{pkg: "ntstatus", level: 0},
	{pkg: "policy", level: 0},
	{pkg: "event", level: 0},
	{pkg: "web", level: 0},

	{pkg: "dtyp", level: 1},
	{pkg: "internal/crypto/...", level: 1, same: []string{"internal/crypto/internal/..."}},
	{pkg: "policy/...", level: 1},
	{pkg: "event/...", level: 1},

	{pkg: "fscc", level: 2},
	{pkg: "internal/statedir", level: 2},
	{pkg: "auth/localuser", level: 3},
	{pkg: "auth", level: 2},
	{pkg: "auth/...", level: 2, same: []string{"auth"}},

	{pkg: "internal/smb2", level: 3},
	{pkg: "vfs", level: 3},

	{pkg: "internal/transform", level: 4},
	{pkg: "internal/fsa", level: 4},
	{pkg: "internal/rpc/ndr", level: 2},
	{pkg: "internal/rpc/rpctest", level: 2},
	{pkg: "internal/rpc/directory", level: 3},
	{pkg: "internal/rpc", level: 3},
	{pkg: "internal/rpc/...", level: 4},
	{pkg: "vfs/smbfs", level: 6},
	{pkg: "vfs/...", level: 4},

	{pkg: "client", level: 5},
	{pkg: "server", level: 5},

	{pkg: "audit", level: 6},
	{pkg: "admin", level: 6},
	{pkg: "internal/smbtest", level: 6},
	{pkg: "internal/doctor", level: 6},
	{pkg: "internal/transfer", level: 6},
	{pkg: "internal/metrics", level: 6},
	{pkg: "internal/hostile", level: 7},

	{pkg: "cmd/...", level: 7, same: []string{"cmd/..."}},
	{pkg: "bench/...", level: 7},
	{pkg: "internal/powershell", level: 7},
}

// never is what no level allows.
var never = []struct{ from, to, why string }{
	{"client/...", "server/...", "client and server share the codec, not each other"},
	{"server/...", "client/...", "client and server share the codec, not each other"},
	{"vfs/...", "internal/smb2/...", "a back end knows files, not messages"},
	{"internal/fsa/...", "internal/smb2/...", "NT semantics know no message"},
	{"internal/fsa/...", "internal/transform/...", "NT semantics know no message"},
	{"internal/smb2/...", "vfs/...", "a codec that imports the file system cannot be fuzzed or reused alone"},
	{"policy/...", "server/...", "policy decides, it does not serve"},
	{"admin/...", "server/...", "admin declares the interfaces it needs; the server satisfies them"},
	{"auth/...", "internal/smb2/...", "there is no SMB in authentication"},
}

// forTests are packages that only tests may import.
var forTests = []string{"testing", "internal/rolestest", "internal/rpc/rpctest", "internal/smbtest", "vfs/vfstest", "policy/policytest"}

// thirdParty is every module that the main module may import, and where: so
// that each can leave again. No place means tests only.
var thirdParty = []struct {
	prefix string
	places []string
}{
	{"golang.org/x/sys", []string{"..."}},
	{"golang.org/x/crypto", []string{"..."}},
	{"golang.org/x/term", []string{"cmd/..."}},
	{"github.com/jcmturner", []string{"auth/krb5"}},
	{"github.com/spf13/cobra", []string{"cmd/..."}},
	{"github.com/spf13/pflag", []string{"cmd/..."}},
	{"github.com/goccy/go-yaml", []string{"cmd/...", "policy/..."}},
	{"modernc.org/sqlite", []string{"internal/sqlitedb", "audit/..."}},
	{"github.com/danielgtaylor/huma/v2", []string{"admin/..."}},
	{"github.com/prometheus", []string{"internal/metrics"}},
	{"go.uber.org/goleak", nil},
	{"pgregory.net/rapid", nil},
}

func TestEveryPackageHasALevel(t *testing.T) {
	seen := make(map[string]bool)
	for _, f := range goFiles(t, production) {
		if dir := f.dir(); !seen[dir] {
			seen[dir] = true
			if _, ok := layerOf(dir); !ok {
				t.Errorf("%s: this package has no row in layers (internal/repolint/imports_test.go): say at which level it lives", dir)
			}
		}
	}
}

func TestImportsPointDownwards(t *testing.T) { obey(t, goFiles(t, production), importsPointDown) }
func TestForbiddenImportsDoNotHappen(t *testing.T) {
	obey(t, goFiles(t, production), noForbiddenImport)
}

func TestTestSupportStaysOutOfPrograms(t *testing.T) { obey(t, goFiles(t, production), noTestSupport) }

func TestThirdPartyModulesStayBehindOneDoor(t *testing.T) { obey(t, goFiles(t, inMain), ownedModules) }

func inMain(f *file) bool { return f.inMain() }

func importsPointDown(f *file) (found []problem) {
	from, ok := layerOf(f.dir())
	if !ok {
		return nil // TestEveryPackageHasALevel says so
	}
	for _, s := range f.ast.Imports {
		dir, ours := strings.CutPrefix(importPath(s), module+"/")
		if !ours {
			continue
		}
		to, ok := layerOf(dir)
		switch {
		case !ok || to.level < from.level || dir == f.dir():
		case to.level > from.level:
			found = append(found, f.problem(s.Pos(), "%s (level %d) imports %s (level %d): arrows point downwards", f.dir(), from.level, dir, to.level))
		case !slices.ContainsFunc(from.same, func(p string) bool { return matches(p, dir) }):
			found = append(found, f.problem(s.Pos(), "%s imports %s of its own level %d, which its row in layers does not name", f.dir(), dir, to.level))
		}
	}
	return found
}

func noForbiddenImport(f *file) (found []problem) {
	for _, s := range f.ast.Imports {
		dir, ours := strings.CutPrefix(importPath(s), module+"/")
		if !ours {
			continue
		}
		if matches("cmd/...", dir) && !matches("cmd/...", f.dir()) {
			found = append(found, f.problem(s.Pos(), "nothing imports a command"))
		}
		for _, n := range never {
			if matches(n.from, f.dir()) && matches(n.to, dir) {
				found = append(found, f.problem(s.Pos(), "%s must never import %s: %s", f.dir(), dir, n.why))
			}
		}
	}
	return found
}

func noTestSupport(f *file) (found []problem) {
	if slices.Contains(forTests, f.dir()) {
		return nil
	}
	for _, s := range f.ast.Imports {
		if dir := strings.TrimPrefix(importPath(s), module+"/"); slices.Contains(forTests, dir) {
			found = append(found, f.problem(s.Pos(), "%s is for tests; this file ends in programs", dir))
		}
	}
	return found
}

func ownedModules(f *file) (found []problem) {
	for _, s := range f.ast.Imports {
		p := importPath(s)
		first, _, _ := strings.Cut(p, "/")
		if !strings.Contains(first, ".") || matches(module+"/...", p) {
			continue // standard library, or ours
		}
		i := slices.IndexFunc(thirdParty, func(m struct {
			prefix string
			places []string
		},
		) bool {
			return matches(m.prefix+"/...", p)
		})
		switch {
		case i < 0:
			found = append(found, f.problem(s.Pos(), "%s has no row in thirdParty (internal/repolint/imports_test.go): a new dependency needs one, and a decision record", p))
		case f.isTest() || slices.Contains(forTests, f.dir()):
		case !slices.ContainsFunc(thirdParty[i].places, func(place string) bool { return matches(place, f.dir()) }):
			found = append(found, f.problem(s.Pos(), "%s may be imported by %s only", p, placesOf(thirdParty[i].places)))
		}
	}
	return found
}

func placesOf(places []string) string {
	if len(places) == 0 {
		return "tests"
	}
	return fmt.Sprint(places)
}

// layerOf finds the row of a package.
func layerOf(dir string) (layer, bool) {
	i := slices.IndexFunc(layers, func(l layer) bool { return matches(l.pkg, dir) })
	if i < 0 {
		return layer{}, false
	}
	return layers[i], true
}

// matches tells whether a package is the one named, or, for a pattern that
// ends in "/...", that one or below it.
func matches(pattern, dir string) bool {
	tree, isTree := strings.CutSuffix(pattern, "...")
	return dir == pattern || isTree && strings.HasPrefix(dir+"/", tree)
}
