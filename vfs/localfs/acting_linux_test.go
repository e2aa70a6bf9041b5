package localfs_test

import (
	"errors"
	"io/fs"
	"os"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/signet-smb/signet/vfs"
)

// fsIDs returns as whom the kernel judges the calling thread.
func fsIDs(t *testing.T) (uid, gid int) {
	t.Helper()
	uid, err1 := unix.SetfsuidRetUid(-1)
	gid, err2 := unix.SetfsgidRetGid(-1)
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	return uid, gid
}

func TestActingKeepsTheIdentityUntilItEnds(t *testing.T) {
	asRoot(t)
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	f := serve(t)
	root := rootOf(t, f)
	writeFile(t, "x", 0o600, f.path, "private")
	acting := vfs.NewActing(t.Context())
	defer acting.End()

	n, _, err := f.Lookup(acting, nobody, root, "private")
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	if uid, gid := fsIDs(t); uint32(uid) != nobody.UID || uint32(gid) != nobody.GID {
		t.Errorf("after Lookup the thread acts as %d, %d, want %+v kept", uid, gid, nobody)
	}
	if _, err := f.Open(acting, nobody, n, vfs.ModeRead); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("Open of what another may not read: %v, want %v", err, fs.ErrPermission)
	}
	other := &vfs.Cred{UID: nobody.UID - 1, GID: nobody.GID - 1}
	if _, err := f.Access(acting, other, root, n); err != nil {
		t.Error(err)
	}
	if uid, gid := fsIDs(t); uint32(uid) != other.UID || uint32(gid) != other.GID {
		t.Errorf("after Access as another user the thread acts as %d, %d, want %+v", uid, gid, other)
	}
	if _, _, err := f.Lookup(acting, &vfs.Cred{UID: 0}, root, "private"); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("Lookup as root: %v, want %v", err, fs.ErrPermission)
	}
	if err := acting.End(); err != nil {
		t.Error(err)
	}
	if uid, gid := fsIDs(t); uid != 0 || gid != 0 {
		t.Errorf("after End the thread acts as %d, %d, want itself", uid, gid)
	}
	if err := acting.End(); err != nil { // once more is nothing
		t.Error(err)
	}
	groups, err := unix.Getgroups()
	if err != nil || len(groups) > 0 && groups[0] == int(nobody.GID) {
		t.Errorf("groups after End: %v, %v", groups, err)
	}
}

func TestLookedUpAttributesAreThoseOfTheFileAndToldOnce(t *testing.T) {
	f := serve(t)
	writeFile(t, "content", 0o666, f.path, "file")
	n := lookup(t, f, rootOf(t, f), "file")
	want, err := n.Attr(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	got, ok := n.(vfs.Looked).LookupAttr(t.Context())
	if !ok || got != want {
		t.Errorf("LookupAttr: %v\n got %+v\nwant %+v", ok, got, want)
	}
	if _, ok := n.(vfs.Looked).LookupAttr(t.Context()); ok {
		t.Error("LookupAttr tells twice what is old by then")
	}
}

func TestActingReadsAttributesAsTheUserWhereHeMay(t *testing.T) {
	asRoot(t)
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	f := serve(t)
	needXattrs(t, f)
	root := rootOf(t, f)
	for _, row := range []struct {
		name string
		mode os.FileMode
		kept bool // who the user is
	}{{"readable", 0o644, true}, {"private", 0o600, false}} {
		plant(t, writeFile(t, "", row.mode, f.path, row.name), "30783200")
		acting := vfs.NewActing(t.Context())
		n, _, err := f.Lookup(acting, nobody, root, row.name)
		if err != nil {
			t.Fatal(err)
		}
		attr, ok := n.(vfs.Looked).LookupAttr(acting)
		if !ok || attr.Attributes != hidden {
			t.Errorf("%s: attributes %#x, %v, want %#x", row.name, attr.Attributes, ok, hidden)
		}
		if uid, _ := fsIDs(t); (uint32(uid) == nobody.UID) != row.kept {
			t.Errorf("%s: the thread acts as %d afterwards, want the user's identity kept: %v", row.name, uid, row.kept)
		}
		if err := acting.End(); err != nil {
			t.Error(err)
		}
		n.Close()
	}
}
