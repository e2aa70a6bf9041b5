package vfstest

import (
	"io/fs"
	"math/bits"
	"time"

	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/vfs"
)

var attrCases = map[string]func(*suite){
	"attributes are zero for a file and Directory for a directory": func(s *suite) {
		if got := s.attr(s.put(s.root, "file", "x")).Attributes; got != 0 {
			s.t.Errorf("Attributes of a new file = %#x, want 0", got)
		}
		if got := s.attr(s.mkdir(s.root, "dir")).Attributes; got != fscc.FileAttributeDirectory {
			s.t.Errorf("Attributes of a new directory = %#x, want %#x", got, fscc.FileAttributeDirectory)
		}
	},

	"attributes are stored, or refused with NotSupported": func(s *suite) {
		info, err := s.fs.Info(s.t.Context())
		s.ok(err, "Info")
		const hidden = fscc.FileAttributeHidden | fscc.FileAttributeSystem
		for name, n := range map[string]vfs.Node{"file": s.put(s.root, "file", "x"), "dir": s.mkdir(s.root, "dir")} {
			before := s.attr(n)
			err := s.setAttributes(n, hidden)
			after := s.attr(n)
			if !info.StoresAttributes {
				s.fails(err, ntstatus.NotSupported, "SetAttr of "+name)
				if after.Attributes != before.Attributes {
					s.t.Errorf("%s: refused attributes changed from %#x to %#x", name, before.Attributes, after.Attributes)
				}
				continue
			}
			s.ok(err, "SetAttr of "+name)
			if want := before.Attributes | hidden; after.Attributes != want {
				s.t.Errorf("%s: Attributes = %#x, want %#x", name, after.Attributes, want)
			}
			s.rename(s.root, name, s.root, name+"2", false)
			again, _ := s.lookup(s.root, name+"2")
			if got := s.attr(again).Attributes; got != after.Attributes {
				s.t.Errorf("%s after a rename: Attributes = %#x, want %#x", name, got, after.Attributes)
			}
		}
	},

	"attributes are cleared by zero and by Normal": func(s *suite) {
		info, err := s.fs.Info(s.t.Context())
		s.ok(err, "Info")
		for name, n := range map[string]vfs.Node{"file": s.put(s.root, "file", "x"), "dir": s.mkdir(s.root, "dir")} {
			plain := s.attr(n).Attributes
			for _, clearing := range []fscc.FileAttributes{0, fscc.FileAttributeNormal} {
				if info.StoresAttributes {
					s.ok(s.setAttributes(n, fscc.FileAttributeReadonly), "SetAttr of "+name)
				}
				s.ok(s.setAttributes(n, clearing), "clearing attributes of "+name)
				if got := s.attr(n).Attributes; got != plain {
					s.t.Errorf("%s cleared by %#x: Attributes = %#x, want %#x", name, clearing, got, plain)
				}
			}
		}
	},

	"times are kept to the resolution there is": func(s *suite) {
		info, err := s.fs.Info(s.t.Context())
		s.ok(err, "Info")
		created := time.Date(2001, 2, 3, 4, 5, 6, 123456700, time.UTC)
		accessed, written := created.Add(time.Hour), created.Add(2*time.Hour)
		for name, n := range map[string]vfs.Node{"file": s.put(s.root, "file", "x"), "dir": s.mkdir(s.root, "dir")} {
			err := s.fs.SetAttr(s.t.Context(), nil, n, vfs.SetAttr{CreationTime: &created, LastAccessTime: &accessed, LastWriteTime: &written})
			s.ok(err, "SetAttr of "+name)
			a := s.attr(n)
			s.sameTime(a.LastAccessTime, accessed, name+": LastAccessTime")
			s.sameTime(a.LastWriteTime, written, name+": LastWriteTime")
			if info.StoresCreationTime {
				s.sameTime(a.CreationTime, created, name+": CreationTime")
			}
		}
	},

	"times that are not set stay": func(s *suite) {
		n := s.put(s.root, "file", "x")
		old, older := time.Unix(1e9, 0), time.Unix(9e8, 0)
		s.ok(s.fs.SetAttr(s.t.Context(), nil, n, vfs.SetAttr{LastAccessTime: &old, LastWriteTime: &old}), "SetAttr")
		s.ok(s.fs.SetAttr(s.t.Context(), nil, n, vfs.SetAttr{LastAccessTime: &older}), "SetAttr of LastAccessTime")
		s.sameTime(s.attr(n).LastWriteTime, old, "LastWriteTime")
		s.sameTime(s.attr(n).LastAccessTime, older, "LastAccessTime")
		before := s.attr(n)
		s.ok(s.fs.SetAttr(s.t.Context(), nil, n, vfs.SetAttr{}), "SetAttr of nothing")
		after := s.attr(n)
		s.sameTime(after.LastWriteTime, before.LastWriteTime, "LastWriteTime")
		s.sameTime(after.CreationTime, before.CreationTime, "CreationTime")
	},

	"a write moves the times forward": func(s *suite) {
		n := s.put(s.root, "file", "x")
		old := time.Unix(1e9, 0)
		s.ok(s.fs.SetAttr(s.t.Context(), nil, n, vfs.SetAttr{LastWriteTime: &old}), "SetAttr")
		s.write(s.open(n, vfs.ModeWrite), 0, "y")
		if got := s.attr(n).LastWriteTime; !got.After(old) {
			s.t.Errorf("LastWriteTime = %v after a write, want later than %v", got, old)
		}
	},

	"a new entry moves the directory's times forward": func(s *suite) {
		dir := s.mkdir(s.root, "dir")
		old := time.Unix(1e9, 0)
		for step, change := range []func(){
			func() { s.put(dir, "a", "x") },
			func() { s.rename(dir, "a", dir, "b", false) },
			func() { n, _ := s.lookup(dir, "b"); s.remove(dir, "b", n) },
		} {
			s.ok(s.fs.SetAttr(s.t.Context(), nil, dir, vfs.SetAttr{LastWriteTime: &old}), "SetAttr")
			change()
			if got := s.attr(dir).LastWriteTime; !got.After(old) {
				s.t.Errorf("step %d: LastWriteTime = %v, want later than %v", step, got, old)
			}
		}
	},

	"the creation time survives a write and a rename": func(s *suite) {
		n := s.put(s.root, "a", "x")
		before := s.attr(n).CreationTime
		s.write(s.open(n, vfs.ModeWrite), 0, "y")
		s.rename(s.root, "a", s.root, "b", false)
		s.sameTime(s.attr(n).CreationTime, before, "CreationTime")
	},

	"sizes are those of the data": func(s *suite) {
		n, file := s.create(s.root, "file")
		s.write(file, 100, "x")
		if a := s.attr(n); a.EndOfFile != 101 {
			s.t.Errorf("EndOfFile = %d, want 101", a.EndOfFile)
		}
		s.ok(file.Sync(s.t.Context()), "Sync")
		if a := s.attr(n); a.AllocationSize == 0 {
			s.t.Errorf("AllocationSize of a file that holds data = 0")
		}
	},

	"special files are flagged, listed and never opened": func(s *suite) {
		maker, ok := s.fs.(SpecialMaker)
		if !ok {
			s.t.Skip("this file system has no special files")
		}
		maker.MakeSpecial(s.t, "Special")
		s.lists(s.root, "Special")
		a, err := s.opendir(s.root).Attr(s.t.Context(), "Special")
		s.ok(err, "Dir.Attr")
		n, stored := s.lookup(s.root, "SPECIAL")
		if !a.Special || a.IsDir() || !s.attr(n).Special || stored != "Special" || a.ID != n.ID() {
			s.t.Errorf("Dir.Attr = %+v, Node.Attr = %+v called %q, want Special twice", a, s.attr(n), stored)
		}
		file, err := s.fs.Open(s.t.Context(), nil, n, vfs.ModeRead)
		s.fails(err, fs.ErrPermission, "Open")
		if err == nil {
			s.closeLater(file)
		}
		s.remove(s.root, "Special", n)
		s.lists(s.root)
	},

	"the volume describes itself": func(s *suite) {
		info, err := s.fs.Info(s.t.Context())
		s.ok(err, "Info")
		if bits.OnesCount32(info.BlockSize) != 1 {
			s.t.Errorf("BlockSize = %d, want a power of two", info.BlockSize)
		}
		if info.TotalBytes < info.FreeBytes || info.FreeBytes < info.AvailableBytes || info.AvailableBytes == 0 {
			s.t.Errorf("total %d, free %d, available %d bytes, want them to descend and to end above 0",
				info.TotalBytes, info.FreeBytes, info.AvailableBytes)
		}
		if info.MaxNameLength == 0 || info.FileSystemName == "" {
			s.t.Errorf("MaxNameLength = %d, FileSystemName = %q, want both", info.MaxNameLength, info.FileSystemName)
		}
	},
}

func (s *suite) setAttributes(n vfs.Node, a fscc.FileAttributes) error {
	return s.fs.SetAttr(s.t.Context(), nil, n, vfs.SetAttr{Attributes: &a})
}

// sameTime checks that got is want, cut to a resolution that file systems
// have: at worst the two seconds of FAT.
func (s *suite) sameTime(got, want time.Time, what string) {
	s.t.Helper()
	for _, resolution := range []time.Duration{1, 100, time.Microsecond, time.Millisecond, 10 * time.Millisecond, time.Second, 2 * time.Second} {
		if got.Equal(want.Truncate(resolution)) {
			return
		}
	}
	s.t.Errorf("%s = %v, want %v", what, got.UTC(), want.UTC())
}
