package vfstest

import (
	"fmt"
	"io"
	"io/fs"
	"slices"
)

var dirCases = map[string]func(*suite){
	"an enumeration returns each of 5,000 entries once": func(s *suite) {
		var want []string
		for i := range 5000 {
			name := fmt.Sprintf("entry number %d", i)
			n, file, err := s.fs.Create(s.t.Context(), nil, s.root, name, i%10 == 0)
			s.ok(err, "Create")
			if file != nil {
				s.close(file)
			}
			s.close(n)
			want = append(want, name)
		}
		slices.Sort(want)
		d := s.opendir(s.root)
		for pass := range 2 {
			if got := s.rest(d); !slices.Equal(got, want) {
				s.t.Errorf("pass %d: %d entries, want each of the %d once", pass, len(got), len(want))
			}
			s.ok(d.Rewind(s.t.Context()), "Rewind")
		}
	},

	"an enumeration of an empty directory is EOF, again and again": func(s *suite) {
		d := s.opendir(s.root)
		for range 3 {
			if name, err := d.Next(s.t.Context()); err != io.EOF {
				s.t.Errorf("Next = %q, %v, want EOF", name, err)
			}
		}
	},

	"a rewind sees new entries and misses removed ones": func(s *suite) {
		a := s.put(s.root, "a", "x")
		d := s.opendir(s.root)
		if got := s.rest(d); !slices.Equal(got, []string{"a"}) {
			s.t.Errorf("entries = %q, want a", got)
		}
		s.put(s.root, "b", "x")
		s.remove(s.root, "a", a)
		s.ok(d.Rewind(s.t.Context()), "Rewind")
		if got := s.rest(d); !slices.Equal(got, []string{"b"}) {
			s.t.Errorf("entries after Rewind = %q, want b", got)
		}
	},

	"an enumeration returns all entries that stay while others come and go": func(s *suite) {
		const n = 400
		for i := range n {
			s.put(s.root, fmt.Sprintf("%s-%04d", []string{"stays", "goes"}[i%2], i), "")
		}
		d := s.opendir(s.root)
		count := map[string]int{}
		for i := 0; ; i++ {
			name, err := d.Next(s.t.Context())
			if err == io.EOF {
				break
			}
			s.ok(err, "Next")
			count[name]++
			if i < n/2 {
				going := fmt.Sprintf("goes-%04d", 2*i+1)
				node, _, err := s.fs.Lookup(s.t.Context(), nil, s.root, going)
				s.ok(err, "Lookup "+going)
				s.remove(s.root, going, node)
				s.close(node)
				s.put(s.root, fmt.Sprintf("comes-%04d", i), "")
			}
		}
		for i := 0; i < n; i += 2 {
			if name := fmt.Sprintf("stays-%04d", i); count[name] != 1 {
				s.t.Errorf("%s was returned %d times, want once", name, count[name])
			}
		}
		for name, times := range count {
			if times != 1 {
				s.t.Errorf("%s was returned %d times, want once", name, times)
			}
		}
	},

	"two enumerations are independent": func(s *suite) {
		s.put(s.root, "a", "x")
		s.put(s.root, "b", "x")
		first, second := s.opendir(s.root), s.opendir(s.root)
		if _, err := first.Next(s.t.Context()); err != nil {
			s.t.Fatal(err)
		}
		if got := s.rest(second); len(got) != 2 {
			s.t.Errorf("the second enumeration returned %q, want a and b", got)
		}
		if got := s.rest(first); len(got) != 1 {
			s.t.Errorf("the first enumeration returned %q after one entry, want the other", got)
		}
	},

	"attributes by name are those of the node": func(s *suite) {
		d := s.opendir(s.root)
		for _, directory := range []bool{false, true} {
			name := fmt.Sprintf("Entry-%v", directory)
			n, file, err := s.fs.Create(s.t.Context(), nil, s.root, name, directory)
			s.ok(err, "Create")
			s.closeLater(n)
			if file != nil {
				s.write(file, 0, "content")
				s.close(file)
			}
			got, err := d.Attr(s.t.Context(), name)
			s.ok(err, "Dir.Attr "+name)
			if want := s.attr(n); got != want {
				s.t.Errorf("Dir.Attr(%q) = %+v, want Node.Attr %+v", name, got, want)
			}
		}
	},

	"attributes of a missing name are ErrNotExist": func(s *suite) {
		n := s.put(s.root, "a", "x")
		d := s.opendir(s.root)
		s.remove(s.root, "a", n)
		_, err := d.Attr(s.t.Context(), "a")
		s.fails(err, fs.ErrNotExist, "Dir.Attr")
	},

	"an enumeration outlives the reference it was made from": func(s *suite) {
		dir, _, err := s.fs.Create(s.t.Context(), nil, s.root, "dir", true)
		s.ok(err, "Create")
		s.put(dir, "inner", "x")
		d := s.opendir(dir)
		s.close(dir)
		if got := s.rest(d); !slices.Equal(got, []string{"inner"}) {
			s.t.Errorf("entries = %q, want inner", got)
		}
	},
}
