package vfstest

import (
	"io/fs"

	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/vfs"
)

var removeCases = map[string]func(*suite){
	"a remove removes files and empty directories": func(s *suite) {
		file, dir := s.put(s.root, "file", "x"), s.mkdir(s.root, "dir")
		s.remove(s.root, "file", file)
		s.lists(s.root, "dir")
		s.remove(s.root, "dir", dir)
		s.lists(s.root)
	},

	"a remove of a directory that is not empty is DirectoryNotEmpty": func(s *suite) {
		dir := s.mkdir(s.root, "dir")
		inner := s.put(dir, "inner", "x")
		s.fails(s.fs.Remove(s.t.Context(), nil, s.root, "dir", dir), ntstatus.DirectoryNotEmpty, "Remove")
		s.finds(dir, "inner", inner, "inner")
		s.remove(dir, "inner", inner)
		s.remove(s.root, "dir", dir)
	},

	"a remove of a missing name is ErrNotExist": func(s *suite) {
		n := s.put(s.root, "a", "x")
		s.fails(s.fs.Remove(s.t.Context(), nil, s.root, "b", n), fs.ErrNotExist, "Remove")
		s.finds(s.root, "a", n, "a")
	},

	"a remove of an entry that is something else by now is ErrNotExist": func(s *suite) {
		old := s.put(s.root, "a", "old")
		s.rename(s.root, "a", s.root, "b", false)
		now := s.put(s.root, "a", "new")
		s.fails(s.fs.Remove(s.t.Context(), nil, s.root, "a", old), fs.ErrNotExist, "Remove of a file by its old name")
		s.finds(s.root, "a", now, "a")
		s.finds(s.root, "b", old, "b")

		dir := s.mkdir(s.root, "dir")
		s.fails(s.fs.Remove(s.t.Context(), nil, s.root, "dir", old), fs.ErrNotExist, "Remove of a directory as a file")
		s.fails(s.fs.Remove(s.t.Context(), nil, s.root, "a", dir), fs.ErrNotExist, "Remove of a file as a directory")
		s.lists(s.root, "a", "b", "dir")
	},

	"a removed file stays readable and writable through what is open": func(s *suite) {
		n, file := s.create(s.root, "a")
		s.write(file, 0, "before")
		s.remove(s.root, "a", n)
		s.holds(file, "before")
		s.write(file, 6, " after")
		s.holds(file, "before after")
		s.ok(file.Truncate(s.t.Context(), 6), "Truncate")
		s.ok(file.Sync(s.t.Context()), "Sync")
		a := s.attr(n)
		if a.EndOfFile != 6 || a.NumberOfLinks != 0 || a.ID != n.ID() {
			s.t.Errorf("Attr = %+v, want 6 bytes, no links, ID %+v", a, n.ID())
		}
	},

	"a removed file can be opened through a reference": func(s *suite) {
		n := s.put(s.root, "a", "content")
		s.remove(s.root, "a", n)
		s.contains(n, "content")
		again := s.put(s.root, "a", "other")
		s.contains(n, "content")
		s.contains(again, "other")
	},

	"a removed directory is empty for those who hold it": func(s *suite) {
		dir := s.mkdir(s.root, "dir")
		d := s.opendir(dir)
		s.remove(s.root, "dir", dir)
		s.misses(dir, "x")
		if got := s.rest(d); len(got) != 0 {
			s.t.Errorf("entries = %q, want none", got)
		}
		if a := s.attr(dir); !a.IsDir() || a.NumberOfLinks != 0 {
			s.t.Errorf("Attr = %+v, want a directory without links", a)
		}
	},

	"a name can be used again after a remove": func(s *suite) {
		for _, content := range []string{"first", "second", "third"} {
			n, file, err := s.fs.Create(s.t.Context(), nil, s.root, "Again", false)
			s.ok(err, "Create")
			s.write(file, 0, content)
			s.finds(s.root, "AGAIN", n, "Again")
			s.contains(n, content)
			s.remove(s.root, "Again", n)
			s.close(file)
			s.close(n)
		}
	},

	"a remove goes by the exact name": func(s *suite) {
		upper := s.put(s.root, "A", "x")
		s.fails(s.fs.Remove(s.t.Context(), nil, s.root, "a", upper), fs.ErrNotExist, "Remove in another case")
		s.finds(s.root, "a", upper, "A")
	},

	"files opened twice are one file": func(s *suite) {
		n := s.put(s.root, "a", "one")
		first, second := s.open(n, vfs.ModeRead), s.open(n, vfs.ModeRead|vfs.ModeWrite)
		s.write(second, 0, "two")
		s.holds(first, "two")
	},
}
