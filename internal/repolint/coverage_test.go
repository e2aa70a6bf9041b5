package repolint

import (
	"bytes"
	"flag"
	"fmt"
	"go/ast"
	"go/token"
	"maps"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write docs/spec/coverage.md anew")

const coveragePath = "docs/spec/coverage.md"

// ourDocument is the document that an unlabelled section number means, by the
// directory of the file.
var ourDocument = []struct{ dir, document string }{
	{"internal/smb2/...", "MS-SMB2"},
	{"internal/transform/...", "MS-SMB2"},
	{"internal/transport/...", "MS-SMB2"},
	{"internal/smbtest/...", "MS-SMB2"},
	{"internal/rpc/srvsvc/...", "MS-SRVS"},
	{"server/...", "MS-SMB2"},
	{"client/...", "MS-SMB2"},
	{"internal/fsa/...", "MS-FSA"},
	{"fscc/...", "MS-FSCC"},
	{"dtyp/...", "MS-DTYP"},
}

// labelled is a document and the sections that follow it: "[MS-SMB2] 3.1.4.1
// (signing), 3.1.4.2 and 3.1.4.3". bare is an unlabelled section with at least
// three parts, so that versions and addresses are not mistaken for one.
var (
	labelled = regexp.MustCompile(`\[(MS-[A-Z0-9]+)\]((?:[ ,;]+(?:and |to |\([^)]*\)[ ,;]*)?\d+(?:\.\d+)+)+)`)
	bare     = regexp.MustCompile(`(?:^|[\s(,])(\d(?:\.\d+){2,})(?:$|[\s,.:;)])`)
	exact    = regexp.MustCompile(`^\d(?:\.\d+){2,}$`)
	section  = regexp.MustCompile(`\d+(?:\.\d+)+`)
)

// dialects are written like sections.
var dialects = []string{"2.0.2", "2.1.0", "3.0.0", "3.0.2", "3.1.1"}

// citation is one section of one document. Comparable.
type citation struct{ document, section string }

// places is where a section is cited: paths of files.
type places struct{ code, tests []string }

func TestCoverageDocumentIsCurrent(t *testing.T) {
	want := coverage(goFiles(t, inMain), sections(t))
	name := filepath.Join(root, filepath.FromSlash(coveragePath))
	if *update {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(name)
	if err != nil {
		t.Fatalf("%v; write it with: make generate", err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is not what the comments say; write it anew with: make generate\n%s", coveragePath, firstDifference(got, want))
	}
}

// coverage renders the document.
func coverage(files []*file, headings []heading) []byte {
	cited := make(map[citation]places)
	for _, f := range files {
		if f.dir() == "internal/repolint" {
			continue // it speaks of sections in general
		}
		for _, c := range citations(f) {
			p := cited[c]
			if f.isTest() {
				p.tests = append(p.tests, f.path)
			} else {
				p.code = append(p.code, f.path)
			}
			cited[c] = p
		}
	}
	var out bytes.Buffer
	out.WriteString(`<!-- Generated from the comments by internal/repolint: make generate. -->

# What the code answers for

Each section of a specification that a comment cites, the files that implement
it, and the tests that cite it. A file cites a section where the section's rule
is followed, so a section that nothing cites is a gap; those of [MS-SMB2] are
listed at the end.
`)
	for _, document := range documents(cited) {
		fmt.Fprintf(&out, "\n## [%s]\n\n| section | code | tests |\n|---|---|---|\n", document)
		for _, c := range sectionsOf(document, cited) {
			fmt.Fprintf(&out, "| %s%s | %s | %s |\n", c.section, title(c, headings), list(cited[c].code), list(cited[c].tests))
		}
	}
	out.WriteString("\n## [MS-SMB2] sections that nothing cites\n\n")
	for _, h := range headings {
		if !isCited(h, cited) {
			fmt.Fprintf(&out, "- %s %s\n", h.section, h.title)
		}
	}
	return out.Bytes()
}

// citations lists each section that the comments of a file cite, once.
func citations(f *file) (found []citation) {
	seen := make(map[citation]bool)
	add := func(document, text string) {
		for _, s := range section.FindAllString(text, -1) {
			if c := (citation{document, s}); !seen[c] {
				seen[c] = true
				found = append(found, c)
			}
		}
	}
	own := ""
	for _, d := range ourDocument {
		if matches(d.dir, f.dir()) {
			own = d.document
			break
		}
	}
	read := func(text string) {
		text = strings.Join(strings.Fields(text), " ")
		for _, m := range labelled.FindAllStringSubmatch(text, -1) {
			add(m[1], m[2])
		}
		if own != "" {
			// Twice, for neighbours share the space between them.
			text = strings.ReplaceAll(labelled.ReplaceAllString(text, " "), " ", "  ")
			for _, m := range bare.FindAllStringSubmatch(text, -1) {
				if !slices.Contains(dialects, m[1]) {
					add(own, m[1])
				}
			}
		}
	}
	for _, g := range f.ast.Comments {
		read(g.Text())
	}
	ast.Inspect(f.ast, func(n ast.Node) bool { // the section column of a table
		if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			if s, err := strconv.Unquote(lit.Value); err == nil && (exact.MatchString(s) || labelled.MatchString(s)) {
				read(s)
			}
		}
		return true
	})
	return found
}

// heading is one section of [MS-SMB2].
type heading struct{ section, title string }

// sections reads the headings that gaps are looked for in.
func sections(t *testing.T) (headings []heading) {
	t.Helper()
	data, err := os.ReadFile("testdata/ms-smb2-sections.txt")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		if number, title, ok := strings.Cut(strings.TrimSpace(line), " "); ok && number != "#" {
			headings = append(headings, heading{number, title})
		}
	}
	return headings
}

// documents lists the documents cited, [MS-SMB2] first.
func documents(cited map[citation]places) []string {
	set := make(map[string]bool)
	for c := range cited {
		set[c.document] = true
	}
	delete(set, "MS-SMB2")
	return append([]string{"MS-SMB2"}, slices.Sorted(maps.Keys(set))...)
}

// sectionsOf lists the citations of a document in the order of its sections.
func sectionsOf(document string, cited map[citation]places) (list []citation) {
	for c := range cited {
		if c.document == document {
			list = append(list, c)
		}
	}
	slices.SortFunc(list, func(a, b citation) int { return slices.Compare(numbers(a.section), numbers(b.section)) })
	return list
}

// numbers splits a section into its parts: "2.2.13" is 2, 2, 13.
func numbers(section string) (parts []int) {
	for part := range strings.SplitSeq(section, ".") {
		n, err := strconv.Atoi(part)
		if err != nil {
			n = math.MaxInt // not a section; sorted last
		}
		parts = append(parts, n)
	}
	return parts
}

// title is the heading of a section of [MS-SMB2], with a space before it.
func title(c citation, headings []heading) string {
	for _, h := range headings {
		if c.document == "MS-SMB2" && h.section == c.section {
			return " " + h.title
		}
	}
	return ""
}

// isCited tells whether a section or one within it is cited.
func isCited(h heading, cited map[citation]places) bool {
	for c := range cited {
		if c.document == "MS-SMB2" && strings.HasPrefix(c.section+".", h.section+".") {
			return true
		}
	}
	return false
}

// list renders file paths as links from the document's directory.
func list(paths []string) string {
	var links []string
	for _, p := range paths {
		links = append(links, fmt.Sprintf("[%s](%s%s)", p, strings.Repeat("../", strings.Count(coveragePath, "/")), p))
	}
	return strings.Join(links, " ")
}

// firstDifference shows the first line that differs.
func firstDifference(got, want []byte) string {
	g, w := strings.Split(string(got), "\n"), strings.Split(string(want), "\n")
	for i := range max(len(g), len(w)) {
		a, b := at(g, i), at(w, i)
		if a != b {
			return fmt.Sprintf("line %d\n got %s\nwant %s", i+1, a, b)
		}
	}
	return ""
}

func at(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return "(end)"
}
