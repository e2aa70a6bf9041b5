package fsa

import (
	"strings"
	"testing"

	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/vfs"
)

func TestNamesAreParsed(t *testing.T) {
	long := strings.Repeat("ä", 255)
	for _, c := range []struct {
		name string
		want pathName
	}{
		{"", pathName{}},
		{"a", pathName{last: "a"}},
		{`a\b\c`, pathName{dirs: `a\b`, last: "c"}},
		{`a\b\`, pathName{dirs: "a", last: "b", trailing: true}},
		{"a::$Data", pathName{last: "a", data: true}},
		{"::$DATA", pathName{data: true}},
		{":a:$DATA", pathName{stream: "a", data: true}},
		{`a\b:c`, pathName{dirs: "a", last: "b", stream: "c", data: true}},
		{"a:\x05\n*?:$data", pathName{last: "a", stream: "\x05\n*?", data: true}},
		{"a:" + long, pathName{last: "a", stream: long, data: true}},
		{`a:c\`, pathName{last: "a", stream: "c", data: true, trailing: true}},
		{"a:$I30", pathName{last: "a", stream: "$I30", data: true}},
		{"a:$i30:$Index_Allocation", pathName{last: "a", index: true}},
		{"::$INDEX_ALLOCATION", pathName{index: true}},
		{`a::$INDEX_ALLOCATION\b:$I30\c`, pathName{dirs: `a\b`, last: "c"}},
		{long, pathName{last: long}},
		{"...", pathName{last: "..."}},
		{" a ", pathName{last: " a "}},
	} {
		got, err := parseName(c.name)
		if got != c.want || err != nil {
			t.Errorf("parseName(%q) = %+v, %v, want %+v", c.name, got, err, c.want)
		}
	}
}

func TestWhatIsNoNameIsRefused(t *testing.T) {
	for _, name := range []string{
		`\`, `\a`, `a\\b`, `a\\`, ".", "..", `a\..`, `.\a`, "a/b", "a:", "a::", "a:b:", "a:b:$FOO", "a:b:$DATA:", "a:b:c:$DATA",
		`a::$DATA\b`, `a:b\c`, `a\:b`, "a:b/", "a:b\x00", "a*:b", "a:" + strings.Repeat("😀", 128), "::", ":", "a::$BITMAP",
		`a"`, "a*", "a<", "a>", "a?", "a|", "a\x00", "a\x1f", "\na",
		strings.Repeat("a", 256), strings.Repeat("😀", 128), strings.Repeat(`a\`, 16381) + "b",
	} {
		if got, err := parseName(name); err != ntstatus.ObjectNameInvalid {
			t.Errorf("parseName(%.40q) = %+v, %v, want %v", name, got, err, ntstatus.ObjectNameInvalid)
		}
	}
}

func TestIndexUnderAnotherNameIsRefused(t *testing.T) {
	if got, err := parseName("a:b:$INDEX_ALLOCATION"); err != ntstatus.InvalidParameter {
		t.Errorf("parseName = %+v, %v, want %v", got, err, ntstatus.InvalidParameter)
	}
}

func FuzzParseName(f *testing.F) {
	for _, name := range []string{
		"a:b", "a:b:$DATA", ":b", `a:$I30\b::$INDEX_ALLOCATION`, "a:b:c:d", "a:\x01",
		"", "a", `a\b::$DATA`, `\a`, `a\\b`, `..\a`, "a\xffb", "😀", `a\`,
	} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		p, err := parseName(name)
		if err != nil {
			return
		}
		if p.stream != "" && (strings.ContainsAny(p.stream, "/\\:\x00") || units(p.stream) > maxComponent) {
			t.Errorf("parseName(%q) has the stream %q", name, p.stream)
		}
		if p.stream != "" && !p.data || p.data && p.index {
			t.Errorf("parseName(%q) = %+v", name, p)
		}
		// Whatever is accepted is made of names as package vfs promises them.
		components := append(strings.Split(p.dirs, `\`), p.last)
		for i, c := range components {
			if c == "" && (i == 0 || p.last == "") {
				continue
			}
			if c == "" || c == "." || c == ".." || strings.ContainsAny(c, "/\\:\x00") || units(c) > maxComponent {
				t.Errorf("parseName(%q) has the component %q", name, c)
			}
		}
	})
}

func TestFilesOfOtherFileSystemsDoNotShareIDsWithThoseOfTheRoot(t *testing.T) {
	v := &Volume{root: &File{id: vfs.FileID{Volume: 1, File: 2}}}
	for _, c := range []struct {
		id   vfs.FileID
		same bool
	}{
		{vfs.FileID{Volume: 1, File: 7}, true},
		{vfs.FileID{Volume: 1, File: 7, Generation: 3}, true},
		{vfs.FileID{Volume: 2, File: 7}, false},
		{vfs.FileID{Volume: 0, File: 7}, false},
	} {
		if got := v.fileID(c.id); got == c.id.File != c.same {
			t.Errorf("fileID(%+v) = %#x", c.id, got)
		}
	}
}
