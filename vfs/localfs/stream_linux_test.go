package localfs

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/vfs"
)

// putStream makes a stream that holds content.
func putStream(t *testing.T, f *FS, n vfs.Node, name, content string) {
	t.Helper()
	if err := f.CreateStream(t.Context(), nil, n, name); err != nil {
		t.Fatal(err)
	}
	opened, err := f.OpenStream(t.Context(), nil, n, name, vfs.ModeWrite)
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Close()
	if _, err := opened.WriteAt(t.Context(), []byte(content), 0); err != nil {
		t.Fatal(err)
	}
}

func readStream(t *testing.T, f *FS, n vfs.Node, name string) string {
	t.Helper()
	opened, err := f.OpenStream(t.Context(), nil, n, name, vfs.ModeRead)
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Close()
	p := make([]byte, 1<<20)
	k, err := opened.ReadAt(t.Context(), p, 0)
	if err != nil && k > 0 {
		t.Fatal(err)
	}
	return string(p[:k])
}

func TestStreamsAreStoredAsSambaDoes(t *testing.T) {
	f, path, root := limited(t, 4<<10)
	n, opened := create(t, f, root, "file")
	opened.Close()
	file := filepath.Join(path, "file")
	putStream(t, f, n, "Zone.Identifier", "[ZoneTransfer]")
	value := make([]byte, 100)
	k, err := unix.Getxattr(file, "user.DosStream.Zone.Identifier:$DATA", value)
	if err != nil || string(value[:k]) != "[ZoneTransfer]\x00" {
		t.Errorf("the attribute holds %q, %v", value[:max(k, 0)], err)
	}
	for name, value := range map[string]string{
		"user.DosStream.theirs:$DATA": "content\x00",
		"user.DosStream.empty:$DATA":  "\x00",
		"user.DosStream.none:$DATA":   "",
		"user.DosStream.a:b:$DATA":    "no name\x00",
		"user.DosStream.a/b:$DATA":    "no name\x00",
		"user.DosStream.\xff:$DATA":   "no name\x00",
		"user.DosStream.:$DATA":       "no name\x00",
		"user.DosStream.typeless":     "no stream\x00",
	} {
		if err := unix.Setxattr(file, name, []byte(value), 0); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	list, err := f.Streams(t.Context(), n)
	want := []vfs.Stream{
		{Name: "Zone.Identifier", EndOfFile: 14, AllocationSize: 16},
		{Name: "empty"},
		{Name: "none"},
		{Name: "theirs", EndOfFile: 7, AllocationSize: 8},
	}
	if err != nil || !slices.Equal(list, want) {
		t.Errorf("Streams = %v, %v, want %v", list, err, want)
	}
	if got := readStream(t, f, n, "theirs"); got != "content" {
		t.Errorf("theirs holds %q", got)
	}
	if got := readStream(t, f, n, "none"); got != "" {
		t.Errorf("none holds %q", got)
	}
	if err := unix.Removexattr(file, "user.DosStream.theirs:$DATA"); err != nil {
		t.Fatal(err)
	}
	if _, err := f.OpenStream(t.Context(), nil, n, "theirs", vfs.ModeRead); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("open of what another program removed: %v", err)
	}
	if got := spilled(t, path); len(got) != 0 {
		t.Errorf("kept aside: %q", got)
	}
	n.Close()
}

func TestStreamsAreNoExtendedAttributes(t *testing.T) {
	for _, limit := range limits {
		t.Run(fmt.Sprint(limit), func(t *testing.T) {
			f, _, root := limited(t, limit)
			n, opened := create(t, f, root, "file")
			opened.Close()
			defer n.Close()
			putStream(t, f, n, "name", "content")
			putStream(t, f, n, "large", strings.Repeat("large", 30_000))
			if eas, err := f.EAs(t.Context(), nil, n); err != nil || len(eas) != 0 {
				t.Errorf("EAs = %v, %v, want none", eas, err)
			}
			for _, name := range []string{"DosStream.name:$DATA", "DOSSTREAM.large:$DATA", "dosstream.new:$data"} {
				for _, value := range []string{"x", ""} {
					err := f.SetEAs(t.Context(), nil, n, []fscc.EA{{Name: name, Value: []byte(value)}})
					if !errors.Is(err, fs.ErrPermission) {
						t.Errorf("SetEAs of %q: %v, want %v", name, err, fs.ErrPermission)
					}
				}
			}
			if got := readStream(t, f, n, "name"); got != "content" {
				t.Errorf("the stream holds %q", got)
			}
		})
	}
}

func TestFilesOfStreamsGoWithTheirFileOrStream(t *testing.T) {
	ctx := t.Context()
	f, path, root := limited(t, 0)
	make := func(name string) vfs.Node {
		t.Helper()
		n, opened := create(t, f, root, name)
		opened.Close()
		putStream(t, f, n, "one", "1")
		putStream(t, f, n, "two", strings.Repeat("2", 100_000))
		return n
	}
	kept := func(what string, want int) {
		t.Helper()
		if got := spilled(t, path); len(got) != want {
			t.Errorf("%s: %q is kept, want %d", what, got, want)
		}
	}
	a := make("a")
	kept("a record and two streams", 3)
	if err := f.RenameStream(ctx, nil, a, "one", "two", true); err != nil {
		t.Fatal(err)
	}
	kept("one replaced", 2)
	if err := f.RemoveStream(ctx, nil, a, "two"); err != nil {
		t.Fatal(err)
	}
	kept("the last stream removed", 0)
	putStream(t, f, a, "one", "1")
	if err := f.Link(ctx, nil, a, root, "a2", false); err != nil {
		t.Fatal(err)
	}
	if err := f.Remove(ctx, nil, root, "a", a); err != nil {
		t.Fatal(err)
	}
	a.Close()
	kept("one of two names removed", 2)
	a, _, err := f.Lookup(ctx, nil, root, "a2")
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Remove(ctx, nil, root, "a2", a); err != nil {
		t.Fatal(err)
	}
	if got := readStream(t, f, a, "one"); got != "1" {
		t.Errorf("the stream of a removed file holds %q", got)
	}
	a.Close()
	kept("the last name removed", 0)

	make("b").Close()
	make("c").Close()
	kept("two files", 6)
	if err := f.Rename(ctx, nil, root, "b", root, "c", true); err != nil {
		t.Fatal(err)
	}
	kept("one replaced by the other", 3)
}

func TestSweepRemovesTheFilesOfStreamsThatNobodyHas(t *testing.T) {
	f, path, root := limited(t, 0)
	kept, opened := create(t, f, root, "kept")
	opened.Close()
	defer kept.Close()
	putStream(t, f, kept, "name", "content")
	n, opened := create(t, f, root, "gone")
	opened.Close()
	putStream(t, f, n, "name", "content")
	n.Close()
	before := spilled(t, path)
	if err := os.Remove(filepath.Join(path, "gone")); err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(path, spillName)
	old := time.Now().Add(-2 * abandoned)
	id := recordName(kept.ID())
	write := func(name string, age time.Time) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(folder, name), []byte("left over"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(filepath.Join(folder, name), age, age); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range before { // age does not matter to what a record mentions
		if err := os.Chtimes(filepath.Join(folder, name), old, old); err != nil {
			t.Fatal(err)
		}
	}
	write(streamFileName(id, strings.Repeat("A", tokenLength)), old)
	write(streamFileName("1-2", strings.Repeat("B", tokenLength)), old)
	young := streamFileName(id, strings.Repeat("C", tokenLength))
	write(young, time.Now())
	if _, err := f.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if os.Geteuid() != 0 {
		t.Skip("only root can tell which files are gone")
	}
	var want []string
	for _, name := range before {
		if strings.Contains(name, id) {
			want = append(want, name)
		}
	}
	want = append(want, young)
	slices.Sort(want)
	if got := spilled(t, path); !slices.Equal(got, want) {
		t.Errorf("after Sweep there is\n%q\nwant\n%q", got, want)
	}
	if got := readStream(t, f, kept, "name"); got != "content" {
		t.Errorf("the stream holds %q", got)
	}
}

func TestStreamsOfAFileAreLimitedInNumber(t *testing.T) {
	f, _, root := limited(t, 0)
	n, opened := create(t, f, root, "file")
	opened.Close()
	defer n.Close()
	putStream(t, f, n, "0", "")
	at := n.(*node).place()
	record, err := f.side.far.read(at)
	if err != nil {
		t.Fatal(err)
	}
	for i := range maxSpillStreams - 1 {
		record.blobs = append(record.blobs, blob{sideOfStream(fmt.Sprint(i + 1)), []byte(strings.Repeat("A", tokenLength))})
	}
	if err := f.side.far.write(f.side.far.open(false), at, &record, false); err != nil {
		t.Fatal(err)
	}
	if err := f.CreateStream(t.Context(), nil, n, "one more"); !errors.Is(err, ntstatus.DiskFull) {
		t.Errorf("one more: %v, want %v", err, ntstatus.DiskFull)
	}
}

func TestNameOfAStreamIsChecked(t *testing.T) {
	f, _, root := limited(t, 4<<10)
	for _, name := range []string{"", "a/b", `a\b`, "a:b", "a\x00", "\xff", strings.Repeat("a", 256)} {
		_, lookup := f.LookupStream(t.Context(), root, name)
		_, open := f.OpenStream(t.Context(), nil, root, name, vfs.ModeRead)
		for what, err := range map[string]error{
			"LookupStream": lookup,
			"OpenStream":   open,
			"CreateStream": f.CreateStream(t.Context(), nil, root, name),
			"RemoveStream": f.RemoveStream(t.Context(), nil, root, name),
			"RenameStream": f.RenameStream(t.Context(), nil, root, "x", name, true),
		} {
			if !errors.Is(err, ntstatus.ObjectNameInvalid) {
				t.Errorf("%s(%q): %v, want %v", what, name, err, ntstatus.ObjectNameInvalid)
			}
		}
	}
}

func TestStreamsNeedTheRightsOfTheKernel(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root, to act as two users")
	}
	for _, limit := range limits {
		t.Run(fmt.Sprint(limit), func(t *testing.T) {
			ctx := t.Context()
			f, path, root := limited(t, limit)
			n, opened := create(t, f, root, "file")
			opened.Close()
			defer n.Close()
			putStream(t, f, n, "name", "content")
			if err := os.Chmod(filepath.Join(path, "file"), 0o640); err != nil {
				t.Fatal(err)
			}
			other := &vfs.Cred{UID: 4711, GID: 4711}
			_, reading := f.OpenStream(ctx, other, n, "name", vfs.ModeRead)
			_, writing := f.OpenStream(ctx, other, n, "name", vfs.ModeWrite)
			for what, err := range map[string]error{
				"reading": reading, "writing": writing,
				"CreateStream": f.CreateStream(ctx, other, n, "new"),
				"RenameStream": f.RenameStream(ctx, other, n, "name", "new", false),
				"RemoveStream": f.RemoveStream(ctx, other, n, "name"),
			} {
				if !errors.Is(err, fs.ErrPermission) {
					t.Errorf("%s as another user: %v, want %v", what, err, fs.ErrPermission)
				}
			}
			if got := readStream(t, f, n, "name"); got != "content" {
				t.Errorf("the stream holds %q", got)
			}
		})
	}
}

func FuzzStreamOfSide(f *testing.F) {
	for _, side := range []string{sideOfStream("name"), "user.DosStream.:$DATA", "user.DosStream.a", "user.other", sideOfStream("a:b")} {
		f.Add(side)
	}
	f.Fuzz(func(t *testing.T, side string) {
		name, ok := streamOfSide(side)
		if !ok {
			return
		}
		if sideOfStream(name) != side || !validStreamName(name) || bytes.ContainsAny([]byte(name), "/\\:\x00") {
			t.Errorf("streamOfSide(%q) = %q", side, name)
		}
	})
}
