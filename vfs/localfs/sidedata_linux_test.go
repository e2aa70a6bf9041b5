package localfs

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
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
	"github.com/signet-smb/signet/vfs/vfstest"
)

// narrow is extended attributes of which a file has room for limit bytes of
// names and values; with 0 there are none at all.
type narrow struct {
	xattrs
	limit int
}

func (n *narrow) get(at place, name string, buf []byte) (int, error) {
	if n.limit == 0 {
		return 0, errNoSideData
	}
	return n.xattrs.get(at, name, buf)
}

func (n *narrow) set(at place, name string, data []byte) error {
	if n.limit == 0 {
		return errCannotStore
	}
	names, err := n.xattrs.list(at)
	if err != nil {
		return err
	}
	size := len(name) + len(data)
	for _, other := range names {
		if other == name || !strings.HasPrefix(other, "user.") && other != securityNTACL {
			continue
		}
		value, err := n.xattrs.get(at, other, nil)
		if err != nil {
			return err
		}
		size += len(other) + value
	}
	if size > n.limit {
		return errCannotStore
	}
	return n.xattrs.set(at, name, data)
}

func (n *narrow) list(at place) ([]string, error) {
	if n.limit == 0 {
		return nil, nil
	}
	return n.xattrs.list(at)
}

func (n *narrow) remove(at place, name string) error {
	if n.limit == 0 {
		return errNoSideData
	}
	return n.xattrs.remove(at, name)
}

func (n *narrow) stores(volume uint64) bool { return n.limit > 0 && n.xattrs.stores(volume) }

// limits are those that file systems have: none at all, ext4, and the most that
// Linux allows one attribute.
var limits = []int{0, 4 << 10, 64 << 10}

// roomyDir returns a new folder in memory where files may have many large
// attributes. If there is no such, one that needs large ones is skipped.
func roomyDir(t *testing.T, limit int) string {
	t.Helper()
	path, err := os.MkdirTemp("/dev/shm", "signet")
	if err == nil {
		t.Cleanup(func() { os.RemoveAll(path) })
		if err = unix.Setxattr(path, "user.test", make([]byte, 60<<10), 0); err == nil {
			err = unix.Removexattr(path, "user.test")
		}
	}
	switch {
	case err == nil:
		return path
	case limit > 4<<10:
		t.Skipf("no tmpfs with attributes for users, which Linux 6.6 has: %v", err)
	}
	return t.TempDir()
}

// limited serves a new folder whose files have room for limit bytes.
func limited(t *testing.T, limit int) (*FS, string, *node) {
	t.Helper()
	path := roomyDir(t, limit)
	f, root := serveFolder(t, path)
	f.side.near = &narrow{limit: limit}
	if limit > 0 && !f.side.near.stores(root.id.Volume) {
		t.Skip("the file system of temporary files has no extended attributes for users: set TMPDIR")
	}
	return f, path, root
}

// spilled returns the names of the records kept aside below path.
func spilled(t *testing.T, path string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(path, spillName))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func TestLocalfsKeepsTheContractWhateverRoomThereIs(t *testing.T) {
	for _, limit := range limits {
		t.Run(fmt.Sprint(limit), func(t *testing.T) {
			vfstest.Run(t, func(t *testing.T) vfs.FS {
				f, _, root := limited(t, limit)
				root.Close()
				return f
			})
		})
	}
}

func TestSideDataAreSetReplacedAndRemoved(t *testing.T) {
	for _, limit := range limits {
		t.Run(fmt.Sprint(limit), func(t *testing.T) {
			f, path, root := limited(t, limit)
			file, opened := create(t, f, root, "file")
			opened.Close()
			const name = "user.Signet test"
			for what, n := range map[string]*node{"directory": root, "file": file.(*node)} {
				at := n.place()
				if err := f.removeSide(nil, at, name); err != nil {
					t.Errorf("%s: remove of nothing: %v", what, err)
				}
				for _, size := range []int{3, 0, 1, 5000, 10, 30_000, 60_000, 4000} {
					blob := bytes.Repeat([]byte{byte(size)}, size)
					if err := f.setSide(nil, at, name, blob); err != nil {
						t.Fatalf("%s: set of %d bytes: %v", what, size, err)
					}
					if err := f.setSide(nil, at, "user.other", []byte("other")); err != nil {
						t.Fatal(err)
					}
					buf := make([]byte, 65536)
					if k, err := f.side.get(at, name, buf); err != nil || !bytes.Equal(buf[:k], blob) {
						t.Errorf("%s: get = %d bytes, %v, want %d", what, k, err, size)
					}
					if k, err := f.side.get(at, name, nil); err != nil || k != size {
						t.Errorf("%s: length = %d, %v, want %d", what, k, err, size)
					}
					if size > 1 {
						if k, err := f.side.get(at, name, buf[:size-1]); err != unix.ERANGE {
							t.Errorf("%s: get into too little = %d, %v, want %v", what, k, err, unix.ERANGE)
						}
					}
					names, err := f.side.list(at)
					names = slices.DeleteFunc(names, func(s string) bool { return !strings.HasPrefix(s, "user.") })
					if err != nil || !slices.Equal(names, []string{name, "user.other"}) {
						t.Errorf("%s: list = %q, %v", what, names, err)
					}
					fits := size+40 < limit
					if aside := len(spilled(t, path)) > 0; aside == fits {
						t.Errorf("%s: %d bytes kept aside: %v, want %v", what, size, aside, !fits)
					}
				}
				for range 2 {
					if err := f.removeSide(nil, at, name); err != nil {
						t.Errorf("%s: remove: %v", what, err)
					}
				}
				if k, err := f.side.get(at, name, nil); err != errNoSideData {
					t.Errorf("%s: get of what was removed = %d, %v, want %v", what, k, err, errNoSideData)
				}
				if err := f.removeSide(nil, at, "user.other"); err != nil {
					t.Error(err)
				}
				if got := spilled(t, path); len(got) != 0 {
					t.Errorf("%s: %q is left", what, got)
				}
			}
		})
	}
}

func TestMoreThanARecordHoldsIsRefused(t *testing.T) {
	f, path, root := limited(t, 0)
	if err := f.setSide(nil, root.place(), "user.x", make([]byte, maxSpillRecord)); err != errCannotStore {
		t.Errorf("set of %d bytes: %v, want %v", maxSpillRecord, err, errCannotStore)
	}
	if got := spilled(t, path); len(got) != 0 {
		t.Errorf("%q is left", got)
	}
}

func TestRecordsGoWithTheLastNameOfTheirFile(t *testing.T) {
	ctx := t.Context()
	f, path, root := limited(t, 0)
	system := fscc.FileAttributeSystem
	make := func(name string) vfs.Node {
		t.Helper()
		n, opened := create(t, f, root, name)
		opened.Close()
		if err := f.SetAttr(ctx, nil, n, vfs.SetAttr{Attributes: &system}); err != nil {
			t.Fatal(err)
		}
		return n
	}
	kept := func(what string, want int) {
		t.Helper()
		if got := spilled(t, path); len(got) != want {
			t.Errorf("%s: records %q, want %d", what, got, want)
		}
	}
	a := make("a")
	kept("made", 1)
	if err := f.Link(ctx, nil, a, root, "b", false); err != nil {
		t.Fatal(err)
	}
	if err := f.Remove(ctx, nil, root, "a", a); err != nil {
		t.Fatal(err)
	}
	again, _, err := f.Lookup(ctx, nil, root, "b")
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if attr, err := again.Attr(ctx); err != nil || attr.Attributes != system {
		t.Errorf("the other name has %#x, %v, want %#x", attr.Attributes, err, system)
	}
	if err := f.Remove(ctx, nil, root, "b", a); err != nil {
		t.Fatal(err)
	}
	if attr, err := a.Attr(ctx); err != nil || attr.Attributes != system {
		t.Errorf("the removed file has %#x, %v, want %#x", attr.Attributes, err, system)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	kept("removed", 0)

	make("c")
	d := make("d")
	if err := f.Rename(ctx, nil, root, "c", root, "d", true); err != nil {
		t.Fatal(err)
	}
	kept("replaced by a rename", 1)
	make("e")
	n, _, err := f.Lookup(ctx, nil, root, "d")
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	if err := f.Link(ctx, nil, n, root, "e", true); err != nil {
		t.Fatal(err)
	}
	kept("replaced by a link", 1)
	if n.ID() == d.ID() {
		t.Error("nothing was replaced")
	}

	sub, _, err := f.Create(ctx, nil, root, "sub", true)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.SetAttr(ctx, nil, sub, vfs.SetAttr{Attributes: &system}); err != nil {
		t.Fatal(err)
	}
	kept("with a directory", 2)
	if err := f.Remove(ctx, nil, root, "sub", sub); err != nil {
		t.Fatal(err)
	}
	sub.Close()
	kept("the directory removed", 1)
}

func TestNoClientReachesTheFolderOfSideData(t *testing.T) {
	ctx := t.Context()
	f, path, root := limited(t, 0)
	sub, _, err := f.Create(ctx, nil, root, "sub", true)
	if err != nil {
		t.Fatal(err)
	}
	defer sub.Close()
	file, opened := create(t, f, root, "file")
	opened.Close()
	for _, when := range []string{"before there is one", "with one"} {
		for _, dir := range []vfs.Node{root, sub} {
			for _, name := range []string{spillName, ".SIGNET-SideData", ".\u017fignet-sidedata"} {
				for what, err := range map[string]error{
					"Lookup":      third(f.Lookup(ctx, nil, dir, name)),
					"Create":      third(f.Create(ctx, nil, dir, name, true)),
					"Rename to":   f.Rename(ctx, nil, root, "sub", dir, name, true),
					"Rename from": f.Rename(ctx, nil, dir, name, root, "mine", true),
					"Link":        f.Link(ctx, nil, file, dir, name, true),
					"Remove":      f.Remove(ctx, nil, dir, name, sub),
				} {
					if !errors.Is(err, ntstatus.ObjectNameInvalid) {
						t.Errorf("%s: %s %q: %v, want %v", when, what, name, err, ntstatus.ObjectNameInvalid)
					}
				}
			}
		}
		if err := f.setSide(nil, root.place(), "user.x", []byte("x")); err != nil {
			t.Fatal(err)
		}
	}
	if len(spilled(t, path)) != 1 {
		t.Error("there is no folder of side data: the test saw nothing")
	}
	d, err := f.OpenDir(ctx, nil, root)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	for {
		name, err := d.Next(ctx)
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if isSpillName(name) {
			t.Errorf("%q is listed", name)
		}
	}
	// Under another name, which only the host could give it.
	id := *f.protected.spill.Load()
	if !f.protected.hides(vfs.FileID{Volume: id.volume, File: id.number}) {
		t.Error("the folder is not hidden under other names")
	}
}

func third[A, B any](_ A, _ B, err error) error { return err }

func TestAFolderThatOthersMadeIsNotUsed(t *testing.T) {
	for _, row := range []struct {
		what string
		make func(path string) error
	}{
		{"a file", func(path string) error { return os.WriteFile(path, nil, 0o600) }},
		{"a symbolic link", func(path string) error { return os.Symlink(filepath.Dir(path), path) }},
		{"a folder others may enter", func(path string) error {
			return errors.Join(os.Mkdir(path, 0o700), os.Chmod(path, 0o711))
		}},
		{"a folder of another owner", func(path string) error {
			if os.Geteuid() != 0 {
				return os.Symlink("nowhere", path) // nobody but root could make one
			}
			return errors.Join(os.Mkdir(path, 0o700), os.Chown(path, 65534, 65534))
		}},
	} {
		f, path, root := limited(t, 0)
		if err := row.make(filepath.Join(path, spillName)); err != nil {
			t.Fatal(err)
		}
		info, err := f.Info(t.Context())
		if err != nil || info.StoresAttributes || info.StoresCreationTime {
			t.Errorf("%s: Info = %+v, %v, want that nothing is stored", row.what, info, err)
		}
		if err := f.setSide(nil, root.place(), "user.x", nil); err != errCannotStore {
			t.Errorf("%s: set: %v, want %v", row.what, err, errCannotStore)
		}
		n, opened := create(t, f, root, "file")
		opened.Close()
		created := time.Unix(1e9, 0)
		for attributes, want := range map[fscc.FileAttributes]error{
			0: nil, fscc.FileAttributeNormal: nil, fscc.FileAttributeArchive: nil,
			fscc.FileAttributeHidden: ntstatus.NotSupported, fscc.FileAttributeReadonly: ntstatus.NotSupported,
		} {
			err := f.SetAttr(t.Context(), nil, n, vfs.SetAttr{Attributes: &attributes, CreationTime: &created})
			if !errors.Is(err, want) {
				t.Errorf("%s: SetAttr(%#x): %v, want %v", row.what, attributes, err, want)
			}
		}
		if a, err := n.Attr(t.Context()); err != nil || a.Attributes != 0 || a.CreationTime.Equal(created) {
			t.Errorf("%s: Attr = %+v, %v, want what it was", row.what, a, err)
		}
	}
}

func TestARecordOfAnotherFileIsNotBelieved(t *testing.T) {
	f, path, root := limited(t, 0)
	n, opened := create(t, f, root, "file")
	opened.Close()
	at := n.(*node).place()
	if handleOf(at) == (fileHandle{}) {
		t.Skip("the file system of temporary files has no file handles")
	}
	stranger := spillRecord{handle: fileHandle{1, "12345678"}, blobs: []blob{{"user.x", []byte("forged")}}}
	if f.side.far.open(true) < 0 {
		t.Fatal("no folder of side data")
	}
	b, err := stranger.encode()
	if err != nil {
		t.Fatal(err)
	}
	for what, content := range map[string][]byte{"another's": b, "a broken one": b[:20], "none": nil} {
		record := filepath.Join(path, spillName, recordName(n.ID()))
		if err := os.WriteFile(record, content, 0o600); err != nil {
			t.Fatal(err)
		}
		if k, err := f.side.get(at, "user.x", nil); err != errNoSideData {
			t.Errorf("%s: get = %d, %v, want %v", what, k, err, errNoSideData)
		}
		if err := f.setSide(nil, at, "user.y", []byte("own")); err != nil {
			t.Errorf("%s: set over it: %v", what, err)
		}
		if names, err := f.side.list(at); err != nil || !slices.Equal(names, []string{"user.y"}) {
			t.Errorf("%s: list = %q, %v, want what was set", what, names, err)
		}
	}
}

func TestUsersChangeSideDataOfFilesTheyMayWriteOnly(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root takes on other identities: run it as root too")
	}
	for _, limit := range limits[:2] {
		f, path, root := limited(t, limit)
		for name, mode := range map[string]os.FileMode{"readable": 0o644, "writable": 0o666} {
			p := filepath.Join(path, name)
			if err := errors.Join(os.WriteFile(p, nil, mode), os.Chmod(p, mode)); err != nil {
				t.Fatal(err)
			}
			n, _, err := f.Lookup(t.Context(), nil, root, name)
			if err != nil {
				t.Fatal(err)
			}
			defer n.Close()
			at := n.(*node).place()
			for what, err := range map[string]error{
				"small":  f.setSide(nil, at, "user.x", []byte("x")),
				"large":  f.setSide(nil, at, "user.y", make([]byte, 10_000)),
				"remove": f.removeSide(nil, at, "user.x"),
			} {
				if got, want := errors.Is(err, fs.ErrPermission), name == "readable"; got != want {
					t.Errorf("limit %d: %s of a %s file: %v", limit, what, name, err)
				}
			}
		}
		records := spilled(t, path)
		if len(records) != 1 {
			t.Fatalf("limit %d: records %q, want one", limit, records)
		}
		st, err := statAt(unix.AT_FDCWD, filepath.Join(path, spillName, records[0]))
		if err != nil || st.Uid != 0 {
			t.Errorf("the record belongs to %d, %v, want 0, who owns the file", st.Uid, err)
		}
	}
}

func TestSweepRemovesWhatIsLeftOfFilesThatAreGone(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root may ask whether a file still exists: run it as root too")
	}
	f, path, root := limited(t, 0)
	if n, err := f.Sweep(t.Context()); n != 0 || err != nil {
		t.Errorf("Sweep of nothing = %d, %v", n, err)
	}
	if _, err := os.Stat(filepath.Join(path, spillName)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Sweep made a folder: %v", err)
	}
	var want []string
	for i := range 20 {
		name := fmt.Sprint(i)
		n, opened := create(t, f, root, name)
		opened.Close()
		if err := f.setSide(nil, n.(*node).place(), "user.x", []byte(name)); err != nil {
			t.Fatal(err)
		}
		if i%2 == 0 {
			want = append(want, recordName(n.ID()))
			continue
		}
		n.Close()
		if err := os.Remove(filepath.Join(path, name)); err != nil { // behind our back
			t.Fatal(err)
		}
	}
	// Moved out of the share, still a file.
	if err := os.Rename(filepath.Join(path, "4"), filepath.Join(roomyDir(t, 0), "4")); err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(path, spillName)
	old := time.Now().Add(-2 * abandoned)
	for name, at := range map[string]time.Time{newRecord + "old": old, newRecord + "young": time.Now(), "unknown": old} {
		p := filepath.Join(folder, name)
		if err := errors.Join(os.WriteFile(p, []byte("?"), 0o600), os.Chtimes(p, at, at)); err != nil {
			t.Fatal(err)
		}
	}
	want = append(want, newRecord+"young", "unknown")

	stopped, cancel := context.WithCancel(t.Context())
	cancel()
	if n, err := f.Sweep(stopped); n != 0 || !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted Sweep = %d, %v, want %v", n, err, context.Canceled)
	}
	if n, err := f.Sweep(t.Context()); n != 11 || err != nil {
		t.Errorf("Sweep = %d, %v, want 11", n, err)
	}
	slices.Sort(want)
	if got := spilled(t, path); !slices.Equal(got, want) {
		t.Errorf("left\n     %q\nwant %q", got, want)
	}
}

func TestWhatAnotherShareKeptAsideIsSeen(t *testing.T) {
	f, path, root := limited(t, 0)
	n, opened := create(t, f, root, "file")
	opened.Close()
	other, otherRoot := serveFolder(t, path)
	other.side.near = &narrow{}
	m, _, err := other.Lookup(t.Context(), nil, otherRoot, "file")
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	for i, attributes := range []fscc.FileAttributes{fscc.FileAttributeSystem, fscc.FileAttributeHidden} {
		if err := f.SetAttr(t.Context(), nil, n, vfs.SetAttr{Attributes: &attributes}); err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			other.side.far.next = time.Time{} // a second later
		}
		if a, err := m.Attr(t.Context()); err != nil || a.Attributes != attributes {
			t.Errorf("through the other share: %#x, %v, want %#x", a.Attributes, err, attributes)
		}
	}
}

// FuzzSpillRecord holds the decoder to records that are read in one way only.
func FuzzSpillRecord(f *testing.F) {
	for _, s := range []spillRecord{
		{},
		{handle: fileHandle{1, "12345678"}, blobs: []blob{{"user.DOSATTRIB", dosAttrib{attributes: 0x22, hasAttributes: true}.encode()}}},
		{handle: fileHandle{129, strings.Repeat("h", maxFileHandle)}, blobs: []blob{{"", nil}, {"user.A", make([]byte, 300)}}},
	} {
		b, err := s.encode()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b[len(spillMagic)+4:])
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		s, err := decodeSpillRecord(sealRecord(body))
		if err != nil {
			return
		}
		b, err := s.encode()
		if err != nil {
			t.Fatalf("what was decoded cannot be encoded: %v", err)
		}
		if want := sealRecord(body); !bytes.Equal(b, want) {
			t.Errorf("decoded and encoded\n%x\nfrom\n%x", b, want)
		}
	})
}

func TestEveryPrefixOfARecordIsRefused(t *testing.T) {
	s := spillRecord{handle: fileHandle{1, "12345678"}, blobs: []blob{{"user.A", []byte("value")}, {"user.B", nil}}}
	b, err := s.encode()
	if err != nil {
		t.Fatal(err)
	}
	for n := range b {
		if got, err := decodeSpillRecord(b[:n]); err == nil {
			t.Errorf("%d of %d bytes are %+v", n, len(b), got)
		}
	}
	body := b[len(spillMagic)+4:]
	for n := range body {
		if got, err := decodeSpillRecord(sealRecord(body[:n])); err == nil {
			t.Errorf("%d of %d bytes of the body are %+v", n, len(body), got)
		}
	}
}
