package vfstest

import (
	"fmt"
	"io/fs"
	"strings"
	"sync"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/vfs"
)

// oddNames are legal for a back end, whatever a client may think of them.
var oddNames = []string{
	"trailing.", "trailing ", " leading", "..hidden", "...", "a*b?c", `quote"`, "<pipe|>", "tab\there", "new\nline",
	"日本語", "smile😀", "\u202eright-to-left", "\uf021private", "con", "NUL.txt", "desktop.ini", "._x", "a;b$c%d",
	"0123456789abcdef~1", strings.Repeat("n", 255), strings.Repeat("€", 85),
}

var createCases = map[string]func(*suite){
	"a created file is empty and open for reading and writing": func(s *suite) {
		n, file := s.create(s.root, "file")
		a := s.attr(n)
		if a.IsDir() || a.Special || a.EndOfFile != 0 || a.NumberOfLinks != 1 {
			s.t.Errorf("Attr = %+v, want an empty regular file with one link", a)
		}
		s.write(file, 0, "hello")
		s.holds(file, "hello")
		s.contains(n, "hello")
	},

	"a created directory is empty": func(s *suite) {
		n := s.mkdir(s.root, "dir")
		a := s.attr(n)
		if !a.IsDir() || a.Special || a.EndOfFile != 0 || a.NumberOfLinks != 1 {
			s.t.Errorf("Attr = %+v, want a directory of size 0 with one link", a)
		}
		s.lists(n)
	},

	"a create of an existing name is ErrExist and changes nothing": func(s *suite) {
		file := s.put(s.root, "file", "before")
		dir := s.mkdir(s.root, "dir")
		s.put(dir, "inner", "x")
		for _, name := range []string{"file", "dir"} {
			for _, directory := range []bool{false, true} {
				n, f, err := s.fs.Create(s.t.Context(), nil, s.root, name, directory)
				s.fails(err, fs.ErrExist, fmt.Sprintf("Create %q, directory %v", name, directory))
				if err == nil {
					s.closeLater(n)
					if f != nil {
						s.closeLater(f)
					}
				}
			}
		}
		s.contains(file, "before")
		s.lists(dir, "inner")
		s.lists(s.root, "dir", "file")
	},

	"a create in a removed directory is ErrNotExist": func(s *suite) {
		dir := s.mkdir(s.root, "dir")
		s.remove(s.root, "dir", dir)
		for _, directory := range []bool{false, true} {
			_, _, err := s.fs.Create(s.t.Context(), nil, dir, "x", directory)
			s.fails(err, fs.ErrNotExist, fmt.Sprintf("Create, directory %v", directory))
		}
	},

	"a create in a file is refused": func(s *suite) {
		n := s.put(s.root, "file", "x")
		for _, directory := range []bool{false, true} {
			if _, _, err := s.fs.Create(s.t.Context(), nil, n, "x", directory); err == nil {
				s.t.Errorf("Create in a file, directory %v, succeeded", directory)
			}
		}
	},

	"names are kept byte for byte": func(s *suite) {
		s.namesAreKept(oddNames)
	},

	"names that are no UTF-8 are kept byte for byte": func(s *suite) {
		s.namesAreKept([]string{"latin-\xe9", "latin-\xe8", "\xff", "cut-\xe2\x82"})
	},

	"many creates at once in one directory all succeed": func(s *suite) {
		const workers, each = 8, 50
		var wg sync.WaitGroup
		for w := range workers {
			wg.Go(func() {
				for i := range each {
					name := fmt.Sprintf("Worker-%d-%d", w, i)
					n, file, err := s.fs.Create(s.t.Context(), nil, s.root, name, false)
					if err != nil {
						s.t.Errorf("Create(%q): %v", name, err)
						return
					}
					s.finds(s.root, strings.ToUpper(name), n, name)
					s.misses(s.root, name+".missing")
					if i%2 == 0 {
						if err := s.fs.Remove(s.t.Context(), nil, s.root, name, n); err != nil {
							s.t.Errorf("Remove(%q): %v", name, err)
						}
					}
					file.Close()
					n.Close()
				}
			})
		}
		wg.Wait()
		if got := s.rest(s.opendir(s.root)); len(got) != workers*each/2 {
			s.t.Errorf("%d entries are left, want %d", len(got), workers*each/2)
		}
	},

	"who created a file or directory may do everything with it": func(s *suite) {
		const want = dtyp.FileReadData | dtyp.FileWriteData | dtyp.FileAppendData | dtyp.FileReadEA |
			dtyp.FileWriteEA | dtyp.FileExecute | dtyp.FileReadAttributes | dtyp.FileWriteAttributes |
			dtyp.Delete | dtyp.ReadControl | dtyp.WriteDAC | dtyp.Synchronize
		for _, n := range []vfs.Node{s.mkdir(s.root, "dir"), s.put(s.root, "file", "x")} {
			got, err := s.fs.Access(s.t.Context(), nil, s.root, n)
			s.ok(err, "Access")
			if !got.Has(want) {
				s.t.Errorf("Access = %#08x, lacks %#08x", got, want&^got)
			}
		}
	},

	"the right to delete comes from the directory and so not to the root": func(s *suite) {
		got, err := s.fs.Access(s.t.Context(), nil, nil, s.root)
		s.ok(err, "Access")
		if want := dtyp.FileListDirectory | dtyp.FileTraverse | dtyp.FileReadAttributes; !got.Has(want) {
			s.t.Errorf("Access = %#08x, lacks %#08x", got, want&^got)
		}
	},
}

// namesAreKept creates a file and a directory for each name and looks at them
// in every way.
func (s *suite) namesAreKept(names []string) {
	s.t.Helper()
	dir := s.mkdir(s.root, "files")
	for _, name := range names {
		n, file, err := s.fs.Create(s.t.Context(), nil, dir, name, false)
		if err != nil {
			s.t.Errorf("Create(%q): %v", name, err)
			continue
		}
		s.closeLater(n)
		s.closeLater(file)
		s.finds(dir, name, n, name)
	}
	s.lists(dir, names...)

	directories := s.mkdir(s.root, "directories")
	for _, name := range names {
		n := s.mkdir(directories, name)
		s.finds(directories, name, n, name)
		s.rename(directories, name, s.root, name, false)
		s.finds(s.root, name, n, name)
		s.remove(s.root, name, n)
		s.misses(s.root, name)
	}
	s.lists(directories)
}
