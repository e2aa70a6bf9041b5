package repolint

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// TestRulesFindWhatTheyForbid shows each rule a file that breaks it, once per
// line marked "// here", and nothing else.
func TestRulesFindWhatTheyForbid(t *testing.T) {
	for _, c := range []struct {
		name string
		rule rule
		path string
		src  string
	}{
		{"unformatted", formatted, "vfs/x.go", "package vfs // here\nvar  a = 1\n"},
		{"formatted", formatted, "vfs/x.go", "package vfs\n\nvar a = 1\n"},
		{"dot import", noDotImport, "vfs/x.go", "package vfs\nimport . \"fmt\" // here\n"},
		{"init", noInit, "vfs/x.go", "package vfs\nfunc init() {} // here\nfunc (a T) init() {}\n"},
		{"unsafe", noUnsafe, "vfs/x.go", "package vfs\nimport \"unsafe\" // here\n"},
		{"sleep", noSleep, "vfs/x.go", "package vfs\nfunc f() {\n\ttime.Sleep(1) // here\n}\n"},
		{"sleep in a test", noSleep, "vfs/x_test.go", "package vfs\nfunc f() {\n\ttime.Sleep(1) // here\n}\n"},
		{"sleep under synctest", noSleep, "vfs/x_test.go", "package vfs\nimport \"testing/synctest\"\nfunc f() { time.Sleep(1) }\n"},
		{"poll in interop", noSleep, "interop/x_test.go", "package interop\nfunc f() { time.Sleep(1) }\n"},
		{"skip", skipsSayWhy, "vfs/x_test.go", "package vfs\nfunc f() {\n\tt.Skip() // here\n\tt.SkipNow() // here\n\tt.Skip(\"\") // here\n\tt.Skip(\"no root\")\n\tr.Skip(4)\n}\n"},
		{"unfinished", noUnfinishedMark, "vfs/x.go", "package vfs\n// TO" + "DO: all of it // here\n// Missing: streams\n"},
		{"vague package", noVaguePackage, "internal/util/x.go", "package util // here\n"},
		{
			"undocumented", documented, "vfs/x.go",
			"package vfs\ntype a int // Trailing comments count.\ntype b int; var _ b // here\nfunc F() {} // here\nfunc g() {}\n" +
				"func (T) M() {} // here\nfunc (T) String() string {}\nfunc (*t) M() {}\n// V and W.\nvar (\n\tV int\n)\n",
		},
		{
			"upward import", importsPointDown, "vfs/localfs/x.go",
			"package localfs\nimport (\n\t\"github.com/signet-smb/signet/vfs\"\n\t\"github.com/signet-smb/signet/server\" // here\n\t\"github.com/signet-smb/signet/internal/fsa\" // here\n)\n",
		},
		{
			"never", noForbiddenImport, "internal/fsa/x.go",
			"package fsa\nimport (\n\t\"github.com/signet-smb/signet/vfs\"\n\t\"github.com/signet-smb/signet/internal/smb2\" // here\n\t\"github.com/signet-smb/signet/cmd/signet\" // here\n)\n",
		},
		{
			"never between client and server", noForbiddenImport, "server/x.go",
			"package server\nimport \"github.com/signet-smb/signet/client\" // here\n",
		},
		{
			"test support", noTestSupport, "server/x.go",
			"package server\nimport (\n\t\"testing\" // here\n\t\"github.com/signet-smb/signet/vfs/vfstest\" // here\n\t\"testing/fstest\"\n)\n",
		},
		{
			"third party", ownedModules, "server/x.go",
			"package server\nimport (\n\t\"golang.org/x/sys/unix\"\n\t\"modernc.org/sqlite\" // here\n\t\"example.org/left/pad\" // here\n\t\"pgregory.net/rapid\" // here\n)\n",
		},
		{
			"third party in tests", ownedModules, "server/x_test.go",
			"package server\nimport (\n\t\"pgregory.net/rapid\"\n\t\"example.org/left/pad\" // here\n)\n",
		},
		{"message without section", messagesCite, "internal/smb2/x.go", "package smb2 // here\ntype XRequest struct{}\n"},
		{"message with section", messagesCite, "internal/smb2/x.go", "package smb2\n// [MS-SMB2] 2.2.21.\ntype XRequest struct{}\n"},
		{"class without section", messagesCite, "fscc/info_x.go", "package fscc // here\n"},
		{"handler without section", handlersCite([]string{"write.go"}), "server/write.go", "package server // here\n"},
		{"handler with section", handlersCite([]string{"write.go"}), "server/write.go", "package server\n// [MS-SMB2] 3.3.5.13\n"},
		{"no handler", handlersCite([]string{"write.go"}), "server/send.go", "package server\n"},
		{"foreign path", foreignText, "Makefile", "a:\n\tcd /wor" + "k/x // here\n\tcd network/x\n\tcp /roo" + "t/x . // here\n"},
		{"registry", foreignText, "Makefile", "GOPROXY=https://prox" + "y.golang.org // here\n"},
		{"conflict", foreignText, "a.go", "<<<<" + "<<< HEAD // here\n"},
		{"dead link", deadLinks, "docs/x.md", "[a](../go.mod) [b](none.md) // here\n[c](https://example.org/none.md)\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, p := range c.rule(sample(t, c.path, c.src)) {
				where := p.where
				if !strings.Contains(where, ":") {
					where += ":1"
				}
				got = append(got, where)
			}
			if want := marked(c.path, c.src); !slices.Equal(got, want) {
				t.Errorf("the rule found problems at %v, want %v, in\n%s", got, want, c.src)
			}
		})
	}
}

func TestComparisonsOfSecretsAreFound(t *testing.T) {
	const src = `package ntlm

import (
	"bytes"
	"slices"
)

type key [16]byte

func f(a, b []byte, k, l key, p *key, s string, d, e []uint16) bool {
	_ = bytes.Equal(a, b)       // here
	_ = slices.Equal(a, b)      // here
	_ = slices.Equal(k[:], l[:]) // here
	_ = slices.Equal(d, e)
	_ = k == l                  // here
	_ = *p != k                 // here
	_ = string(a) == s          // here
	_ = s == "guest"
	_ = string(a) == "NTLMSSP\x00"
	_ = p == nil
	_ = a == nil
	_ = bytes.Equal(a, b)       //repolint:public an object identifier
	_ = bytes.Equal(a, b)       //repolint:public
	return len(a) == len(b)
}
`
	f := sample(t, "auth/ntlm/x.go", src)
	lookup := exports(t, "bytes", "slices")
	problems, err := comparisons("auth/ntlm", []*file{f}, lookup)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range problems {
		got = append(got, p.where)
	}
	want := append(marked(f.path, src), "auth/ntlm/x.go:23") // a mark without a reason excuses nothing
	if !slices.Equal(got, want) {
		t.Errorf("found %v, want %v", got, want)
	}
}

func TestCitationsAreReadFromCommentsAndTables(t *testing.T) {
	const src = `package server

// write answers WRITE. [MS-SMB2] 3.3.5.13 and 2.2.21, [MS-FSA]
// 2.1.5.4 (locks), 2.1.5.8.
//
// SMB 3.1.1 and 10.0.0.1 are no sections, nor is <266>.
func write() {
	// 3.3.5.2.7.2: a failed CREATE fails the rest. 3.3.4.4.
	_ = row{section: "3.3.5.15", dialect: "3.0.2", text: "see 3.3.1.1 there"}
}
`
	var got []string
	for _, c := range citations(sample(t, "server/write.go", src)) {
		got = append(got, c.document+" "+c.section)
	}
	slices.Sort(got)
	want := []string{
		"MS-FSA 2.1.5.4", "MS-FSA 2.1.5.8", "MS-SMB2 2.2.21", "MS-SMB2 3.3.4.4",
		"MS-SMB2 3.3.5.13", "MS-SMB2 3.3.5.15", "MS-SMB2 3.3.5.2.7.2",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q\nfrom\n%s", got, want, src)
	}
}

// sample is a file that exists only here.
func sample(t *testing.T, path, src string) *file {
	t.Helper()
	f := &file{path: path, src: []byte(src)}
	if strings.HasSuffix(path, ".go") && strings.HasPrefix(src, "package") {
		if err := f.parse(); err != nil {
			t.Fatal(err)
		}
	}
	return f
}

// marked lists the lines of src that say "// here", as path:line.
func marked(path, src string) (lines []string) {
	for i, line := range strings.Split(src, "\n") {
		if strings.Contains(line, "// here") {
			lines = append(lines, fmt.Sprintf("%s:%d", path, i+1))
		}
	}
	return lines
}
