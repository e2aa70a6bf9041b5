package vfstest

import (
	"bytes"
	"fmt"
	"reflect"
	"strings"

	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/vfs"
)

var eaCases = map[string]func(*suite){
	"extended attributes are set, replaced in any case and removed": func(s *suite) {
		s.eachWithEAs(func(what string, n vfs.Node) {
			s.hasEAs(n, what)
			s.setEAs(n, fscc.EA{Name: "Two", Value: []byte("2")}, fscc.EA{Name: "ONE", Value: []byte("first")})
			s.hasEAs(n, what, fscc.EA{Name: "ONE", Value: []byte("first")}, fscc.EA{Name: "Two", Value: []byte("2")})
			s.setEAs(n, fscc.EA{Name: "two", Value: []byte("second")}, fscc.EA{Name: "none"})
			s.hasEAs(n, what, fscc.EA{Name: "ONE", Value: []byte("first")}, fscc.EA{Name: "Two", Value: []byte("second")})
			s.setEAs(n, fscc.EA{Name: "one"}, fscc.EA{Name: "TWO"})
			s.hasEAs(n, what)
		})
	},

	"extended attributes hold 64 KiB together": func(s *suite) {
		s.eachWithEAs(func(what string, n vfs.Node) {
			large := fscc.EA{Name: "LARGE", Value: bytes.Repeat([]byte{1}, 60_000)}
			var want []fscc.EA
			s.setEAs(n, large)
			want = append(want, large)
			for i := range 100 {
				ea := fscc.EA{Name: fmt.Sprintf("SMALL%02d", i), Value: []byte("value")}
				s.setEAs(n, ea)
				want = append(want, ea)
			}
			s.hasEAs(n, what, want...)
			s.setEAs(n, fscc.EA{Name: "LARGE", Value: []byte("not any more")})
			want[0].Value = []byte("not any more")
			s.hasEAs(n, what, want...)
		})
	},

	"extended attributes may have the longest names": func(s *suite) {
		s.eachWithEAs(func(what string, n vfs.Node) {
			ea := fscc.EA{Name: strings.Repeat("N", 254), Value: []byte("value")}
			s.setEAs(n, ea)
			s.hasEAs(n, what, ea)
			s.setEAs(n, fscc.EA{Name: ea.Name})
			s.hasEAs(n, what)
		})
	},

	"extended attributes and others do not change each other": func(s *suite) {
		s.needAttributes()
		s.eachWithEAs(func(what string, n vfs.Node) {
			ea := fscc.EA{Name: "NAME", Value: []byte("value")}
			s.ok(s.setAttributes(n, fscc.FileAttributeSystem), "SetAttr")
			s.setEAs(n, ea)
			s.ok(s.setAttributes(n, fscc.FileAttributeHidden), "SetAttr")
			s.hasEAs(n, what, ea)
			if got := s.attr(n).Attributes &^ fscc.FileAttributeDirectory; got != fscc.FileAttributeHidden {
				s.t.Errorf("%s: Attributes = %#x, want Hidden", what, got)
			}
		})
	},

	"extended attributes go with the file, and a listing tells their size": func(s *suite) {
		s.eachWithEAs(func(what string, n vfs.Node) {
			ea := fscc.EA{Name: "NAME", Value: []byte("value")}
			s.setEAs(n, ea)
			s.rename(s.root, what, s.root, what+"2", false)
			again, _ := s.lookup(s.root, what+"2")
			s.hasEAs(again, what, ea)
			listed, err := s.opendir(s.root).Attr(s.t.Context(), what+"2")
			s.ok(err, "Dir.Attr")
			if want := uint32(ea.Size()); listed.EASize != want {
				s.t.Errorf("%s: listed with EASize %d, want %d", what, listed.EASize, want)
			}
			s.remove(s.root, what+"2", n)
			fresh := s.put(s.root, what+"2", "")
			s.hasEAs(fresh, "a new file")
		})
	},
}

// eachWithEAs runs check for a file and for a directory, each called by what it
// is, or skips the case.
func (s *suite) eachWithEAs(check func(what string, n vfs.Node)) {
	s.t.Helper()
	info, err := s.fs.Info(s.t.Context())
	s.ok(err, "Info")
	if _, ok := s.fs.(vfs.ExtendedAttributes); !ok || !info.StoresEAs {
		s.t.Skip("this file system has no extended attributes")
	}
	check("file", s.put(s.root, "file", "x"))
	check("directory", s.mkdir(s.root, "directory"))
}

func (s *suite) setEAs(n vfs.Node, set ...fscc.EA) {
	s.t.Helper()
	poisoned := make([]fscc.EA, len(set))
	for i, ea := range set {
		poisoned[i] = fscc.EA{Flags: ea.Flags, Name: ea.Name, Value: bytes.Clone(ea.Value)}
	}
	s.ok(s.fs.(vfs.ExtendedAttributes).SetEAs(s.t.Context(), nil, n, poisoned), "SetEAs")
	for _, ea := range poisoned {
		clear(ea.Value) // the back end keeps none of it
	}
}

// hasEAs checks which extended attributes n has, and that Attr knows their size.
func (s *suite) hasEAs(n vfs.Node, what string, want ...fscc.EA) {
	s.t.Helper()
	got, err := s.fs.(vfs.ExtendedAttributes).EAs(s.t.Context(), nil, n)
	s.ok(err, "EAs")
	if (len(got) > 0 || len(want) > 0) && !reflect.DeepEqual(got, want) {
		s.t.Errorf("%s: EAs\n     %v\nwant %v", what, namesOf(got), namesOf(want))
	}
	size := 0
	for i := range want {
		size += want[i].Size()
	}
	if a := s.attr(n); a.EASize != uint32(size) {
		s.t.Errorf("%s: EASize = %d, want %d", what, a.EASize, size)
	}
}

// namesOf says what there is without the values.
func namesOf(eas []fscc.EA) (names []string) {
	for _, ea := range eas {
		names = append(names, fmt.Sprintf("%s: %d bytes", ea.Name, len(ea.Value)))
	}
	return names
}
