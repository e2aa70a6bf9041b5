package repolint

import (
	"go/ast"
	"go/token"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// reference is a document and a section of it, "[MS-SMB2] 2.2.21".
var reference = regexp.MustCompile(`\[MS-[A-Z0-9]+\] \d+(\.\d+)+`)

func TestMessageFilesCiteTheirSection(t *testing.T) {
	obey(t, goFiles(t, production), messagesCite)
}

func TestCommandHandlersCiteTheirSection(t *testing.T) {
	messages := messageFiles(goFiles(t, production))
	if len(messages) == 0 {
		t.Fatal("no message was found in internal/smb2: has it been renamed?")
	}
	obey(t, goFiles(t, production), handlersCite(messages))
}

// messagesCite wants a reference in every file that defines a message, an
// information class or an FSCTL.
func messagesCite(f *file) []problem {
	base := path.Base(f.path)
	isMessage := f.dir() == "internal/smb2" && definesMessage(f)
	isClass := f.dir() == "fscc" && (strings.HasPrefix(base, "info_") || strings.HasPrefix(base, "fsctl_"))
	if (isMessage || isClass) && !reference.Match(f.src) {
		return []problem{{f.path, "this file defines a structure of the protocol and names no section, as in [MS-SMB2] 2.2.21"}}
	}
	return nil
}

// handlersCite wants a reference in every file of server/ that is named after
// a message or an FSCTL.
func handlersCite(messages []string) rule {
	return func(f *file) []problem {
		base := path.Base(f.path)
		handles := slices.Contains(messages, base) || strings.HasPrefix(base, "fsctl_")
		if f.dir() == "server" && handles && !reference.Match(f.src) {
			return []problem{{f.path, "this file handles a command and names no section, as in [MS-SMB2] 3.3.5.13"}}
		}
		return nil
	}
}

// messageFiles is the base names of the files that define messages.
func messageFiles(files []*file) (bases []string) {
	for _, f := range files {
		if f.dir() == "internal/smb2" && definesMessage(f) {
			bases = append(bases, path.Base(f.path))
		}
	}
	return bases
}

func definesMessage(f *file) bool {
	return slices.ContainsFunc(f.ast.Decls, func(d ast.Decl) bool {
		g, ok := d.(*ast.GenDecl)
		return ok && slices.ContainsFunc(g.Specs, func(s ast.Spec) bool {
			typ, ok := s.(*ast.TypeSpec)
			return ok && (strings.HasSuffix(typ.Name.Name, "Request") || strings.HasSuffix(typ.Name.Name, "Response"))
		})
	})
}

// TestEveryCommandHasARow wants every smb2.Command named in the server's table
// of commands, once there is one.
func TestEveryCommandHasARow(t *testing.T) {
	var commands []string
	var table *file
	for _, f := range goFiles(t, production) {
		if f.dir() == "internal/smb2" {
			commands = append(commands, constants(f, "Command")...)
		}
		if f.path == "server/commands.go" {
			table = f
		}
	}
	if len(commands) < 19 { // [MS-SMB2] 2.2.1.2 lists as many
		t.Fatalf("found the commands %v, want at least 19", commands)
	}
	if table == nil {
		t.Skip("server/commands.go does not exist yet")
	}
	for _, c := range commands {
		if !strings.Contains(string(table.src), "smb2."+c+":") && !strings.Contains(string(table.src), "smb2."+c+",") {
			t.Errorf("%s: no row for smb2.%s", table.path, c)
		}
	}
}

// constants lists the constants of a type that a file declares.
func constants(f *file, typ string) (names []string) {
	for _, d := range f.ast.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.CONST {
			continue
		}
		current := ""
		for _, s := range g.Specs {
			v := s.(*ast.ValueSpec)
			if id, ok := v.Type.(*ast.Ident); ok {
				current = id.Name
			} else if len(v.Values) > 0 {
				current = "" // an untyped constant; without a value the type is inherited
			}
			if current == typ {
				names = append(names, v.Names[0].Name)
			}
		}
	}
	return names
}
