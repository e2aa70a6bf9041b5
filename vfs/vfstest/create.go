package vfstest

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/vfs"
)

// oddNames are kept by every back end, whatever a client may think of them.
var oddNames = []string{
	" leading", "..hidden", ".dot", "日本語", "smile😀", "\u202eright-to-left", "\ufeffmark", "\ufffd",
	"\uf001\uf01f", "\uf020\uf021\uf022\uf023\uf024\uf025\uf026\uf027", "space\uf028", "dot\uf029", ".\uf028",
	"byte\uf0ff", "\uf000\uf02a\uf07f\uf100\uf8ff", "con", "NUL.txt", "desktop.ini", "._x", "a;b$c%d",
	"0123456789abcdef~1", strings.Repeat("n", 255), strings.Repeat("€", 85),
}

// dubiousNames are kept or refused.
var dubiousNames = []string{
	"trailing.", "trailing ", "...", " ", "\uf029", ".\uf029", "dot\uf029inside", "space\uf028inside",
	"\uf0c3\uf0a4", "\uf0ef\uf080\uf0a1", "\uf0ef\uf080\uf080",
}

// foreignNames are what other programs may call their files on Unix.
var foreignNames = []string{
	"a*b?c", `quote"`, "<pipe|>", "c:drive", `back\slash`, "tab\there", "new\nline", "\x01", "\x1f", "\x7f",
	"trailing.", "trailing ", "...", " ", ". ", "latin-\xe4", "latin-\xc4", "\xff", "cut-\xe2\x82", "\xed\xa0\x80",
	"\uf021", "\uf0ff", "\uf0ef\uf080\uf0a1", "x\uf029", "x\uf029y", "*", "\uf02a", "plain", "ä",
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

	"dubious names are refused with ObjectNameInvalid or kept": func(s *suite) {
		var kept []string
		for _, name := range dubiousNames {
			n, file, err := s.fs.Create(s.t.Context(), nil, s.root, name, false)
			if err != nil {
				s.fails(err, ntstatus.ObjectNameInvalid, fmt.Sprintf("Create(%q)", name))
				s.misses(s.root, name)
				continue
			}
			s.closeLater(n)
			s.closeLater(file)
			s.finds(s.root, name, n, name)
			kept = append(kept, name)
		}
		s.lists(s.root, kept...)
	},

	"names of others are shown one to one and lead back": func(s *suite) {
		maker, ok := s.fs.(ForeignMaker)
		if !ok {
			s.t.Skip("nobody else has access to this file system")
		}
		for _, name := range foreignNames {
			maker.MakeForeign(s.t, name)
		}
		shown := s.rest(s.opendir(s.root))
		if unique := slices.Compact(slices.Clone(shown)); len(unique) != len(foreignNames) {
			s.t.Errorf("%d names are shown as %d: %q", len(foreignNames), len(unique), unique)
		}
		d := s.opendir(s.root)
		for i, name := range shown {
			if !utf8.ValidString(name) || strings.ContainsAny(name, `"*/:<>?\|`) || strings.ContainsFunc(name, func(c rune) bool { return c < ' ' }) {
				s.t.Errorf("a name is shown as %q", name)
			}
			n, stored := s.lookup(s.root, name)
			attr, err := d.Attr(s.t.Context(), name)
			if err != nil || stored != name || attr.ID != n.ID() {
				s.t.Errorf("%q: Lookup = %+v called %q, Dir.Attr = %+v, %v", name, n.ID(), stored, attr.ID, err)
			}
			moved := fmt.Sprintf("moved %d", i)
			s.rename(s.root, name, s.root, moved, false)
			s.finds(s.root, moved, n, moved)
			s.misses(s.root, name)
			s.rename(s.root, moved, s.root, name, false)
			s.finds(s.root, name, n, name)
			s.remove(s.root, name, n)
			s.misses(s.root, name)
		}
		s.lists(s.root)
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
