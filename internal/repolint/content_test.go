package repolint

import (
	"bytes"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// foreign is what belongs to somebody's machine or network and not into the
// repository. The patterns are written so that they do not find themselves.
var foreign = []struct {
	pattern *regexp.Regexp
	why     string
}{
	{regexp.MustCompile(`(^|[\s"'(=:,` + "`" + `])/(wor[k]|roo[t])/`), "a path of one machine"},
	{regexp.MustCompile(`/hom[e]/[a-z]+/(src|go|repo|projects)/`), "a path of one machine"},
	{regexp.MustCompile(`shared/(desig[n]|fact[s])`), "a path of one machine"},
	{regexp.MustCompile(`prox[y]\.golang\.org|su[m]\.golang\.org`), "a package registry's host: where modules come from is the builder's choice"},
	{regexp.MustCompile(`registr[y]\.npmjs\.org|registr[y]\.yarnpkg\.com`), "a package registry's host: where modules come from is the builder's choice"},
	{regexp.MustCompile(`de[b]\.debian\.org|securit[y]\.debian\.org`), "a package registry's host: where packages come from is the builder's choice"},
	{regexp.MustCompile(`(?m)^(<{7}|>{7}) `), "a merge that was not finished"},
}

func TestNoFileNamesOneMachineOrRegistry(t *testing.T) {
	for _, f := range allFiles(t) {
		report(t, foreignText(f))
	}
}

func foreignText(f *file) (found []problem) {
	if bytes.IndexByte(f.src, 0) >= 0 {
		return nil // not text
	}
	for _, p := range foreign {
		for _, at := range p.pattern.FindAllIndex(f.src, -1) {
			text := strings.TrimSpace(string(f.src[at[0]:at[1]]))
			found = append(found, problem{fmt.Sprintf("%s:%d", f.path, lineOf(f.src, at[0])), fmt.Sprintf("%q is %s", text, p.why)})
		}
	}
	return found
}

var link = regexp.MustCompile(`\]\(([^)\s:#]+)(#[^)\s]*)?\)`)

func TestLinksBetweenDocumentsLead(t *testing.T) {
	for _, f := range allFiles(t) {
		if path.Ext(f.path) == ".md" {
			report(t, deadLinks(f))
		}
	}
}

// deadLinks finds relative links of a document that lead to no file.
func deadLinks(f *file) (found []problem) {
	for _, m := range link.FindAllSubmatchIndex(f.src, -1) {
		target := string(f.src[m[2]:m[3]])
		if _, err := os.Stat(filepath.Join(root, filepath.FromSlash(path.Join(f.dir(), target)))); err != nil {
			found = append(found, problem{fmt.Sprintf("%s:%d", f.path, lineOf(f.src, m[0])), fmt.Sprintf("the link to %s leads nowhere", target)})
		}
	}
	return found
}
