package vfstest

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/signet-smb/signet/vfs"
)

var errNotExist = fs.ErrNotExist

var lookupCases = map[string]func(*suite){
	"a lookup of a missing name is ErrNotExist": func(s *suite) {
		s.misses(s.root, "missing")
	},

	"a lookup ignores case and returns the name as stored": func(s *suite) {
		n := s.put(s.root, "Report.TXT", "x")
		for _, name := range []string{"Report.TXT", "report.txt", "REPORT.TXT", "rEPORT.Txt"} {
			s.finds(s.root, name, n, "Report.TXT")
		}
	},

	"a lookup ignores case beyond ASCII": func(s *suite) {
		for _, row := range []struct{ stored, other string }{
			{"Ärger", "äRGER"},
			{"αβγ", "ΑΒΓ"},
			{"Привет", "ПРИВЕТ"},
			{"ÿ", "Ÿ"},
		} {
			n := s.put(s.root, row.stored, "x")
			s.finds(s.root, row.other, n, row.stored)
		}
	},

	"an exact match wins over one that differs in case": func(s *suite) {
		upper := s.put(s.root, "FOO", "upper")
		lower, file, err := s.fs.Create(s.t.Context(), nil, s.root, "foo", false)
		if errors.Is(err, fs.ErrExist) {
			s.t.Skip("this file system cannot hold two names that differ in case")
		}
		s.ok(err, "Create foo beside FOO")
		s.closeLater(lower)
		s.closeLater(file)
		s.finds(s.root, "FOO", upper, "FOO")
		s.finds(s.root, "foo", lower, "foo")
		s.remove(s.root, "foo", lower)
		s.finds(s.root, "foo", upper, "FOO")
	},

	"composed and decomposed characters are two names": func(s *suite) {
		const nfc, nfd = "caf\u00e9", "cafe\u0301"
		composed := s.put(s.root, nfc, "composed")
		s.misses(s.root, nfd)
		decomposed := s.put(s.root, nfd, "decomposed")
		s.finds(s.root, nfc, composed, nfc)
		s.finds(s.root, nfd, decomposed, nfd)
		s.lists(s.root, nfc, nfd)
	},

	"a name is found in any case as soon as it is created": func(s *suite) {
		for i := range 200 {
			name := fmt.Sprintf("File-%d", i)
			s.misses(s.root, strings.ToUpper(name))
			n, file, err := s.fs.Create(s.t.Context(), nil, s.root, name, false)
			s.ok(err, "Create")
			s.finds(s.root, strings.ToUpper(name), n, name)
			s.close(file)
			s.close(n)
		}
	},

	"a removed name is not found in any case": func(s *suite) {
		n := s.put(s.root, "Gone", "x")
		s.finds(s.root, "gone", n, "Gone")
		s.remove(s.root, "Gone", n)
		for _, name := range []string{"Gone", "gone", "GONE"} {
			s.misses(s.root, name)
		}
	},

	"a renamed file is found by its new name in any case and not by its old": func(s *suite) {
		n := s.put(s.root, "Old", "x")
		s.finds(s.root, "old", n, "Old")
		s.rename(s.root, "Old", s.root, "New", false)
		s.finds(s.root, "new", n, "New")
		s.misses(s.root, "old")
		s.misses(s.root, "Old")
	},

	"a directory is looked up in any case after it moved": func(s *suite) {
		a := s.mkdir(s.root, "A")
		b := s.mkdir(s.root, "B")
		inner := s.put(a, "Inner", "x")
		s.finds(a, "INNER", inner, "Inner")
		s.rename(s.root, "A", b, "Moved", false)
		s.finds(b, "MOVED", a, "Moved")
		s.finds(a, "INNER", inner, "Inner")
		s.misses(a, "other")
	},

	"a lookup in a file is refused": func(s *suite) {
		n := s.put(s.root, "file", "x")
		child, _, err := s.fs.Lookup(s.t.Context(), nil, n, "child")
		if err == nil {
			s.close(child)
			s.t.Error("Lookup in a file succeeded")
		}
	},

	"references to one file are independent": func(s *suite) {
		first := s.put(s.root, "file", "x")
		second, _, err := s.fs.Lookup(s.t.Context(), nil, s.root, "file")
		s.ok(err, "Lookup")
		s.close(second)
		s.contains(first, "x")
	},

	"the root is itself": func(s *suite) {
		again, err := s.fs.Root(s.t.Context())
		s.ok(err, "Root")
		s.closeLater(again)
		if again.ID() != s.root.ID() {
			s.t.Errorf("second Root has ID %+v, want %+v", again.ID(), s.root.ID())
		}
		if a := s.attr(again); !a.IsDir() || a.Special {
			s.t.Errorf("Attr of the root = %+v, want a directory", a)
		}
	},

	"an ID follows the file and not its name": func(s *suite) {
		dir := s.mkdir(s.root, "dir")
		n := s.put(s.root, "a", "x")
		id := n.ID()
		s.rename(s.root, "a", dir, "b", false)
		if n.ID() != id || s.attr(n).ID != id {
			s.t.Errorf("after Rename: ID = %+v, Attr.ID = %+v, want %+v", n.ID(), s.attr(n).ID, id)
		}
		s.finds(dir, "b", n, "b")
		again := s.put(s.root, "a", "y")
		if again.ID() == id {
			s.t.Errorf("a new file under the old name has the same ID %+v", id)
		}
	},

	"files have IDs of their own": func(s *suite) {
		seen := map[vfs.FileID]string{s.root.ID(): "the root"}
		for i := range 100 {
			name := fmt.Sprint(i)
			var n vfs.Node
			if i%2 == 0 {
				n = s.mkdir(s.root, name)
			} else {
				n = s.put(s.root, name, "")
			}
			if other, ok := seen[n.ID()]; ok {
				s.t.Errorf("%s and %s both have ID %+v", name, other, n.ID())
			}
			seen[n.ID()] = name
		}
		other, err := s.newFS(s.t).Root(s.t.Context())
		s.ok(err, "Root of a second file system")
		s.closeLater(other)
		if name, ok := seen[other.ID()]; ok {
			s.t.Errorf("the root of a second file system has the ID %+v of %s", other.ID(), name)
		}
	},
}
