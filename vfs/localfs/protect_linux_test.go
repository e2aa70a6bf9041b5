package localfs_test

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/signet-smb/signet/vfs"
)

// serveProtected serves a folder with a hidden directory a/b/State, that holds
// "secret", and a hidden file "Key"; "twin" is another name of that. All belong
// to who is served.
func serveProtected(t *testing.T) *folder {
	t.Helper()
	path := t.TempDir()
	state := mkdir(t, 0o700, mkdir(t, 0o777, mkdir(t, 0o777, path, "a"), "b"), "State")
	key := writeFile(t, "key", 0o600, path, "Key")
	writeFile(t, "secret", 0o600, state, "secret")
	writeFile(t, "plain", 0o600, path, "plain")
	if err := os.Link(key, filepath.Join(path, "twin")); err != nil {
		t.Fatal(err)
	}
	// The way to the secrets may lead through a link.
	if err := os.Symlink("a", filepath.Join(path, "way")); err != nil {
		t.Fatal(err)
	}
	f := open(t, path)
	if os.Geteuid() == 0 {
		f.As = nobody
		err := filepath.WalkDir(path, func(p string, _ fs.DirEntry, err error) error {
			return errors.Join(err, os.Lchown(p, int(nobody.UID), int(nobody.GID)))
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Protect(filepath.Join(path, "way", "b", "State"), key); err != nil {
		t.Fatal(err)
	}
	return f
}

// notThere checks that an entry cannot be reached in any way.
func notThere(t *testing.T, f *folder, dir vfs.Node, names ...string) {
	t.Helper()
	ctx := t.Context()
	d, err := f.OpenDir(ctx, nil, dir)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	for _, name := range names {
		if n, stored, err := f.Lookup(ctx, nil, dir, name); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("Lookup(%q) = %q, %v, want %v", name, stored, err, fs.ErrNotExist)
			if err == nil {
				n.Close()
			}
		}
		if a, err := d.Attr(ctx, name); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("Dir.Attr(%q) = %+v, %v, want %v", name, a, err, fs.ErrNotExist)
		}
		for _, replace := range []bool{false, true} {
			if err := f.Rename(ctx, nil, dir, name, dir, "moved", replace); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("Rename of %q: %v, want %v", name, err, fs.ErrNotExist)
			}
		}
	}
}

func names(t *testing.T, f *folder, dir vfs.Node) []string {
	t.Helper()
	d, err := f.OpenDir(t.Context(), nil, dir)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	var all []string
	for {
		name, err := d.Next(t.Context())
		if err == io.EOF {
			slices.Sort(all)
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, name)
	}
}

func TestWhatIsProtectedDoesNotExistUnderAnyName(t *testing.T) {
	f := serveProtected(t)
	root := rootOf(t, f)
	b := lookup(t, f, lookup(t, f, root, "a"), "b")
	notThere(t, f, root, "Key", "twin")
	notThere(t, f, b, "State")
	for dir, row := range map[vfs.Node][]string{root: {"KEY", "key", "TWIN"}, b: {"STATE", "state"}} {
		for _, name := range row {
			if _, stored, err := f.Lookup(t.Context(), nil, dir, name); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("Lookup(%q) = %q, %v, want %v", name, stored, err, fs.ErrNotExist)
			}
		}
	}
	if got, want := names(t, f, root), []string{"a", "plain", "way"}; !slices.Equal(got, want) {
		t.Errorf("the root lists %q, want %q", got, want)
	}
	if got := names(t, f, b); len(got) != 0 {
		t.Errorf("b lists %q, want nothing", got)
	}
}

func TestWhatIsProtectedIsNotReplaced(t *testing.T) {
	f := serveProtected(t)
	root := rootOf(t, f)
	b := lookup(t, f, lookup(t, f, root, "a"), "b")
	empty, _, err := f.Create(t.Context(), nil, root, "empty", true)
	if err != nil {
		t.Fatal(err)
	}
	empty.Close()
	for _, row := range []struct {
		from string
		dir  vfs.Node
		to   string
	}{{"plain", root, "Key"}, {"plain", root, "twin"}, {"empty", b, "State"}, {"plain", root, "way"}} {
		if err := f.Rename(t.Context(), nil, root, row.from, row.dir, row.to, true); !errors.Is(err, fs.ErrPermission) {
			t.Errorf("Rename of %s over %s: %v, want %v", row.from, row.to, err, fs.ErrPermission)
		}
	}
	if _, _, err := f.Create(t.Context(), nil, root, "Key", false); !errors.Is(err, fs.ErrExist) {
		t.Errorf("Create(Key): %v, want %v", err, fs.ErrExist)
	}
	for name, want := range map[string]string{"Key": "key", "a/b/State/secret": "secret"} {
		if got, err := os.ReadFile(filepath.Join(f.path, name)); string(got) != want {
			t.Errorf("%s holds %q, %v, want %q", name, got, err, want)
		}
	}
}

func TestTheWayToWhatIsProtectedStaysWhereItIs(t *testing.T) {
	f := serveProtected(t)
	root := rootOf(t, f)
	a := lookup(t, f, root, "a")
	if err := f.Rename(t.Context(), nil, root, "a", root, "c", false); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("Rename of a: %v, want %v", err, fs.ErrPermission)
	}
	if err := f.Rename(t.Context(), nil, a, "b", root, "b", false); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("Rename of a/b: %v, want %v", err, fs.ErrPermission)
	}
	if err := f.Remove(t.Context(), nil, root, "way", lookup(t, f, root, "way")); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("Remove of the link: %v, want %v", err, fs.ErrPermission)
	}
	// All else beside it may be done.
	if err := f.Rename(t.Context(), nil, root, "plain", a, "plain", false); err != nil {
		t.Errorf("Rename of plain: %v", err)
	}
}

func TestWhatIsProtectedIsHiddenWhereItIsMountedAgain(t *testing.T) {
	asRoot(t)
	f := serveProtected(t)
	second := mkdir(t, 0o777, f.path, "second")
	secondKey := writeFile(t, "", 0o666, f.path, "second key")
	// In a mount name space that ends with its thread, and so with the test.
	runtime.LockOSThread()
	if err := unix.Unshare(unix.CLONE_NEWNS); err != nil {
		t.Skipf("mounting is not allowed here: %v", err)
	}
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		t.Skipf("mounting is not allowed here: %v", err)
	}
	for from, to := range map[string]string{filepath.Join(f.path, "a", "b", "State"): second, filepath.Join(f.path, "Key"): secondKey} {
		if err := unix.Mount(from, to, "", unix.MS_BIND, ""); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = unix.Unmount(to, unix.MNT_DETACH) }) // so that the folder can be removed
	}
	if got, err := os.ReadFile(filepath.Join(second, "secret")); string(got) != "secret" {
		t.Fatalf("the second place holds %q, %v: not mounted", got, err)
	}
	mounted, open := open(t, f.path), open(t, f.path)
	mounted.As, open.As = f.As, f.As
	lookup(t, open, rootOf(t, open), "second") // it is there unless it is protected
	root := rootOf(t, mounted)
	if err := mounted.Protect(filepath.Join(f.path, "a", "b", "State"), filepath.Join(f.path, "Key")); err != nil {
		t.Fatal(err)
	}
	notThere(t, mounted, root, "second", "second key", "Key", "twin")
}

func TestWhatIsNotThereCannotBeProtected(t *testing.T) {
	f := serve(t)
	if err := f.Protect(filepath.Join(f.path, "missing")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Protect: %v, want %v", err, fs.ErrNotExist)
	}
}

func TestWhatTakesThePlaceOfTheProtectedIsHiddenToo(t *testing.T) {
	f := serveProtected(t)
	root := rootOf(t, f)
	key := filepath.Join(f.path, "Key")
	if err := os.Rename(writeFile(t, "another key", 0o644, f.path, "Key.new"), key); err != nil {
		t.Fatal(err)
	}
	notThere(t, f, root, "Key")
	if got, want := names(t, f, root), []string{"a", "plain", "way"}; !slices.Equal(got, want) {
		t.Errorf("the root lists %q, want %q", got, want)
	}
	for _, there := range []bool{true, false} {
		if _, _, err := f.Create(t.Context(), nil, root, "Key", false); !errors.Is(err, fs.ErrExist) {
			t.Errorf("Create(Key), there %v: %v, want %v", there, err, fs.ErrExist)
		}
		if err := f.Rename(t.Context(), nil, root, "plain", root, "Key", true); !errors.Is(err, fs.ErrPermission) {
			t.Errorf("Rename over Key, there %v: %v, want %v", there, err, fs.ErrPermission)
		}
		if there {
			if err := os.Remove(key); err != nil {
				t.Fatal(err)
			}
		}
	}
}
