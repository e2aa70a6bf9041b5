package vfstest

import (
	"io/fs"

	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/vfs"
)

var renameCases = map[string]func(*suite){
	"a rename moves a file within and between directories": func(s *suite) {
		dir := s.mkdir(s.root, "dir")
		n := s.put(s.root, "a", "content")
		s.rename(s.root, "a", s.root, "b", false)
		s.lists(s.root, "b", "dir")
		s.rename(s.root, "b", dir, "c", false)
		s.lists(s.root, "dir")
		s.lists(dir, "c")
		s.finds(dir, "c", n, "c")
		s.contains(n, "content")
	},

	"a rename moves an open file": func(s *suite) {
		dir := s.mkdir(s.root, "dir")
		_, file := s.create(s.root, "a")
		s.write(file, 0, "before")
		s.rename(s.root, "a", dir, "b", false)
		s.write(file, 6, " after")
		n, _ := s.lookup(dir, "b")
		s.contains(n, "before after")
	},

	"a rename of a missing name is ErrNotExist": func(s *suite) {
		for _, replace := range []bool{false, true} {
			err := s.fs.Rename(s.t.Context(), nil, s.root, "missing", s.root, "b", replace)
			s.fails(err, fs.ErrNotExist, "Rename")
		}
	},

	"a rename without replace is ErrExist and changes nothing": func(s *suite) {
		dir := s.mkdir(s.root, "dir")
		a, b := s.put(s.root, "a", "a"), s.put(dir, "b", "b")
		empty := s.mkdir(s.root, "empty")
		s.fails(s.fs.Rename(s.t.Context(), nil, s.root, "a", dir, "b", false), fs.ErrExist, "Rename over a file")
		s.fails(s.fs.Rename(s.t.Context(), nil, s.root, "dir", s.root, "empty", false), fs.ErrExist, "Rename over a directory")
		s.finds(s.root, "a", a, "a")
		s.finds(dir, "b", b, "b")
		s.finds(s.root, "empty", empty, "empty")
		s.contains(a, "a")
		s.contains(b, "b")
	},

	"a rename with replace replaces, and the replaced file stays with its references": func(s *suite) {
		a, b := s.put(s.root, "a", "new"), s.put(s.root, "b", "old")
		open := s.open(b, vfs.ModeRead|vfs.ModeWrite)
		s.rename(s.root, "a", s.root, "b", true)
		s.lists(s.root, "b")
		s.finds(s.root, "B", a, "b")
		s.contains(a, "new")
		s.holds(open, "old")
		s.write(open, 0, "OLD")
		s.contains(b, "OLD")
		if got := s.attr(b).NumberOfLinks; got != 0 {
			s.t.Errorf("the replaced file has %d links, want 0", got)
		}
	},

	"a rename onto itself with replace changes nothing": func(s *suite) {
		n := s.put(s.root, "a", "content")
		s.rename(s.root, "a", s.root, "a", true)
		s.finds(s.root, "a", n, "a")
		s.contains(n, "content")
	},

	"a rename may change only case": func(s *suite) {
		file := s.put(s.root, "Foo", "x")
		dir := s.mkdir(s.root, "Bar")
		inner := s.put(dir, "Inner", "x")
		for _, replace := range []bool{false, true} {
			s.rename(s.root, "Foo", s.root, "foo", replace)
			s.finds(s.root, "FOO", file, "foo")
			s.rename(s.root, "foo", s.root, "Foo", replace)
			s.finds(s.root, "FOO", file, "Foo")
			s.rename(s.root, "Bar", s.root, "bar", replace)
			s.finds(s.root, "BAR", dir, "bar")
			s.rename(s.root, "bar", s.root, "Bar", replace)
		}
		s.finds(dir, "inner", inner, "Inner")
		s.lists(s.root, "Bar", "Foo")
	},

	"a rename moves a directory with what is in it": func(s *suite) {
		from, to := s.mkdir(s.root, "from"), s.mkdir(s.root, "to")
		moved := s.mkdir(from, "moved")
		inner := s.put(moved, "inner", "content")
		s.rename(from, "moved", to, "here", false)
		s.lists(from)
		here, _ := s.lookup(to, "here")
		s.finds(here, "inner", inner, "inner")
		s.finds(moved, "inner", inner, "inner")
		s.contains(inner, "content")
	},

	"a rename replaces an empty directory by a directory": func(s *suite) {
		a, b := s.mkdir(s.root, "a"), s.mkdir(s.root, "b")
		inner := s.put(a, "inner", "x")
		s.rename(s.root, "a", s.root, "b", true)
		s.finds(s.root, "b", a, "b")
		s.finds(a, "inner", inner, "inner")
		s.lists(s.root, "b")
		s.lists(b)
	},

	"a rename over a directory that is not empty is DirectoryNotEmpty": func(s *suite) {
		s.mkdir(s.root, "a")
		b := s.mkdir(s.root, "b")
		s.put(b, "inner", "x")
		err := s.fs.Rename(s.t.Context(), nil, s.root, "a", s.root, "b", true)
		s.fails(err, ntstatus.DirectoryNotEmpty, "Rename")
		s.lists(s.root, "a", "b")
		s.lists(b, "inner")
	},

	"a file does not replace a directory nor a directory a file": func(s *suite) {
		s.mkdir(s.root, "dir")
		s.put(s.root, "file", "x")
		if err := s.fs.Rename(s.t.Context(), nil, s.root, "file", s.root, "dir", true); err == nil {
			s.t.Error("Rename of a file over a directory succeeded")
		}
		if err := s.fs.Rename(s.t.Context(), nil, s.root, "dir", s.root, "file", true); err == nil {
			s.t.Error("Rename of a directory over a file succeeded")
		}
		s.lists(s.root, "dir", "file")
	},

	"a rename of a directory into itself is InvalidParameter": func(s *suite) {
		a := s.mkdir(s.root, "a")
		b := s.mkdir(a, "b")
		for _, replace := range []bool{false, true} {
			s.fails(s.fs.Rename(s.t.Context(), nil, s.root, "a", a, "c", replace), ntstatus.InvalidParameter, "Rename into itself")
			s.fails(s.fs.Rename(s.t.Context(), nil, s.root, "a", b, "c", replace), ntstatus.InvalidParameter, "Rename below itself")
		}
		s.lists(s.root, "a")
		s.lists(a, "b")
		s.lists(b)
	},

	"a rename into a removed directory is ErrNotExist": func(s *suite) {
		dir := s.mkdir(s.root, "dir")
		n := s.put(s.root, "a", "x")
		s.remove(s.root, "dir", dir)
		s.fails(s.fs.Rename(s.t.Context(), nil, s.root, "a", dir, "b", false), fs.ErrNotExist, "Rename")
		s.finds(s.root, "a", n, "a")
	},
}
