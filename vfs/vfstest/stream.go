package vfstest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/vfs"
)

var streamCases = map[string]func(*suite){
	"named streams are made, written, read and removed": func(s *suite) {
		s.eachWithStreams(func(what string, n vfs.Node, streams vfs.Streams) {
			s.hasStreams(n, what)
			s.putStream(n, "Zone.Identifier", "[ZoneTransfer]")
			s.putStream(n, "empty", "")
			s.hasStreams(n, what, "Zone.Identifier 14", "empty 0")
			s.streamHolds(n, "Zone.Identifier", "[ZoneTransfer]")
			s.streamHolds(n, "empty", "")
			s.fails(streams.CreateStream(s.t.Context(), nil, n, "empty"), fs.ErrExist, "CreateStream of one that is there")
			s.ok(streams.RemoveStream(s.t.Context(), nil, n, "Zone.Identifier"), "RemoveStream")
			s.hasStreams(n, what, "empty 0")
			s.fails(streams.RemoveStream(s.t.Context(), nil, n, "Zone.Identifier"), fs.ErrNotExist, "RemoveStream again")
			_, err := streams.OpenStream(s.t.Context(), nil, n, "Zone.Identifier", vfs.ModeRead)
			s.fails(err, fs.ErrNotExist, "OpenStream of a removed one")
			s.ok(streams.RemoveStream(s.t.Context(), nil, n, "empty"), "RemoveStream")
			s.hasStreams(n, what)
		})
	},

	"named streams are looked up in any case and keep theirs": func(s *suite) {
		s.eachWithStreams(func(_ string, n vfs.Node, streams vfs.Streams) {
			s.putStream(n, "Größe \x05\n?*", "x")
			for _, name := range []string{"Größe \x05\n?*", "GRÖßE \x05\n?*", "größe \x05\n?*"} {
				got, err := streams.LookupStream(s.t.Context(), n, name)
				if err != nil || got.Name != "Größe \x05\n?*" || got.EndOfFile != 1 {
					s.t.Errorf("LookupStream(%q) = %+v, %v", name, got, err)
				}
			}
			_, err := streams.LookupStream(s.t.Context(), n, "Größe")
			s.fails(err, fs.ErrNotExist, "LookupStream of another name")
		})
	},

	"named streams may have the longest names": func(s *suite) {
		s.eachWithStreams(func(what string, n vfs.Node, _ vfs.Streams) {
			for _, name := range []string{strings.Repeat("n", 255), strings.Repeat("語", 255), strings.Repeat("𝄞", 127)} {
				s.putStream(n, name, "content")
				s.streamHolds(n, name, "content")
			}
			if a := s.attr(n); !a.HasStreams {
				s.t.Errorf("%s: HasStreams = false", what)
			}
		})
	},

	"named streams grow and shrink whatever their size": func(s *suite) {
		s.eachWithStreams(func(what string, n vfs.Node, streams vfs.Streams) {
			s.putStream(n, "AFP_Resource", "")
			one, two := s.openStream(n, "AFP_Resource"), s.openStream(n, "AFP_Resource")
			var want []byte
			for i, size := range []int{3, 2000, 0, 3900, 10_000, 65_535, 65_536, 70_000, 100, 3 << 20, 0, 1} {
				if size < len(want) {
					s.ok(one.Truncate(s.t.Context(), int64(size)), "Truncate")
					want = want[:size]
				} else {
					more := bytes.Repeat([]byte{byte(i + 1)}, size-len(want))
					s.write(one, int64(len(want)), string(more))
					want = append(want, more...)
				}
				s.holds(two, string(want))
				got, err := streams.LookupStream(s.t.Context(), n, "AFP_Resource")
				if err != nil || got.EndOfFile != uint64(size) || got.AllocationSize < uint64(size) && size < 3<<20 {
					s.t.Errorf("%s: with %d bytes LookupStream = %+v, %v", what, size, got, err)
				}
			}
			s.write(two, 10, "behind a gap")
			s.holds(one, "\x0c\x00\x00\x00\x00\x00\x00\x00\x00\x00behind a gap")
			s.ok(one.Sync(s.t.Context()), "Sync")
			s.ok(one.Truncate(s.t.Context(), 30), "Truncate")
			s.holds(two, "\x0c\x00\x00\x00\x00\x00\x00\x00\x00\x00behind a gap\x00\x00\x00\x00\x00\x00\x00\x00")
			s.write(one, 1<<33, "far behind")
			p := make([]byte, 20)
			if k, err := two.ReadAt(s.t.Context(), p, 1<<33-4); string(p[:k]) != "\x00\x00\x00\x00far behind" || err != nil {
				s.t.Errorf("%s: ReadAt = %q, %v", what, p[:k], err)
			}
			if k, err := two.ReadAt(s.t.Context(), p, 1<<34); k != 0 || err != io.EOF {
				s.t.Errorf("%s: ReadAt behind the end = %d, %v, want 0, EOF", what, k, err)
			}
		})
	},

	"named streams are renamed while they are open": func(s *suite) {
		s.eachWithStreams(func(what string, n vfs.Node, streams vfs.Streams) {
			ctx := s.t.Context()
			for _, size := range []int{10, 3000, 100_000} {
				content := strings.Repeat("x", size)
				s.putStream(n, "old", content)
				s.putStream(n, "there", strings.Repeat("y", 110_000-size))
				opened := s.openStream(n, "old")
				s.fails(streams.RenameStream(ctx, nil, n, "old", "there", false), fs.ErrExist, "RenameStream onto another")
				s.fails(streams.RenameStream(ctx, nil, n, "none", "new", false), fs.ErrNotExist, "RenameStream of none")
				s.ok(streams.RenameStream(ctx, nil, n, "old", "new", false), "RenameStream")
				s.ok(streams.RenameStream(ctx, nil, n, "new", "NEW", false), "RenameStream to another case")
				s.streamHolds(n, "NEW", content)
				s.ok(streams.RenameStream(ctx, nil, n, "NEW", "there", true), "RenameStream in the place of another")
				s.write(opened, 1, "changed")
				content = content[:1] + "changed" + content[8:]
				s.holds(opened, content)
				s.streamHolds(n, "there", content)
				s.hasStreams(n, what, fmt.Sprintf("there %d", size))
				s.ok(opened.Truncate(ctx, 2), "Truncate")
				s.hasStreams(n, what, "there 2")
				s.ok(streams.RemoveStream(ctx, nil, n, "there"), "RemoveStream")
			}
		})
	},

	"named streams go with the file, under all its names": func(s *suite) {
		s.eachWithStreams(func(what string, n vfs.Node, _ vfs.Streams) {
			ctx := s.t.Context()
			large := strings.Repeat("large", 20_000)
			s.putStream(n, "small", "small")
			s.putStream(n, "large", large)
			s.rename(s.root, what, s.root, what+"2", false)
			names := []string{what + "2"}
			if linker, ok := s.fs.(vfs.Linker); ok && !s.attrIsDir(n) {
				s.ok(linker.Link(ctx, nil, n, s.root, what+"3", false), "Link")
				names = append(names, what+"3")
			}
			for _, name := range names {
				again, _ := s.lookup(s.root, name)
				s.hasStreams(again, name, "large 100000", "small 5")
				s.streamHolds(again, "large", large)
				listed, err := s.opendir(s.root).Attr(ctx, name)
				s.ok(err, "Dir.Attr")
				if !listed.HasStreams {
					s.t.Errorf("%s is listed with HasStreams = false", name)
				}
				opened := s.openStream(again, "large")
				s.remove(s.root, name, again)
				s.holds(opened, large)
			}
			s.hasStreams(n, "removed, but open: "+what, "large 100000", "small 5")
			s.hasStreams(s.put(s.root, what+"2", ""), "a new file")
		})
	},

	"named streams and extended attributes do not see each other": func(s *suite) {
		s.eachWithStreams(func(what string, n vfs.Node, _ vfs.Streams) {
			if _, ok := s.fs.(vfs.ExtendedAttributes); !ok {
				s.t.Skip("this file system has no extended attributes")
			}
			s.putStream(n, "name", "stream")
			s.putStream(n, "large", strings.Repeat("large", 20_000))
			s.hasEAs(n, what)
			s.setEAs(n, fscc.EA{Name: "NAME", Value: []byte("attribute")})
			s.hasStreams(n, what, "large 100000", "name 6")
			s.streamHolds(n, "name", "stream")
			if what == "file" {
				s.contains(n, "x")
			}
		})
	},

	"writing to a named stream is writing to the file": func(s *suite) {
		s.eachWithStreams(func(what string, n vfs.Node, _ vfs.Streams) {
			s.putStream(n, "name", "")
			opened := s.openStream(n, "name")
			before := s.attr(n)
			old := time.Now().Add(-time.Hour)
			s.ok(s.fs.SetAttr(s.t.Context(), nil, n, vfs.SetAttr{LastWriteTime: &old}), "SetAttr")
			s.write(opened, 0, "x")
			after := s.attr(n)
			if !after.LastWriteTime.After(old) {
				s.t.Errorf("%s: LastWriteTime stayed at %v", what, old)
			}
			if after.EndOfFile != before.EndOfFile {
				s.t.Errorf("%s: EndOfFile = %d, was %d", what, after.EndOfFile, before.EndOfFile)
			}
		})
	},

	"a named stream is used only for what it was opened for": func(s *suite) {
		s.eachWithStreams(func(_ string, n vfs.Node, streams vfs.Streams) {
			ctx := s.t.Context()
			s.putStream(n, "name", "content")
			opened, err := streams.OpenStream(ctx, nil, n, "name", vfs.ModeRead)
			s.ok(err, "OpenStream")
			if _, err := opened.WriteAt(ctx, []byte("x"), 0); err == nil {
				s.t.Error("WriteAt on what was opened for reading succeeded")
			}
			s.close(opened)
			if _, err := opened.ReadAt(ctx, make([]byte, 1), 0); !errors.Is(err, fs.ErrClosed) {
				s.t.Errorf("ReadAt after Close: %v", err)
			}
			s.fails(opened.Close(), fs.ErrClosed, "Close again")
		})
	},
}

// eachWithStreams runs check for a file and for a directory, each called by
// what it is, or skips the case.
func (s *suite) eachWithStreams(check func(what string, n vfs.Node, streams vfs.Streams)) {
	s.t.Helper()
	info, err := s.fs.Info(s.t.Context())
	s.ok(err, "Info")
	streams, ok := s.fs.(vfs.Streams)
	if !ok || !info.StoresStreams {
		s.t.Skip("this file system has no named streams")
	}
	check("file", s.put(s.root, "file", "x"), streams)
	check("directory", s.mkdir(s.root, "directory"), streams)
}

func (s *suite) attrIsDir(n vfs.Node) bool {
	a := s.attr(n)
	return a.IsDir()
}

// putStream makes a stream that holds content.
func (s *suite) putStream(n vfs.Node, name, content string) {
	s.t.Helper()
	s.ok(s.fs.(vfs.Streams).CreateStream(s.t.Context(), nil, n, name), "CreateStream "+name)
	if content == "" {
		return
	}
	opened, err := s.fs.(vfs.Streams).OpenStream(s.t.Context(), nil, n, name, vfs.ModeWrite)
	s.ok(err, "OpenStream "+name)
	p := []byte(content)
	if k, err := opened.WriteAt(s.t.Context(), p, 0); k != len(p) || err != nil {
		s.t.Fatalf("WriteAt of %d bytes to %s = %d, %v", len(p), name, k, err)
	}
	clear(p) // the back end keeps none of it
	s.close(opened)
}

// openStream opens a stream for reading and writing.
func (s *suite) openStream(n vfs.Node, name string) vfs.File {
	s.t.Helper()
	opened, err := s.fs.(vfs.Streams).OpenStream(s.t.Context(), nil, n, name, vfs.ModeRead|vfs.ModeWrite)
	s.ok(err, "OpenStream "+name)
	s.closeLater(opened)
	return opened
}

// streamHolds checks the content of a stream.
func (s *suite) streamHolds(n vfs.Node, name, want string) {
	s.t.Helper()
	opened, err := s.fs.(vfs.Streams).OpenStream(s.t.Context(), nil, n, name, vfs.ModeRead)
	s.ok(err, "OpenStream "+name)
	defer opened.Close()
	s.holds(opened, want)
}

// hasStreams checks which streams n has, each "NAME SIZE", and that Attr knows
// that there are any.
func (s *suite) hasStreams(n vfs.Node, what string, want ...string) {
	s.t.Helper()
	list, err := s.fs.(vfs.Streams).Streams(s.t.Context(), n)
	s.ok(err, "Streams")
	var got []string
	for _, e := range list {
		got = append(got, fmt.Sprintf("%s %d", e.Name, e.EndOfFile))
	}
	if !slices.Equal(got, want) {
		s.t.Errorf("%s: streams %q, want %q", what, got, want)
	}
	if a := s.attr(n); a.HasStreams != (len(want) > 0) {
		s.t.Errorf("%s: HasStreams = %v with streams %q", what, a.HasStreams, want)
	}
}
