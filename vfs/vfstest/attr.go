package vfstest

import (
	"errors"
	"io/fs"
	"math/bits"
	"sync"
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

	"each attribute is kept by itself and replaces all others": func(s *suite) {
		s.needAttributes()
		file, dir := s.put(s.root, "file", "x"), s.mkdir(s.root, "dir")
		for _, a := range []fscc.FileAttributes{
			fscc.FileAttributeReadonly, fscc.FileAttributeHidden, fscc.FileAttributeSystem, fscc.FileAttributeArchive,
			fscc.FileAttributeTemporary, fscc.FileAttributeOffline, fscc.FileAttributeNotContentIndexed,
		} {
			s.ok(s.setAttributes(file, a), "SetAttr")
			if got := s.attr(file).Attributes; got != a {
				s.t.Errorf("Attributes of a file = %#x, want %#x", got, a)
			}
			s.ok(s.setAttributes(dir, a|fscc.FileAttributeDirectory), "SetAttr")
			if got, want := s.attr(dir).Attributes, a|fscc.FileAttributeDirectory; got != want {
				s.t.Errorf("Attributes of a directory = %#x, want %#x", got, want)
			}
		}
	},

	"attributes that follow from what a file is cannot be set": func(s *suite) {
		s.needAttributes()
		file, dir := s.put(s.root, "file", "x"), s.mkdir(s.root, "dir")
		const all = ^fscc.FileAttributes(0)
		const settable = fscc.FileAttributeReadonly | fscc.FileAttributeHidden | fscc.FileAttributeSystem |
			fscc.FileAttributeArchive | fscc.FileAttributeTemporary | fscc.FileAttributeOffline |
			fscc.FileAttributeNotContentIndexed
		s.ok(s.setAttributes(file, all), "SetAttr of the file")
		s.ok(s.setAttributes(dir, all), "SetAttr of the directory")
		if got := s.attr(file).Attributes; got != settable {
			s.t.Errorf("Attributes of the file = %#x, want %#x", got, settable)
		}
		if got, want := s.attr(dir).Attributes, settable|fscc.FileAttributeDirectory; got != want {
			s.t.Errorf("Attributes of the directory = %#x, want %#x", got, want)
		}
	},

	"attributes and the creation time are set apart and stay when others are": func(s *suite) {
		info := s.needAttributes()
		if !info.StoresCreationTime {
			s.t.Skip("this file system stores no creation time")
		}
		created, later := time.Unix(1e9, 500), time.Unix(1.2e9, 0)
		for name, n := range map[string]vfs.Node{"file": s.put(s.root, "file", "x"), "dir": s.mkdir(s.root, "dir")} {
			plain := s.attr(n).Attributes
			s.ok(s.fs.SetAttr(s.t.Context(), nil, n, vfs.SetAttr{CreationTime: &created}), "SetAttr of CreationTime")
			if got := s.attr(n).Attributes; got != plain {
				s.t.Errorf("%s: Attributes = %#x after CreationTime was set, want %#x", name, got, plain)
			}
			s.ok(s.setAttributes(n, fscc.FileAttributeSystem), "SetAttr of Attributes")
			s.sameTime(s.attr(n).CreationTime, created, name+": CreationTime after Attributes were set")
			s.ok(s.fs.SetAttr(s.t.Context(), nil, n, vfs.SetAttr{CreationTime: &later}), "SetAttr of CreationTime")
			s.ok(s.fs.SetAttr(s.t.Context(), nil, n, vfs.SetAttr{LastWriteTime: &created}), "SetAttr of LastWriteTime")
			a := s.attr(n)
			s.sameTime(a.CreationTime, later, name+": CreationTime set twice")
			if want := plain | fscc.FileAttributeSystem; a.Attributes != want {
				s.t.Errorf("%s: Attributes = %#x after times were set, want %#x", name, a.Attributes, want)
			}
		}
	},

	"a change time that was set stays until the next change": func(s *suite) {
		info := s.needAttributes()
		if !info.StoresCreationTime {
			s.t.Skip("this file system stores no change time")
		}
		created, changed := time.Unix(1e9, 500), time.Unix(-60*24*3600, 0)
		for name, n := range map[string]vfs.Node{"file": s.put(s.root, "file", "x"), "dir": s.mkdir(s.root, "dir")} {
			plain := s.attr(n).Attributes
			err := s.fs.SetAttr(s.t.Context(), nil, n, vfs.SetAttr{
				CreationTime: &created, LastAccessTime: &created, LastWriteTime: &created, ChangeTime: &changed,
			})
			s.ok(err, "SetAttr of all times")
			a := s.attr(n)
			s.sameTime(a.CreationTime, created, name+": CreationTime")
			s.sameTime(a.LastWriteTime, created, name+": LastWriteTime")
			s.sameTime(a.ChangeTime, changed, name+": ChangeTime")
			listed, err := s.opendir(s.root).Attr(s.t.Context(), name)
			s.ok(err, "Dir.Attr")
			s.sameTime(listed.ChangeTime, changed, name+": ChangeTime in a listing")
			if a.Attributes != plain {
				s.t.Errorf("%s: Attributes = %#x after times were set, want %#x", name, a.Attributes, plain)
			}
			s.ok(s.setAttributes(n, fscc.FileAttributeSystem), "SetAttr of Attributes")
			if got := s.attr(n).ChangeTime; got.Before(time.Now().Add(-time.Hour)) {
				s.t.Errorf("%s: ChangeTime = %v after Attributes were set, want now", name, got)
			}
		}
	},

	"a listing shows the attributes and times that the file does": func(s *suite) {
		s.needAttributes()
		created := time.Unix(1e9, 0)
		hidden := fscc.FileAttributeHidden
		for name, n := range map[string]vfs.Node{"file": s.put(s.root, "file", "x"), "dir": s.mkdir(s.root, "dir")} {
			s.ok(s.fs.SetAttr(s.t.Context(), nil, n, vfs.SetAttr{Attributes: &hidden, CreationTime: &created}), "SetAttr")
			listed, err := s.opendir(s.root).Attr(s.t.Context(), name)
			s.ok(err, "Dir.Attr")
			if want := s.attr(n); listed.Attributes != want.Attributes || !listed.CreationTime.Equal(want.CreationTime) {
				s.t.Errorf("%s: listed with %#x, %v, want %#x, %v", name, listed.Attributes, listed.CreationTime, want.Attributes, want.CreationTime)
			}
		}
	},

	"attributes go with the file and not with its name": func(s *suite) {
		s.needAttributes()
		n := s.put(s.root, "file", "x")
		s.ok(s.setAttributes(n, fscc.FileAttributeSystem), "SetAttr")
		s.remove(s.root, "file", n)
		if got := s.attr(s.put(s.root, "file", "y")).Attributes; got != 0 {
			s.t.Errorf("Attributes of a new file = %#x, want 0", got)
		}
		if got := s.attr(n).Attributes; got != fscc.FileAttributeSystem {
			s.t.Errorf("Attributes of the removed file = %#x, want %#x", got, fscc.FileAttributeSystem)
		}
	},

	"changes at the same time do not undo each other": func(s *suite) {
		info := s.needAttributes()
		if !info.StoresCreationTime {
			s.t.Skip("this file system stores no creation time")
		}
		n := s.put(s.root, "file", "x")
		for i := range 100 {
			created := time.Unix(1e9+int64(i), 0)
			attributes := []fscc.FileAttributes{fscc.FileAttributeHidden, fscc.FileAttributeSystem}[i%2]
			var wg sync.WaitGroup
			var failed [2]error
			wg.Go(func() { failed[0] = s.setAttributes(n, attributes) })
			wg.Go(func() { failed[1] = s.fs.SetAttr(s.t.Context(), nil, n, vfs.SetAttr{CreationTime: &created}) })
			wg.Wait()
			s.ok(errors.Join(failed[:]...), "SetAttr")
			a := s.attr(n)
			if a.Attributes != attributes || !a.CreationTime.Equal(created) {
				s.t.Fatalf("round %d: got %#x, %v, want %#x, %v", i, a.Attributes, a.CreationTime, attributes, created)
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

// needAttributes skips the case if attributes cannot be stored.
func (s *suite) needAttributes() vfs.Info {
	s.t.Helper()
	info, err := s.fs.Info(s.t.Context())
	s.ok(err, "Info")
	if !info.StoresAttributes {
		s.t.Skip("this file system stores no attributes")
	}
	return info
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
