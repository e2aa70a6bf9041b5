package vfstest

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/signet-smb/signet/vfs"
)

var dataCases = map[string]func(*suite){
	"a read returns fewer bytes only at the end and EOF only beyond it": func(s *suite) {
		file := s.open(s.put(s.root, "file", "0123456789"), vfs.ModeRead)
		for _, row := range []struct {
			off  int64
			size int
			want string
			err  error
		}{
			{0, 10, "0123456789", nil},
			{0, 4, "0123", nil},
			{8, 4, "89", nil},
			{9, 1, "9", nil},
			{10, 1, "", io.EOF},
			{10, 0, "", nil},
			{1 << 40, 4, "", io.EOF},
			{3, 0, "", nil},
		} {
			p := make([]byte, row.size)
			n, err := file.ReadAt(s.t.Context(), p, row.off)
			if got := string(p[:n]); got != row.want || err != row.err {
				s.t.Errorf("ReadAt(%d bytes, %d) = %q, %v, want %q, %v", row.size, row.off, got, err, row.want, row.err)
			}
		}
	},

	"a read of an empty file is EOF": func(s *suite) {
		_, file := s.create(s.root, "file")
		if n, err := file.ReadAt(s.t.Context(), make([]byte, 1), 0); n != 0 || err != io.EOF {
			s.t.Errorf("ReadAt = %d, %v, want 0, EOF", n, err)
		}
	},

	"a write overwrites and extends": func(s *suite) {
		_, file := s.create(s.root, "file")
		s.write(file, 0, "0123456789")
		s.write(file, 5, "abc")
		s.holds(file, "01234abc89")
		s.write(file, 8, "defg")
		s.holds(file, "01234abcdefg")
	},

	"an empty write changes nothing": func(s *suite) {
		n, file := s.create(s.root, "file")
		s.write(file, 100, "")
		if a := s.attr(n); a.EndOfFile != 0 {
			s.t.Errorf("EndOfFile = %d, want 0", a.EndOfFile)
		}
	},

	"a gap reads as zeros": func(s *suite) {
		_, file := s.create(s.root, "file")
		s.write(file, 0, "a")
		s.write(file, 100_000, "b")
		s.holds(file, "a"+strings.Repeat("\x00", 99_999)+"b")
	},

	"a write at 5 GiB is read back": func(s *suite) {
		n, file := s.create(s.root, "file")
		const far = 5 << 30
		s.write(file, far, "far")
		if a := s.attr(n); a.EndOfFile != far+3 || a.AllocationSize > 1<<20 {
			s.t.Errorf("EndOfFile = %d, AllocationSize = %d, want %d and at most 1 MiB", a.EndOfFile, a.AllocationSize, int64(far+3))
		}
		p := make([]byte, 8)
		if got, err := file.ReadAt(s.t.Context(), p, far-4); err != nil || string(p[:got]) != "\x00\x00\x00\x00far" {
			s.t.Errorf("ReadAt = %q, %v, want four zeros and %q", p[:got], err, "far")
		}
	},

	"a large write is read back": func(s *suite) {
		_, file := s.create(s.root, "file")
		want := make([]byte, 3<<20+17)
		for i := range want {
			want[i] = byte(i * 7 >> 3)
		}
		s.write(file, 4093, string(want))
		got := make([]byte, len(want)+1)
		n, err := file.ReadAt(s.t.Context(), got, 4093)
		if err != nil || !bytes.Equal(got[:n], want) {
			s.t.Errorf("ReadAt = %d bytes, %v, want the %d written", n, err, len(want))
		}
	},

	"a truncate shortens, and lengthens with zeros": func(s *suite) {
		n, file := s.create(s.root, "file")
		s.write(file, 0, "0123456789")
		s.ok(file.Truncate(s.t.Context(), 4), "Truncate to 4")
		s.holds(file, "0123")
		s.ok(file.Truncate(s.t.Context(), 8), "Truncate to 8")
		s.holds(file, "0123\x00\x00\x00\x00")
		s.ok(file.Truncate(s.t.Context(), 0), "Truncate to 0")
		s.holds(file, "")
		s.write(file, 2, "x")
		s.holds(file, "\x00\x00x")
		if a := s.attr(n); a.EndOfFile != 3 {
			s.t.Errorf("EndOfFile = %d, want 3", a.EndOfFile)
		}
	},

	"a negative position is refused": func(s *suite) {
		_, file := s.create(s.root, "file")
		s.write(file, 0, "content")
		if n, err := file.ReadAt(s.t.Context(), make([]byte, 1), -1); n != 0 || err == nil || err == io.EOF {
			s.t.Errorf("ReadAt at -1 = %d, %v, want an error", n, err)
		}
		if n, err := file.WriteAt(s.t.Context(), []byte("x"), -1); n != 0 || err == nil {
			s.t.Errorf("WriteAt at -1 = %d, %v, want an error", n, err)
		}
		if err := file.Truncate(s.t.Context(), -1); err == nil {
			s.t.Error("Truncate to -1 succeeded")
		}
		s.holds(file, "content")
	},

	"a file opened for reading is not written to": func(s *suite) {
		n := s.put(s.root, "file", "content")
		file := s.open(n, vfs.ModeRead)
		if n, err := file.WriteAt(s.t.Context(), []byte("x"), 0); n != 0 || err == nil {
			s.t.Errorf("WriteAt = %d, %v, want an error", n, err)
		}
		if err := file.Truncate(s.t.Context(), 0); err == nil {
			s.t.Error("Truncate succeeded")
		}
		s.contains(n, "content")
	},

	"a file opened for writing keeps its content": func(s *suite) {
		n := s.put(s.root, "file", "content")
		file := s.open(n, vfs.ModeWrite)
		s.write(file, 3, "T")
		s.contains(n, "conTent")
	},

	"a directory is not opened for data nor a file enumerated": func(s *suite) {
		dir, file := s.mkdir(s.root, "dir"), s.put(s.root, "file", "x")
		for _, mode := range []vfs.Mode{vfs.ModeRead, vfs.ModeRead | vfs.ModeWrite} {
			if f, err := s.fs.Open(s.t.Context(), nil, dir, mode); err == nil {
				s.closeLater(f)
				s.t.Errorf("Open of a directory, mode %d, succeeded", mode)
			}
		}
		if d, err := s.fs.OpenDir(s.t.Context(), nil, file); err == nil {
			s.closeLater(d)
			s.t.Error("OpenDir of a file succeeded")
		}
	},

	"a buffer belongs to the caller again after the call": func(s *suite) {
		_, file := s.create(s.root, "file")
		p := []byte("precious")
		if _, err := file.WriteAt(s.t.Context(), p, 0); err != nil {
			s.t.Fatal(err)
		}
		poison(p)
		s.holds(file, "precious")
		if _, err := file.ReadAt(s.t.Context(), p, 0); err != nil {
			s.t.Fatal(err)
		}
		poison(p)
		s.holds(file, "precious")
		for i, c := range p {
			if c != 0xDB {
				s.t.Errorf("byte %d of the buffer changed to %#x after the call", i, c)
			}
		}
	},

	"a write reads its buffer only": func(s *suite) {
		_, file := s.create(s.root, "file")
		p := []byte("precious")
		if _, err := file.WriteAt(s.t.Context(), p, 0); err != nil || string(p) != "precious" {
			s.t.Errorf("WriteAt left %q, %v, want the buffer as it was", p, err)
		}
	},

	"reads and writes at the same time do not disturb each other": func(s *suite) {
		_, file := s.create(s.root, "file")
		const workers, block, rounds = 8, 10_000, 20
		var wg sync.WaitGroup
		for w := range workers {
			wg.Go(func() {
				off := int64(w * block)
				p := make([]byte, block)
				for round := range rounds {
					want := bytes.Repeat([]byte{byte('a' + (w+round)%26)}, block)
					if _, err := file.WriteAt(s.t.Context(), want, off); err != nil {
						s.t.Errorf("WriteAt: %v", err)
						return
					}
					if n, err := file.ReadAt(s.t.Context(), p, off); n != block || err != nil || !bytes.Equal(p, want) {
						s.t.Errorf("worker %d, round %d: ReadAt = %d, %v, or other bytes than written", w, round, n, err)
						return
					}
				}
			})
		}
		wg.Wait()
	},

	"a sync succeeds at any time": func(s *suite) {
		dir := s.mkdir(s.root, "dir")
		_, file := s.create(dir, "file")
		for i := range 3 {
			s.ok(file.Sync(s.t.Context()), fmt.Sprintf("Sync %d", i))
			s.write(file, int64(i), "x")
		}
		s.rename(dir, "file", s.root, "moved", false)
		s.ok(file.Sync(s.t.Context()), "Sync after a rename")
		n, _ := s.lookup(s.root, "moved")
		s.ok(s.open(n, vfs.ModeRead).Sync(s.t.Context()), "Sync of a file opened for reading")
	},
}

// poison overwrites p, so that whoever kept it is found out.
func poison(p []byte) {
	for i := range p {
		p[i] = 0xDB
	}
}
