package vfstest

import (
	"bytes"
	"errors"
	"io"
	"slices"

	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/vfs"
)

// unit is a multiple of every back end's allocation unit, in bytes.
const unit = 1 << 20

var rangeCases = map[string]func(*suite){
	"a zeroed range reads as zeros and the length stays": func(s *suite) {
		n, file := s.create(s.root, "file")
		want := bytes.Repeat([]byte("x"), 3*unit)
		s.write(file, 0, string(want))
		for _, r := range [][2]int{{10, 5}, {unit - 3, unit + 7}, {3*unit - 1, 1}, {3*unit - 2, unit}, {9 * unit, 5}} {
			s.zero(file, int64(r[0]), int64(r[1]))
			if r[0] < len(want) {
				clear(want[r[0]:min(len(want), r[0]+r[1])])
			}
		}
		got := make([]byte, len(want)+1)
		if k, err := file.ReadAt(s.t.Context(), got, 0); err != nil || !bytes.Equal(got[:k], want) {
			s.t.Errorf("ReadAt = %d bytes, %v, or other bytes than wanted", k, err)
		}
		if a := s.attr(n); a.EndOfFile != 3*unit {
			s.t.Errorf("EndOfFile = %d, want %d", a.EndOfFile, 3*unit)
		}
	},

	"a zeroed range gives its storage back": func(s *suite) {
		n, file := s.create(s.root, "file")
		s.write(file, 0, string(bytes.Repeat([]byte("x"), 4*unit)))
		s.ok(file.Sync(s.t.Context()), "Sync")
		before := s.attr(n).AllocationSize
		s.zero(file, unit, 2*unit)
		if after := s.attr(n).AllocationSize; before-after < 2*unit {
			s.t.Errorf("AllocationSize went from %d to %d, want %d less", before, after, 2*unit)
		}
	},

	"allocated ranges are those that were written": func(s *suite) {
		_, file := s.create(s.root, "file")
		s.allocated(file, 0)
		s.write(file, unit, string(bytes.Repeat([]byte("x"), unit)))
		s.write(file, 4*unit, "y")
		s.ok(file.Truncate(s.t.Context(), 8*unit), "Truncate")
		s.allocatedUnits(file, 1, 4)
		s.zero(file, unit, unit)
		s.allocatedUnits(file, 4)
		s.ok(file.Truncate(s.t.Context(), 4*unit+1), "Truncate")
		s.allocated(file, 4*unit, [2]int64{4 * unit, 4*unit + 1})
		s.allocated(file, 4*unit+1)
		s.allocated(file, 1<<40)
	},

	"an allocated range begins where it is looked for": func(s *suite) {
		_, file := s.create(s.root, "file")
		s.write(file, 0, "0123456789")
		s.allocated(file, 3, [2]int64{3, 10})
	},

	"ranges at negative positions are refused": func(s *suite) {
		_, file := s.create(s.root, "file")
		s.write(file, 0, "content")
		z, a := s.zeroRanger(file), s.allocatedRanger(file)
		if z.ZeroRange(s.t.Context(), -1, 2) == nil {
			s.t.Error("ZeroRange at -1 succeeded")
		}
		if z.ZeroRange(s.t.Context(), 0, -1) == nil {
			s.t.Error("ZeroRange of -1 bytes succeeded")
		}
		if _, _, err := a.NextAllocated(s.t.Context(), -1); err == nil || err == io.EOF {
			s.t.Errorf("NextAllocated at -1: %v, want an error", err)
		}
		s.holds(file, "content")
	},

	"a file opened for reading is not zeroed": func(s *suite) {
		n := s.put(s.root, "file", "content")
		if s.zeroRanger(s.open(n, vfs.ModeRead)).ZeroRange(s.t.Context(), 0, 3) == nil {
			s.t.Error("ZeroRange succeeded")
		}
		s.contains(n, "content")
	},

	"the sparse attribute is set by itself": func(s *suite) {
		info, err := s.fs.Info(s.t.Context())
		s.ok(err, "Info")
		n, _ := s.create(s.root, "file")
		set := func(sparse bool) error {
			return s.fs.SetAttr(s.t.Context(), nil, n, vfs.SetAttr{Sparse: &sparse})
		}
		if !info.StoresSparse {
			s.fails(set(true), errors.ErrUnsupported, "SetAttr of Sparse")
			return
		}
		is := func(want bool, when string) {
			s.t.Helper()
			if got := s.attr(n).Attributes&fscc.FileAttributeSparseFile != 0; got != want {
				s.t.Errorf("%s: sparse %v, want %v", when, got, want)
			}
		}
		is(false, "at first")
		s.ok(set(true), "SetAttr of Sparse")
		is(true, "set")
		hidden := fscc.FileAttributeHidden
		s.ok(s.fs.SetAttr(s.t.Context(), nil, n, vfs.SetAttr{Attributes: &hidden}), "SetAttr of Hidden")
		is(true, "after other attributes were set")
		s.ok(set(false), "SetAttr of Sparse")
		is(false, "cleared")
		if got := s.attr(n).Attributes; got&hidden == 0 {
			s.t.Errorf("attributes %v, want Hidden to have stayed", got)
		}
	},
}

func (s *suite) zeroRanger(file vfs.File) vfs.ZeroRanger {
	s.t.Helper()
	z, ok := file.(vfs.ZeroRanger)
	if !ok {
		s.t.Skipf("%T is no vfs.ZeroRanger: its callers write zeros", file)
	}
	return z
}

func (s *suite) allocatedRanger(file vfs.File) vfs.AllocatedRanger {
	s.t.Helper()
	a, ok := file.(vfs.AllocatedRanger)
	if !ok {
		s.t.Skipf("%T is no vfs.AllocatedRanger: all of it is", file)
	}
	return a
}

// zero zeroes a range.
func (s *suite) zero(file vfs.File, off, n int64) {
	s.t.Helper()
	err := s.zeroRanger(file).ZeroRange(s.t.Context(), off, n)
	if errors.Is(err, errors.ErrUnsupported) {
		s.t.Skip("this file system gives no ranges back")
	}
	s.ok(err, "ZeroRange")
}

// ranges returns what is allocated from off on.
func (s *suite) ranges(file vfs.File, off int64) (ranges [][2]int64) {
	s.t.Helper()
	a := s.allocatedRanger(file)
	for {
		start, end, err := a.NextAllocated(s.t.Context(), off)
		if err == io.EOF {
			return ranges
		}
		s.ok(err, "NextAllocated")
		if start < off || end <= start {
			s.t.Fatalf("NextAllocated(%d) = %d, %d", off, start, end)
		}
		ranges = append(ranges, [2]int64{start, end})
		off = end
	}
}

// allocated checks what is allocated from off on.
func (s *suite) allocated(file vfs.File, off int64, want ...[2]int64) {
	s.t.Helper()
	if got := s.ranges(file, off); !slices.Equal(got, want) {
		s.t.Errorf("allocated from %d on: %d, want %d", off, got, want)
	}
}

// allocatedUnits checks which units are allocated, at least in part.
func (s *suite) allocatedUnits(file vfs.File, want ...int64) {
	s.t.Helper()
	var got []int64
	for _, r := range s.ranges(file, 0) {
		for u := r[0] / unit; u*unit < r[1]; u++ {
			got = append(got, u)
		}
	}
	if got = slices.Compact(got); !slices.Equal(got, want) {
		s.t.Errorf("allocated units of 1 MiB: %d, want %d", got, want)
	}
}
