package vfstest

import (
	"errors"
	"io/fs"

	"github.com/signet-smb/signet/vfs"
)

var linkCases = map[string]func(*suite){
	"a second name leads to the same file": func(s *suite) {
		dir := s.mkdir(s.root, "dir")
		n := s.put(s.root, "file", "content")
		s.link(n, dir, "Other")
		s.finds(dir, "other", n, "Other")
		s.lists(dir, "Other")
		s.finds(s.root, "file", n, "file")
		if a := s.attr(n); a.NumberOfLinks != 2 {
			s.t.Errorf("NumberOfLinks = %d, want 2", a.NumberOfLinks)
		}
		s.write(s.open(n, vfs.ModeWrite), 0, "CON")
		other, _ := s.lookup(dir, "Other")
		s.contains(other, "CONtent")
	},

	"a file lives until its last name is removed": func(s *suite) {
		n := s.put(s.root, "file", "content")
		s.link(n, s.root, "other")
		s.remove(s.root, "file", n)
		s.misses(s.root, "file")
		s.contains(n, "content")
		if a := s.attr(n); a.NumberOfLinks != 1 {
			s.t.Errorf("NumberOfLinks = %d, want 1", a.NumberOfLinks)
		}
		other, _ := s.lookup(s.root, "other")
		s.remove(s.root, "other", other)
		if a := s.attr(n); a.NumberOfLinks != 0 {
			s.t.Errorf("NumberOfLinks = %d, want 0", a.NumberOfLinks)
		}
		s.fails(s.tryLink(n, s.root, "third", false), fs.ErrNotExist, "Link of a file without a name")
	},

	"a name in use is not linked to unless it is to be replaced": func(s *suite) {
		n, old := s.put(s.root, "file", "new"), s.put(s.root, "taken", "old")
		s.fails(s.tryLink(n, s.root, "taken", false), fs.ErrExist, "Link to a name in use")
		s.finds(s.root, "taken", old, "taken")
		s.ok(s.tryLink(n, s.root, "taken", true), "Link with replace")
		s.finds(s.root, "taken", n, "taken")
		s.lists(s.root, "file", "taken")
		s.contains(old, "old")
		if got, was := s.attr(n).NumberOfLinks, s.attr(old).NumberOfLinks; got != 2 || was != 0 {
			s.t.Errorf("NumberOfLinks = %d, of what was replaced %d, want 2 and 0", got, was)
		}
	},

	"a link in the place of a link of the same file changes nothing": func(s *suite) {
		n := s.put(s.root, "file", "content")
		s.link(n, s.root, "other")
		s.ok(s.tryLink(n, s.root, "other", true), "Link with replace")
		s.lists(s.root, "file", "other")
		if a := s.attr(n); a.NumberOfLinks != 2 {
			s.t.Errorf("NumberOfLinks = %d, want 2", a.NumberOfLinks)
		}
	},

	"a rename of a link onto a link of the same file leaves one": func(s *suite) {
		n := s.put(s.root, "file", "content")
		s.link(n, s.root, "other")
		s.rename(s.root, "file", s.root, "other", true)
		s.lists(s.root, "other")
		if a := s.attr(n); a.NumberOfLinks != 1 {
			s.t.Errorf("NumberOfLinks = %d, want 1", a.NumberOfLinks)
		}
	},

	"a directory is neither linked nor replaced by a link": func(s *suite) {
		dir, n := s.mkdir(s.root, "dir"), s.put(s.root, "file", "content")
		if s.tryLink(dir, s.root, "again", false) == nil {
			s.t.Error("Link of a directory succeeded")
		}
		if s.tryLink(n, s.root, "dir", true) == nil {
			s.t.Error("Link in the place of a directory succeeded")
		}
		s.lists(s.root, "dir", "file")
	},

	"nothing is linked in a removed directory": func(s *suite) {
		dir, n := s.mkdir(s.root, "dir"), s.put(s.root, "file", "content")
		s.remove(s.root, "dir", dir)
		s.fails(s.tryLink(n, dir, "other", false), fs.ErrNotExist, "Link in a removed directory")
	},
}

// tryLink links, or skips the test where files have one name only.
func (s *suite) tryLink(n, dir vfs.Node, name string, replace bool) error {
	s.t.Helper()
	l, ok := s.fs.(vfs.Linker)
	if !ok {
		s.t.Skipf("%T is no vfs.Linker: files have one name", s.fs)
	}
	err := l.Link(s.t.Context(), nil, n, dir, name, replace)
	if errors.Is(err, errors.ErrUnsupported) {
		s.t.Skip("this file system has no hard links")
	}
	return err
}

// link links without expecting trouble.
func (s *suite) link(n, dir vfs.Node, name string) {
	s.t.Helper()
	s.ok(s.tryLink(n, dir, name, false), "Link "+name)
}
