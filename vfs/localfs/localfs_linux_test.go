package localfs_test

import (
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/signet-smb/signet/vfs"
	"github.com/signet-smb/signet/vfs/localfs"
	"github.com/signet-smb/signet/vfs/vfstest"
)

// nobody is whom a root process serves as in these tests; any other process
// serves as itself.
var nobody = &vfs.Cred{UID: 65534, GID: 65534}

// folder is a served folder and where it is on the host.
type folder struct {
	*localfs.FS
	path string
}

// MakeSpecial implements [vfstest.SpecialMaker].
func (f *folder) MakeSpecial(t *testing.T, name string) {
	t.Helper()
	if err := unix.Mkfifo(filepath.Join(f.path, name), 0o666); err != nil {
		t.Fatal(err)
	}
}

// MakeForeign implements [vfstest.ForeignMaker].
func (f *folder) MakeForeign(t *testing.T, name string) {
	t.Helper()
	writeFile(t, "", 0o666, f.path, name)
}

// serve serves a new folder that belongs to who is served.
func serve(t testing.TB) *folder {
	t.Helper()
	f := open(t, t.TempDir())
	if os.Geteuid() == 0 {
		f.As = nobody
		if err := os.Chown(f.path, int(nobody.UID), int(nobody.GID)); err != nil {
			t.Fatal(err)
		}
	}
	return f
}

func open(t testing.TB, path string) *folder {
	t.Helper()
	f, err := localfs.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if n := f.OpenReferences(); n != 0 {
			t.Errorf("%d references are open at the end, want 0", n)
		}
		if err := f.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return &folder{FS: f, path: path}
}

func TestLocalfsKeepsTheContract(t *testing.T) {
	vfstest.Run(t, func(t *testing.T) vfs.FS { return serve(t) })
}
