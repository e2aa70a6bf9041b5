package vfstest

import (
	"bytes"
	"errors"
	"strings"

	"github.com/signet-smb/signet/vfs"
)

var copyCases = map[string]func(*suite){
	"a range is copied to another file": func(s *suite) {
		_, src := s.create(s.root, "src")
		n, dst := s.create(s.root, "dst")
		s.write(src, 0, "0123456789")
		s.write(dst, 0, "abcdefghij")
		s.copies(src, 2, dst, 4, 3, 3)
		s.holds(dst, "abcd234hij")
		s.holds(src, "0123456789")
		s.copies(src, 0, dst, 20, 2, 2)
		s.holds(dst, "abcd234hij"+strings.Repeat("\x00", 10)+"01")
		if a := s.attr(n); a.EndOfFile != 22 {
			s.t.Errorf("EndOfFile = %d, want 22", a.EndOfFile)
		}
	},

	"a range is copied within one file": func(s *suite) {
		_, file := s.create(s.root, "file")
		s.write(file, 0, "0123456789")
		s.copies(file, 0, file, 6, 4, 4)
		s.holds(file, "0123450123")
	},

	"a copy ends at the end of the file": func(s *suite) {
		_, src := s.create(s.root, "src")
		_, dst := s.create(s.root, "dst")
		s.write(src, 0, "0123456789")
		s.copies(src, 8, dst, 0, 100, 2)
		s.holds(dst, "89")
		s.copies(src, 10, dst, 0, 1, 0)
		s.copies(src, 1<<40, dst, 0, 1, 0)
		s.holds(dst, "89")
	},

	"a large range is copied": func(s *suite) {
		_, src := s.create(s.root, "src")
		_, dst := s.create(s.root, "dst")
		want := make([]byte, 5<<20+17)
		for i := range want {
			want[i] = byte(i * 11 >> 4)
		}
		s.write(src, 3, string(want))
		s.copies(src, 3, dst, 4099, int64(len(want)), int64(len(want)))
		got := make([]byte, len(want)+1)
		n, err := dst.ReadAt(s.t.Context(), got, 4099)
		if err != nil || !bytes.Equal(got[:n], want) {
			s.t.Errorf("ReadAt = %d bytes, %v, want the %d copied", n, err, len(want))
		}
	},

	"a copy needs files opened for reading and for writing": func(s *suite) {
		from, to := s.put(s.root, "src", "0123456789"), s.put(s.root, "dst", "abc")
		for _, row := range []struct{ src, dst vfs.Mode }{
			{vfs.ModeWrite, vfs.ModeWrite},
			{vfs.ModeRead, vfs.ModeRead},
		} {
			if n, err := s.copyRange(s.open(from, row.src), 0, s.open(to, row.dst), 0, 5); n != 0 || err == nil {
				s.t.Errorf("CopyRange from mode %d to mode %d = %d, %v, want an error", row.src, row.dst, n, err)
			}
		}
		s.contains(to, "abc")
	},

	"a copy at a negative position is refused": func(s *suite) {
		_, src := s.create(s.root, "src")
		n, dst := s.create(s.root, "dst")
		s.write(src, 0, "0123456789")
		for _, off := range [][2]int64{{-1, 0}, {0, -1}} {
			if n, err := s.copyRange(src, off[0], dst, off[1], 1); n != 0 || err == nil {
				s.t.Errorf("CopyRange from %d to %d = %d, %v, want an error", off[0], off[1], n, err)
			}
		}
		if a := s.attr(n); a.EndOfFile != 0 {
			s.t.Errorf("EndOfFile = %d, want 0", a.EndOfFile)
		}
	},

	"a file that is not of this back end is not copied to": func(s *suite) {
		_, src := s.create(s.root, "src")
		s.write(src, 0, "0123456789")
		if n, err := s.copyRange(src, 0, strangeFile{}, 0, 1); n != 0 || !errors.Is(err, errors.ErrUnsupported) {
			s.t.Errorf("CopyRange = %d, %v, want ErrUnsupported", n, err)
		}
	},
}

// strangeFile is a File of no back end.
type strangeFile struct{ vfs.File }

// copyRange copies n bytes, or skips the test where files cannot.
func (s *suite) copyRange(src vfs.File, off int64, dst vfs.File, dstOff, n int64) (int64, error) {
	s.t.Helper()
	c, ok := src.(vfs.CopyRanger)
	if !ok {
		s.t.Skipf("%T is no vfs.CopyRanger: its callers read and write", src)
	}
	return c.CopyRange(s.t.Context(), off, dst, dstOff, n)
}

// copies checks how much a copy of n bytes copies.
func (s *suite) copies(src vfs.File, off int64, dst vfs.File, dstOff, n, want int64) {
	s.t.Helper()
	got, err := s.copyRange(src, off, dst, dstOff, n)
	if errors.Is(err, errors.ErrUnsupported) {
		s.t.Skip("this file system does not copy ranges")
	}
	if got != want || err != nil {
		s.t.Fatalf("CopyRange of %d bytes from %d to %d = %d, %v, want %d, nil", n, off, dstOff, got, err, want)
	}
}
