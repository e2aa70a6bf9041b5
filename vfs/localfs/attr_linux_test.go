package localfs_test

import (
	"encoding/hex"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/vfs"
)

const (
	hidden   = fscc.FileAttributeHidden
	readonly = fscc.FileAttributeReadonly
	system   = fscc.FileAttributeSystem
	archive  = fscc.FileAttributeArchive
	sparse   = fscc.FileAttributeSparseFile
	folderOf = fscc.FileAttributeDirectory
)

// needXattrs skips a test where temporary files have no extended attributes.
func needXattrs(t *testing.T, f *folder) {
	t.Helper()
	info, err := f.Info(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if !info.StoresAttributes {
		t.Skip("the file system of temporary files has no extended attributes for users: set TMPDIR")
	}
}

// chmod changes a mode after a value was planted, for which the file has to be
// writable.
func chmod(t *testing.T, path string, mode os.FileMode) {
	t.Helper()
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}

// plant stores a value of user.DOSATTRIB behind the back of the server.
func plant(t *testing.T, path, value string) {
	t.Helper()
	b, err := hex.DecodeString(value)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.Lsetxattr(path, "user.DOSATTRIB", b, 0); err != nil {
		t.Fatal(err)
	}
}

// stored returns the value of user.DOSATTRIB, "" if there is none.
func stored(t *testing.T, path string) string {
	t.Helper()
	b := make([]byte, 1000)
	n, err := unix.Lgetxattr(path, "user.DOSATTRIB", b)
	if err == unix.ENODATA {
		return ""
	}
	if err != nil {
		t.Fatal(err)
	}
	return hex.EncodeToString(b[:n])
}

// shows checks the attributes of an entry, by reference and in the listing.
func shows(t *testing.T, f *folder, dir vfs.Node, name string, want fscc.FileAttributes) vfs.Attr {
	t.Helper()
	attr, err := lookup(t, f, dir, name).Attr(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	d, err := f.OpenDir(t.Context(), nil, dir)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	listed, err := d.Attr(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	if attr.Attributes != want || listed != attr {
		t.Errorf("%s has %#x, listed with %#x, want %#x\n     %+v\nlist %+v", name, attr.Attributes, listed.Attributes, want, attr, listed)
	}
	return attr
}

func set(t *testing.T, f *folder, n vfs.Node, a fscc.FileAttributes) {
	t.Helper()
	if err := f.SetAttr(t.Context(), nil, n, vfs.SetAttr{Attributes: &a}); err != nil {
		t.Fatalf("SetAttr(%#x): %v", a, err)
	}
}

func TestWhatSambaStoredIsShown(t *testing.T) {
	f := serve(t)
	needXattrs(t, f)
	root := rootOf(t, f)
	// As smbd 4.17.12 wrote them.
	plant(t, writeFile(t, "", 0o644, f.path, "ro"), "00000500050000001100000021000000"+"2866f62da37add01")
	plant(t, writeFile(t, "", 0o644, f.path, "cleared"), "00000500050000001100000000000000"+"43e3f72da37add01")
	plant(t, writeFile(t, "", 0o644, f.path, "created"), "00000500050000001100000020000000"+"0005b57d968dc001")
	plant(t, mkdir(t, 0o755, f.path, "dir"), "00000500050000001100000012000000"+"a89ef72da37add01")
	// As nobody wrote them.
	plant(t, writeFile(t, "", 0o644, f.path, "broken"), "0000050005000000")
	plant(t, writeFile(t, "", 0o644, f.path, "all"), "000005000500000011000000ffffffff"+"0005b57d968dc001")

	chmod(t, filepath.Join(f.path, "cleared"), 0o444)
	chmod(t, filepath.Join(f.path, "broken"), 0o444)

	shows(t, f, root, "ro", readonly|archive)
	shows(t, f, root, "cleared", 0)
	shows(t, f, root, "dir", hidden|folderOf)
	shows(t, f, root, "broken", readonly)
	shows(t, f, root, "all", 0x3327)
	created := shows(t, f, root, "created", archive).CreationTime
	if want := time.Date(2001, 2, 3, 4, 5, 6, 0, time.UTC); !created.Equal(want) {
		t.Errorf("CreationTime = %v, want %v", created, want)
	}
}

func TestChangesByOthersAreSeenAtOnce(t *testing.T) {
	f := serve(t)
	needXattrs(t, f)
	root := rootOf(t, f)
	path := writeFile(t, "", 0o644, f.path, "file")
	for i := range 300 {
		plant(t, path, []string{"30783200", "30783400"}[i%2])
		shows(t, f, root, "file", []fscc.FileAttributes{hidden, system}[i%2])
		if i%50 == 0 {
			old := time.Unix(1e9, 0) // a time of writing proves nothing
			if err := os.Chtimes(path, old, old); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestBitsThatClientsCannotSetSurviveAChange(t *testing.T) {
	f := serve(t)
	needXattrs(t, f)
	root := rootOf(t, f)
	path := writeFile(t, "", 0o666, f.path, "file")
	plant(t, path, "00000500050000001100000020060000"+"0005b57d968dc001")
	set(t, f, lookup(t, f, root, "file"), system)
	shows(t, f, root, "file", system|sparse)
	if got, want := stored(t, path), "00000500050000001100000004060000"+"0005b57d968dc001"; got != want {
		t.Errorf("stored\n     %s\nwant %s", got, want)
	}
}

func TestNothingIsStoredThatIsShownAlready(t *testing.T) {
	f := serve(t)
	needXattrs(t, f)
	root := rootOf(t, f)
	for name, mode := range map[string]os.FileMode{"file": 0o666, ".dot": 0o666, "readonly": 0o444} {
		path := writeFile(t, "", mode, f.path, name)
		n := lookup(t, f, root, name)
		attr, err := n.Attr(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		attributes := attr.Attributes
		if err := f.SetAttr(t.Context(), nil, n, vfs.SetAttr{Attributes: &attributes, CreationTime: &attr.CreationTime}); err != nil {
			t.Errorf("%s: SetAttr(%#x): %v", name, attributes, err)
		}
		if got := stored(t, path); got != "" {
			t.Errorf("%s: stored %s, want nothing", name, got)
		}
	}
}

func TestDotFilesAreHiddenUntilToldOtherwise(t *testing.T) {
	f := serve(t)
	needXattrs(t, f)
	root := rootOf(t, f)
	writeFile(t, "", 0o666, f.path, ".file")
	if err := os.Mkdir(filepath.Join(f.path, ".folder"), 0o777); err != nil {
		t.Fatal(err)
	}
	chmod(t, filepath.Join(f.path, ".folder"), 0o777)
	f.MakeSpecial(t, ".fifo")
	if a := shows(t, f, root, ".file", hidden); !a.HiddenByName {
		t.Errorf("%+v: want HiddenByName", a)
	}
	shows(t, f, root, ".folder", hidden|folderOf)
	shows(t, f, root, ".fifo", hidden)

	set(t, f, lookup(t, f, root, ".file"), fscc.FileAttributeNormal)
	set(t, f, lookup(t, f, root, ".folder"), 0)
	shows(t, f, root, ".file", 0)
	shows(t, f, root, ".folder", folderOf)
	set(t, f, lookup(t, f, root, ".file"), hidden)
	if a := shows(t, f, root, ".file", hidden); a.HiddenByName {
		t.Errorf("%+v: want it hidden because someone said so", a)
	}
}

func TestAFileIsHiddenByTheNameItHas(t *testing.T) {
	f := serve(t)
	root := rootOf(t, f)
	writeFile(t, "", 0o666, f.path, "plain")
	if err := os.Mkdir(filepath.Join(f.path, ".d"), 0o777); err != nil {
		t.Fatal(err)
	}
	n := lookup(t, f, root, "plain")
	for _, row := range []struct {
		from, to string
		want     fscc.FileAttributes
	}{{"plain", ".dot", hidden}, {".dot", "..two", hidden}, {"..two", "plain again", 0}} {
		if err := f.Rename(t.Context(), nil, root, row.from, root, row.to, false); err != nil {
			t.Fatal(err)
		}
		if attr, err := n.Attr(t.Context()); err != nil || attr.Attributes != row.want {
			t.Errorf("renamed to %q: Attributes = %#x, %v, want %#x", row.to, attr.Attributes, err, row.want)
		}
	}
	// The shared folder itself has the name of the share.
	sub := open(t, filepath.Join(f.path, ".d"))
	sub.As = f.As
	if attr, err := rootOf(t, sub).Attr(t.Context()); err != nil || attr.Attributes != folderOf {
		t.Errorf("Attributes of a shared dot folder = %#x, %v, want %#x", attr.Attributes, err, folderOf)
	}
}

func TestAttributesAreReadByWhoMayNotReadTheFile(t *testing.T) {
	asRoot(t)
	f := serve(t)
	needXattrs(t, f)
	root := rootOf(t, f)
	plant(t, writeFile(t, "", 0o600, f.path, "private"), "30783200")
	n := lookup(t, f, root, "private")
	shows(t, f, root, "private", hidden)
	a := system
	if err := f.SetAttr(t.Context(), nil, n, vfs.SetAttr{Attributes: &a}); err == nil {
		t.Error("who may not write the file has changed its attributes")
	}
	shows(t, f, root, "private", hidden)
}
