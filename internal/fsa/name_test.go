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
		`\`, `\a`, `a\\b`, `a\\`, ".", "..", `a\..`, `.\a`, "a/b", "a:b", "a:", ":a:$DATA", `a::$DATA\b`,
		`a"`, "a*", "a<", "a>", "a?", "a|", "a\x00", "a\x1f", "\na",
		strings.Repeat("a", 256), strings.Repeat("😀", 128), strings.Repeat(`a\`, 16381) + "b",
	} {
		if got, err := parseName(name); err != ntstatus.ObjectNameInvalid {
			t.Errorf("parseName(%.40q) = %+v, %v, want %v", name, got, err, ntstatus.ObjectNameInvalid)
		}
	}
}

func FuzzParseName(f *testing.F) {
	for _, name := range []string{"", "a", `a\b::$DATA`, `\a`, `a\\b`, `..\a`, "a\xffb", "😀", `a\`} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		p, err := parseName(name)
		if err != nil {
			return
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
