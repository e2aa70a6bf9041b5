package localfs_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/vfs"
)

func rootOf(t *testing.T, f *folder) vfs.Node {
	t.Helper()
	root, err := f.Root(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { root.Close() })
	return root
}

func lookup(t *testing.T, f *folder, dir vfs.Node, name string) vfs.Node {
	t.Helper()
	n, _, err := f.Lookup(t.Context(), nil, dir, name)
	if err != nil {
		t.Fatalf("Lookup(%q): %v", name, err)
	}
	t.Cleanup(func() { n.Close() })
	return n
}

func writeFile(t *testing.T, content string, mode os.FileMode, parts ...string) string {
	t.Helper()
	path := filepath.Join(parts...)
	if err := os.WriteFile(path, []byte(content), mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil { // whatever the umask
		t.Fatal(err)
	}
	return path
}

func mkdir(t *testing.T, mode os.FileMode, parts ...string) string {
	t.Helper()
	path := filepath.Join(parts...)
	if err := os.Mkdir(path, mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
	return path
}

func read(ctx context.Context, f *folder, n vfs.Node) (string, error) {
	file, err := f.Open(ctx, nil, n, vfs.ModeRead)
	if err != nil {
		return "", err
	}
	defer file.Close()
	p := make([]byte, 100)
	k, err := file.ReadAt(ctx, p, 0)
	return string(p[:k]), err
}

func TestDirectorySwappedForASymlinkNeverLeadsOutside(t *testing.T) {
	const lookups = 20_000 // and on, until both were met
	f := serve(t)
	root := rootOf(t, f)
	outside := t.TempDir()
	if err := os.Chmod(outside, 0o777); err != nil {
		t.Fatal(err)
	}
	writeFile(t, "outside", 0o666, outside, "secret")
	swap, link := mkdir(t, 0o777, f.path, "Swap"), filepath.Join(f.path, "link")
	writeFile(t, "inside", 0o666, swap, "secret")
	if err := os.Symlink(outside, link); err != nil {
		t.Fatal(err)
	}
	directory := lookup(t, f, root, "Swap").ID()
	inside := lookup(t, f, lookup(t, f, root, "Swap"), "secret").ID()
	symlink := lookup(t, f, root, "link").ID()

	stop := make(chan struct{})
	var swapper sync.WaitGroup
	swapper.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
			}
			if err := unix.Renameat2(unix.AT_FDCWD, swap, unix.AT_FDCWD, link, unix.RENAME_EXCHANGE); err != nil {
				t.Errorf("exchange: %v", err)
				return
			}
		}
	})
	defer swapper.Wait()
	defer close(stop)

	seen := map[vfs.FileID]int{}
	for i := 0; i < lookups || min(seen[directory], seen[symlink]) == 0 && !t.Failed(); i++ {
		name := "Swap"
		if i%16 == 0 {
			name = "SWAP"
		}
		n, _, err := f.Lookup(t.Context(), nil, root, name)
		if err != nil {
			// In another case the name may be read just while it moves.
			if name == "SWAP" && errors.Is(err, fs.ErrNotExist) {
				continue
			}
			t.Fatalf("Lookup(%q): %v", name, err)
		}
		seen[n.ID()]++
		child, _, err := f.Lookup(t.Context(), nil, n, "secret")
		switch n.ID() {
		case directory:
			if err != nil || child.ID() != inside {
				t.Fatalf("Lookup(secret) in the directory = %v, want %+v", err, inside)
			}
			if content, err := read(t.Context(), f, child); content != "inside" {
				t.Fatalf("content = %q, %v, want %q", content, err, "inside")
			}
		case symlink:
			if !errors.Is(err, ntstatus.NotADirectory) {
				t.Fatalf("Lookup through the symbolic link: %v, want %v", err, ntstatus.NotADirectory)
			}
			if _, err := f.OpenDir(t.Context(), nil, n); err == nil {
				t.Fatal("OpenDir of the symbolic link succeeded")
			}
		default:
			t.Fatalf("Lookup(%q) led to %+v, want %+v or %+v", name, n.ID(), directory, symlink)
		}
		if err == nil {
			child.Close()
		}
		n.Close()
	}
	t.Logf("%d times the directory, %d times the symbolic link", seen[directory], seen[symlink])
}

func TestSpecialFilesAreListedAndNeverOpened(t *testing.T) {
	f := serve(t)
	root := rootOf(t, f)
	outside := writeFile(t, "outside", 0o666, t.TempDir(), "secret")
	want := []string{"dangling", "directory link", "fifo", "file link", "loop", "socket"}
	f.MakeSpecial(t, "fifo")
	for name, target := range map[string]string{
		"dangling": "nowhere", "directory link": filepath.Dir(outside), "file link": outside, "loop": "loop",
	} {
		if err := os.Symlink(target, filepath.Join(f.path, name)); err != nil {
			t.Fatal(err)
		}
	}
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: filepath.Join(f.path, "socket"), Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if os.Geteuid() == 0 {
		// /dev/full: an open would succeed, a read would return zeros.
		switch err := unix.Mknod(filepath.Join(f.path, "device"), unix.S_IFCHR|0o666, int(unix.Mkdev(1, 7))); err {
		case nil:
			want = append(want, "device")
		default:
			t.Logf("without a device file: mknod: %v", err)
		}
	}

	for _, name := range want {
		n, stored, err := f.Lookup(t.Context(), nil, root, strings.ToUpper(name))
		if err != nil || stored != name {
			t.Errorf("Lookup(%q) = %q, %v, want %q", strings.ToUpper(name), stored, err, name)
			continue
		}
		attr, err := n.Attr(t.Context())
		if err != nil || !attr.Special || attr.IsDir() || attr.EndOfFile != 0 {
			t.Errorf("%s: Attr = %+v, %v, want Special without size", name, attr, err)
		}
		for _, mode := range []vfs.Mode{vfs.ModeRead, vfs.ModeWrite, vfs.ModeRead | vfs.ModeWrite} {
			if _, err := f.Open(t.Context(), nil, n, mode); !errors.Is(err, fs.ErrPermission) {
				t.Errorf("%s: Open(%d): %v, want %v", name, mode, err, fs.ErrPermission)
			}
		}
		if _, err := f.OpenDir(t.Context(), nil, n); !errors.Is(err, ntstatus.NotADirectory) {
			t.Errorf("%s: OpenDir: %v, want %v", name, err, ntstatus.NotADirectory)
		}
		if _, _, err := f.Lookup(t.Context(), nil, n, "secret"); !errors.Is(err, ntstatus.NotADirectory) {
			t.Errorf("%s: Lookup in it: %v, want %v", name, err, ntstatus.NotADirectory)
		}
		if _, _, err := f.Create(t.Context(), nil, n, "new", false); !errors.Is(err, ntstatus.NotADirectory) {
			t.Errorf("%s: Create in it: %v, want %v", name, err, ntstatus.NotADirectory)
		}
		if _, _, err := f.Create(t.Context(), nil, root, name, false); !errors.Is(err, fs.ErrExist) {
			t.Errorf("%s: Create over it: %v, want %v", name, err, fs.ErrExist)
		}
		if err := f.SetAttr(t.Context(), nil, n, vfs.SetAttr{LastWriteTime: &attr.ChangeTime}); !errors.Is(err, fs.ErrPermission) {
			t.Errorf("%s: SetAttr: %v, want %v", name, err, fs.ErrPermission)
		}
		rights, err := f.Access(t.Context(), nil, root, n)
		if err != nil || rights.HasAny(dtyp.FileReadData|dtyp.FileWriteData|dtyp.FileExecute) {
			t.Errorf("%s: Access = %#x, %v, want no right to data", name, rights, err)
		}
		n.Close()
	}
	d, err := f.OpenDir(t.Context(), nil, root)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	for range want {
		name, err := d.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if attr, err := d.Attr(t.Context(), name); err != nil || !attr.Special {
			t.Errorf("Dir.Attr(%q) = %+v, %v, want Special", name, attr, err)
		}
	}
}

func TestNamesThatAreNoSingleComponentAreRefused(t *testing.T) {
	f := serve(t)
	root := rootOf(t, f)
	mkdir(t, 0o777, f.path, "dir")
	writeFile(t, "x", 0o666, f.path, "dir", "file")
	dir := lookup(t, f, root, "dir")
	file := lookup(t, f, dir, "file")
	d, err := f.OpenDir(t.Context(), nil, dir)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	for _, name := range []string{"", ".", "..", "/", "../dir", "/etc/passwd", "dir/file", "file/", "./file", "a\x00b", "..\x00"} {
		for what, err := range map[string]error{
			"Lookup":           second(f.Lookup(t.Context(), nil, dir, name)),
			"Create file":      second(f.Create(t.Context(), nil, dir, name, false)),
			"Create directory": second(f.Create(t.Context(), nil, dir, name, true)),
			"Rename from":      f.Rename(t.Context(), nil, dir, name, root, "x", true),
			"Rename to":        f.Rename(t.Context(), nil, dir, "file", root, name, true),
			"Remove":           f.Remove(t.Context(), nil, dir, name, file),
			"Dir.Attr":         first(d.Attr(t.Context(), name)),
		} {
			if !errors.Is(err, ntstatus.ObjectNameInvalid) {
				t.Errorf("%s(%q): %v, want %v", what, name, err, ntstatus.ObjectNameInvalid)
			}
		}
	}
}

func first[A any](_ A, err error) error          { return err }
func second[A, B any](_ A, _ B, err error) error { return err }

func TestForeignChangesAreSeenAtOnceInAnyCase(t *testing.T) {
	f := serve(t)
	root := rootOf(t, f)
	missing := func(name string) {
		t.Helper()
		if n, stored, err := f.Lookup(t.Context(), nil, root, name); !errors.Is(err, fs.ErrNotExist) {
			if err == nil {
				n.Close()
			}
			t.Errorf("Lookup(%q) = %q, %v, want %v", name, stored, err, fs.ErrNotExist)
		}
	}
	found := func(name, want string) {
		t.Helper()
		n, stored, err := f.Lookup(t.Context(), nil, root, name)
		if err != nil || stored != want {
			t.Errorf("Lookup(%q) = %q, %v, want %q", name, stored, err, want)
			return
		}
		n.Close()
	}
	for i := range 300 {
		name := fmt.Sprintf("Name %d", i)
		upper := strings.ToUpper(name)
		missing(upper)
		path := writeFile(t, "x", 0o666, f.path, name)
		found(upper, name)
		if err := os.Rename(path, path+".Old"); err != nil {
			t.Fatal(err)
		}
		missing(upper)
		found(upper+".OLD", name+".Old")
		if err := os.Remove(path + ".Old"); err != nil {
			t.Fatal(err)
		}
		missing(upper + ".OLD")
	}
}

func TestRenameBetweenHardLinksRemovesTheOldName(t *testing.T) {
	f := serve(t)
	root := rootOf(t, f)
	a := writeFile(t, "x", 0o666, f.path, "a")
	if os.Geteuid() == 0 {
		if err := os.Chown(a, int(nobody.UID), int(nobody.GID)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Link(a, filepath.Join(f.path, "b")); err != nil {
		t.Fatal(err)
	}
	n := lookup(t, f, root, "b")
	if err := f.Rename(t.Context(), nil, root, "a", root, "b", true); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(f.path)
	if err != nil || len(entries) != 1 || entries[0].Name() != "b" {
		t.Errorf("entries = %v, %v, want b alone", entries, err)
	}
	if attr, err := n.Attr(t.Context()); err != nil || attr.NumberOfLinks != 1 {
		t.Errorf("Attr = %+v, %v, want one link", attr, err)
	}
}

func TestReadonlyIsShownAndTheModeNeverChanged(t *testing.T) {
	f := serve(t)
	root := rootOf(t, f)
	path := writeFile(t, "x", 0o444, f.path, "file")
	n := lookup(t, f, root, "file")
	attr, err := n.Attr(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	const readonly = fscc.FileAttributeReadonly
	if attr.Attributes != readonly {
		t.Errorf("Attributes = %#x, want %#x", attr.Attributes, readonly)
	}
	for _, row := range []struct {
		attributes fscc.FileAttributes
		want       error
	}{
		{readonly, nil},
		{readonly | fscc.FileAttributeArchive, fs.ErrPermission},
		{fscc.FileAttributeNormal, fs.ErrPermission},
		{readonly | fscc.FileAttributeHidden, fs.ErrPermission},
	} {
		if err := f.SetAttr(t.Context(), nil, n, vfs.SetAttr{Attributes: &row.attributes}); !errors.Is(err, row.want) {
			t.Errorf("SetAttr(%#x): %v, want %v", row.attributes, err, row.want)
		}
	}
	if info, err := os.Stat(path); err != nil || info.Mode() != 0o444 {
		t.Errorf("mode = %v, %v, want 0444", info.Mode(), err)
	}
}

func TestCreateThatRunsOutOfDescriptorsLeavesNoFile(t *testing.T) {
	f := serve(t)
	root := rootOf(t, f)
	var before unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &before); err != nil {
		t.Fatal(err)
	}
	free, err := unix.Open("/", unix.O_PATH|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	unix.Close(free)
	// Room for one descriptor more; a file takes two.
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: uint64(free) + 1, Max: before.Max}); err != nil {
		t.Fatal(err)
	}
	_, _, err = f.Create(t.Context(), nil, root, "file", false)
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &before); err != nil {
		t.Fatal(err)
	}
	if !errors.Is(err, unix.EMFILE) {
		t.Errorf("Create: %v, want %v", err, unix.EMFILE)
	}
	if entries, err := os.ReadDir(f.path); err != nil || len(entries) != 0 {
		t.Errorf("entries = %v, %v, want none", entries, err)
	}
}

func TestReadSessionLeavesFilesAsTheyAre(t *testing.T) {
	f := serve(t)
	root := rootOf(t, f)
	mkdir(t, 0o755, f.path, "Dir")
	writeFile(t, "one", 0o644, f.path, "Dir", "File")
	writeFile(t, "two", 0o664, f.path, "other")
	f.MakeSpecial(t, "fifo")
	snapshot := func() string {
		var b strings.Builder
		err := filepath.Walk(f.path, func(path string, info os.FileInfo, err error) error {
			if err != nil {
				return err
			}
			s := info.Sys().(*unixStat)
			fmt.Fprintln(&b, path, info.Mode(), s.Uid, s.Gid, s.Size, s.Nlink, s.Ino, s.Mtim, s.Ctim)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	before := snapshot()
	dir := lookup(t, f, root, "DIR")
	file := lookup(t, f, dir, "FILE")
	if content, err := read(t.Context(), f, file); content != "one" {
		t.Errorf("content = %q, %v, want %q", content, err, "one")
	}
	for _, n := range []vfs.Node{root, dir, file, lookup(t, f, root, "fifo")} {
		if _, err := f.Access(t.Context(), nil, root, n); err != nil {
			t.Error(err)
		}
		if _, err := n.Attr(t.Context()); err != nil {
			t.Error(err)
		}
	}
	d, err := f.OpenDir(t.Context(), nil, dir)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if name, err := d.Next(t.Context()); name != "File" || err != nil {
		t.Errorf("Next = %q, %v, want File", name, err)
	}
	if after := snapshot(); after != before {
		t.Errorf("after reading:\n%s\nwant as before:\n%s", after, before)
	}
}
