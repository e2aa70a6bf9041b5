package localfs

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/vfs"
)

// sdOf reads SDDL, in which U1 and G1 stand for the Unix user and group 1, and
// so on.
func sdOf(t testing.TB, text string) *dtyp.SecurityDescriptor {
	t.Helper()
	sd, err := dtyp.ParseSDDL(unixNames.Replace(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return &sd
}

var unixNames = strings.NewReplacer(
	"U1", "S-1-22-1-1", "U2", "S-1-22-1-2", "U3", "S-1-22-1-3",
	"G1", "S-1-22-2-1", "G2", "S-1-22-2-2", "G3", "S-1-22-2-3",
)

// string is l as getfacl -n has it, in one line.
func (l posixACL) string() string {
	var parts []string
	for _, e := range l {
		name := map[posixTag]string{posixUserObj: "u:", posixUser: "u:%d", posixGroupObj: "g:", posixGroup: "g:%d", posixMask: "m:", posixOther: "o:"}[e.tag]
		if strings.Contains(name, "%") {
			name = fmt.Sprintf(name, e.id)
		}
		perm := []byte("---")
		for i, c := range "rwx" {
			if e.perm>>(2-i)&1 != 0 {
				perm[i] = byte(c)
			}
		}
		parts = append(parts, name+":"+string(perm))
	}
	return strings.Join(parts, " ")
}

// TestTheKernelIsToldWhatADescriptorSays has a file, or a directory, of U1 and
// G1.
func TestTheKernelIsToldWhatADescriptorSays(t *testing.T) {
	for _, c := range []struct {
		sd        string
		directory bool
		access    string
		byDefault string
	}{
		{sd: "D:(A;;FA;;;WD)", access: "u::rwx g::rwx o::rwx"},
		{sd: "D:NO_ACCESS_CONTROL", access: "u::rwx g::rwx o::rwx"},
		{sd: "D:", access: "u::--- g::--- o::---"},
		{sd: "D:(A;;FA;;;U1)(A;;FR;;;WD)", access: "u::rwx g::r-- o::r--"},
		{sd: "D:(A;;FR;;;AU)", access: "u::r-- g::r-- o::r--"},
		{sd: "D:(A;;FR;;;BU)", access: "u::r-- g::r-- o::r--"},
		{sd: "D:(A;;FA;;;BA)(A;;FA;;;SY)", access: "u::--- g::--- o::---"},
		{sd: "D:(A;;FA;;;U1)(A;;FR;;;U2)", access: "u::rwx u:2:r-- g::--- m::r-- o::---"},
		{sd: "D:(A;;FR;;;G1)(A;;FRFW;;;G2)", access: "u::--- g::r-- g:2:rw- m::rw- o::---"},
		{sd: "D:(D;;FW;;;U2)(A;;FRFW;;;WD)", access: "u::rw- u:2:r-- g::rw- m::rw- o::rw-"},
		{sd: "D:(A;;FRFW;;;WD)(D;;FW;;;U2)", access: "u::rw- u:2:rw- g::rw- m::rw- o::rw-"},
		{sd: "D:(A;OICIIO;FA;;;WD)(A;;FX;;;U1)", access: "u::--x g::--- o::---"},
		{sd: "D:(A;;FR;;;OW)", access: "u::r-- g::--- o::---"},
		{sd: "D:(A;;0x2;;;WD)", access: "u::-w- g::-w- o::-w-"},
		{sd: "D:(A;;RCWDWOSD;;;WD)", access: "u::--- g::--- o::---"},
		{sd: "D:(A;;0x1;;;WD)", directory: true, access: "u::r-x g::r-x o::r-x"},
		{sd: "D:(A;;0x40;;;WD)", directory: true, access: "u::-wx g::-wx o::-wx"},
		{
			sd: "D:(A;OICI;FA;;;U2)(A;;FA;;;U1)", directory: true,
			access: "u::rwx u:2:rwx g::--- m::rwx o::---", byDefault: "u::rwx u:2:rwx g::--- m::rwx o::---",
		},
		{
			sd: "D:(A;;FA;;;U1)(A;OICIIO;FA;;;CO)(A;OICIIO;FR;;;CG)", directory: true,
			access: "u::rwx g::--- o::---", byDefault: "u::rwx g::r-x o::---",
		},
	} {
		k := kernelSays{mode: unix.S_IFREG, uid: 1, gid: 1}
		if c.directory {
			k.mode = unix.S_IFDIR
		}
		var host FS
		sd := sdOf(t, "O:U1G:G1"+c.sd)
		next := host.rightsOf(sd, &k)
		if got := next.access.string(); got != c.access || next.byDefault.string() != c.byDefault || next.uid != 1 || next.gid != 1 {
			t.Errorf("%s, directory %v:\n got %s, default %s\nwant %s, default %s", c.sd, c.directory, got, next.byDefault.string(), c.access, c.byDefault)
		}
	}
}

func TestTheKernelsOwnerIsTheDescriptorsIfTheHostHasHim(t *testing.T) {
	for _, c := range []struct {
		sd       string
		uid, gid uint32
	}{
		{"O:U2G:G3D:", 2, 3},
		{"O:BAG:BUD:", 1, 1},
		{"O:S-1-22-1-0G:G1D:", 1, 1}, // nobody gives files to root
		{"O:S-1-5-21-1-2-3-1000G:S-1-5-21-1-2-3-513D:", 1, 1},
	} {
		var host FS
		next := host.rightsOf(sdOf(t, c.sd), &kernelSays{mode: unix.S_IFREG, uid: 1, gid: 1})
		if next.uid != c.uid || next.gid != c.gid {
			t.Errorf("%s: %d:%d, want %d:%d", c.sd, next.uid, next.gid, c.uid, c.gid)
		}
	}
}

func TestWhatTheKernelSaysIsShownAsADescriptor(t *testing.T) {
	acl := posixACL{{posixUserObj, 7, 0}, {posixUser, 6, 2}, {posixGroupObj, 4, 0}, {posixGroup, 7, 3}, {posixMask, 5, 0}, {posixOther, 0, 0}}
	for _, c := range []struct {
		k    kernelSays
		want string
	}{
		{
			kernelSays{mode: unix.S_IFREG | 0o640, uid: 1, gid: 2, access: aclOfMode(0o640)},
			"O:U1G:G2D:(A;;0x1f019f;;;U1)(A;;FR;;;G2)(A;;0x0;;;WD)",
		},
		{
			kernelSays{mode: unix.S_IFREG | 0o750, uid: 1, gid: 1, access: acl},
			"O:U1G:G1D:(A;;FA;;;U1)(A;;FRFX;;;G3)(A;;FR;;;G1)(A;;FR;;;U2)(A;;0x0;;;WD)",
		},
		{
			kernelSays{mode: unix.S_IFDIR | 0o750, uid: 1, gid: 1, access: aclOfMode(0o750)},
			"O:U1G:G1D:(A;;FA;;;U1)(A;;FRFX;;;G1)(A;;0x0;;;WD)(A;OICIIO;FA;;;CO)(A;OICIIO;FRFX;;;CG)(A;OICIIO;FRFX;;;WD)",
		},
		{
			kernelSays{mode: unix.S_IFDIR | 0o755, uid: 1, gid: 1, access: aclOfMode(0o755), byDefault: aclOfMode(0o700)},
			"O:U1G:G1D:(A;;FA;;;U1)(A;;FRFX;;;G1)(A;;FRFX;;;WD)(A;OICIIO;FA;;;CO)(A;OICIIO;0x0;;;CG)(A;OICIIO;0x0;;;WD)",
		},
	} {
		var host FS
		sd := host.shownDescriptor(&c.k)
		got, _ := sd.SDDL()
		if want, err := sdOf(t, c.want).SDDL(); got != want || err != nil {
			t.Errorf("%o:\n got %s\nwant %s, %v", c.k.mode, got, want, err)
		}
	}
}

// serveTwins serves a new folder of which everybody acts as himself.
func serveTwins(t *testing.T) (*FS, string, *node) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root can act as someone else, and a test cannot become root: run it as root too")
	}
	path := t.TempDir()
	f, root := serveFolder(t, path)
	f.As = nil
	if err := os.Chmod(path, 0o777); err != nil {
		t.Fatal(err)
	}
	return f, path, root
}

func TestADescriptorLetsAnotherUserInAndKeepsOthersOut(t *testing.T) {
	f, path, root := serveTwins(t)
	ann, bob, eve := &vfs.Cred{UID: 1, GID: 1}, &vfs.Cred{UID: 2, GID: 2}, &vfs.Cred{UID: 3, GID: 3}
	n, file, err := f.Create(t.Context(), ann, root, "file", false)
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	file.Close()
	may := func(who *vfs.Cred, mode vfs.Mode) bool {
		t.Helper()
		file, err := f.Open(t.Context(), who, n, mode)
		if err == nil {
			file.Close()
		} else if !errors.Is(err, fs.ErrPermission) {
			t.Error(err)
		}
		return err == nil
	}
	for _, c := range []struct {
		sd   string
		want [3]string // what ann, bob and eve may do
	}{
		{"O:U1G:G1D:(A;;FA;;;U1)(A;;FR;;;U2)", [3]string{"rw", "r", ""}},
		{"O:U1G:G1D:(A;;FA;;;U1)(A;;FRFW;;;U2)(A;;FR;;;WD)", [3]string{"rw", "rw", "r"}},
		{"O:U1G:G1D:(D;;FR;;;G3)(A;;FA;;;U1)", [3]string{"rw", "", ""}},
		{"O:U3G:G1D:(A;;FA;;;U3)", [3]string{"", "", "rw"}}, // given away
		{"O:U3G:G1D:", [3]string{"", "", ""}},
		{"O:U1G:G1D:(A;;FA;;;U1)", [3]string{"rw", "", ""}},
	} {
		sd := sdOf(t, c.sd)
		if err := f.SetDescriptor(t.Context(), n, sd); err != nil {
			t.Fatalf("%s: %v", c.sd, err)
		}
		for i, who := range []*vfs.Cred{ann, bob, eve} {
			got := ""
			if may(who, vfs.ModeRead) {
				got += "r"
			}
			if may(who, vfs.ModeWrite) {
				got += "w"
			}
			if got != c.want[i] {
				t.Errorf("%s: user %d may %q, want %q", c.sd, who.UID, got, c.want[i])
			}
		}
		stored, err := f.StoredDescriptor(t.Context(), n)
		if err != nil || stored == nil {
			t.Fatalf("%s: stored %v, %v", c.sd, stored, err)
		}
		got, _ := stored.SDDL()
		if want, _ := sd.SDDL(); got != want {
			t.Errorf("stored %s, want %s", got, want)
		}
	}
	var st unix.Stat_t
	if err := unix.Stat(filepath.Join(path, "file"), &st); err != nil || st.Uid != 1 {
		t.Errorf("it belongs to %d, %v; want 1", st.Uid, err)
	}
}

func TestADescriptorIsForgottenWhenTheHostChangesWhoMay(t *testing.T) {
	f, path, root := serveTwins(t)
	name := filepath.Join(path, "file")
	n, file, err := f.Create(t.Context(), &vfs.Cred{UID: 1, GID: 1}, root, "file", false)
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	file.Close()
	for what, change := range map[string]func() error{
		"the mode":  func() error { return os.Chmod(name, 0o640) },
		"the owner": func() error { return os.Chown(name, 2, 1) },
		"the group": func() error { return os.Chown(name, 1, 2) },
		"the list": func() error {
			l := posixACL{{posixUserObj, 6, 0}, {posixUser, 6, 3}, {posixGroupObj, 4, 0}, {posixMask, 6, 0}, {posixOther, 0, 0}}
			return unix.Setxattr(name, posixAccessName, l.encode(), 0)
		},
	} {
		if err := f.SetDescriptor(t.Context(), n, sdOf(t, "O:U1G:G1D:(A;;FA;;;U1)")); err != nil {
			t.Fatal(err)
		}
		if err := change(); err != nil {
			t.Fatal(err)
		}
		stored, err := f.StoredDescriptor(t.Context(), n)
		if err != nil || stored != nil {
			t.Errorf("after %s changed: stored %+v, %v; want none", what, stored, err)
		}
		sd, err := f.Descriptor(t.Context(), n)
		if err != nil || len(sd.DACL.ACEs) < 3 {
			t.Errorf("after %s changed: shown %+v, %v", what, sd, err)
		}
	}
	// Writing changes nothing.
	if err := f.SetDescriptor(t.Context(), n, sdOf(t, "O:U1G:G1D:(A;;FA;;;U1)")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte("longer"), 0o600); err != nil {
		t.Fatal(err)
	}
	if stored, err := f.StoredDescriptor(t.Context(), n); err != nil || stored == nil {
		t.Errorf("after the file was written: stored %v, %v", stored, err)
	}
}

func TestADescriptorThatCannotBeUnderstoodGrantsNothing(t *testing.T) {
	f, _, root := serveHere(t)
	n, opened := create(t, f, root, "file")
	defer n.Close()
	opened.Close()
	at := n.(*node).place()
	if !f.side.near.stores(at.id.Volume) {
		t.Skip("the file system of temporary files has no extended attributes for users: set TMPDIR")
	}
	for what, blob := range map[string][]byte{
		"nothing": {}, "rubbish": []byte("rubbish"), "a later version": {5, 0, 5, 0}, "too long": make([]byte, 60<<10),
	} {
		if err := f.side.near.set(at, f.ntACLName(), blob); err == errCannotStore {
			continue // ext4 has no room for the last
		} else if err != nil {
			t.Fatal(err)
		}
		sd, err := f.StoredDescriptor(t.Context(), n)
		if err != nil || sd == nil || sd.DACL == nil || len(sd.DACL.ACEs) != 0 || sd.Owner.IsZero() {
			t.Errorf("%s: %+v, %v; want an owner and an empty list", what, sd, err)
		}
		if a, err := n.Attr(t.Context()); err != nil || !a.HasDescriptor {
			t.Errorf("%s: HasDescriptor %v, %v; want true", what, a.HasDescriptor, err)
		}
	}
}

// TestADescriptorCountsWhileTheKernelIsTold looks at what is stored between the
// steps of a change: at what a crash there would leave.
func TestADescriptorCountsWhileTheKernelIsTold(t *testing.T) {
	f, path, root := serveTwins(t)
	n, file, err := f.Create(t.Context(), &vfs.Cred{UID: 1, GID: 1}, root, "file", false)
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	file.Close()
	at := n.(*node).place()
	sd := sdOf(t, "O:U1G:G1D:(A;;FR;;;U2)")
	if err := f.storeNTACL(at, &ntACL{version: 3, sd: *sd}); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if stored, err := f.StoredDescriptor(t.Context(), n); err != nil || stored == nil {
			t.Errorf("stored %v, %v; want what was stored first", stored, err)
		}
		if err := os.Chmod(filepath.Join(path, "file"), 0o400); err != nil {
			t.Fatal(err)
		}
	}
}

func TestBitsThatMakeAProgramRunAsItsOwnerDoNotOutliveHim(t *testing.T) {
	f, path, root := serveTwins(t)
	n, _, err := f.Create(t.Context(), &vfs.Cred{UID: 1, GID: 1}, root, "dir", true)
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	name := filepath.Join(path, "dir")
	if err := unix.Chmod(name, 0o3755); err != nil {
		t.Fatal(err)
	}
	if err := f.SetDescriptor(t.Context(), n, sdOf(t, "O:U1G:G1D:(A;;FA;;;U1)")); err != nil {
		t.Fatal(err)
	}
	var st unix.Stat_t
	if err := unix.Stat(name, &st); err != nil || st.Mode&0o7777 != 0o3700 {
		t.Errorf("mode %o, %v; want sticky, the group passed on, and the owner's rights", st.Mode&0o7777, err)
	}
	file, opened := func() (vfs.Node, vfs.File) {
		n, file, err := f.Create(t.Context(), &vfs.Cred{UID: 1, GID: 1}, root, "suid", false)
		if err != nil {
			t.Fatal(err)
		}
		return n, file
	}()
	defer file.Close()
	opened.Close()
	if err := unix.Chmod(filepath.Join(path, "suid"), 0o6755); err != nil {
		t.Fatal(err)
	}
	if err := f.SetDescriptor(t.Context(), file, sdOf(t, "O:U2G:G1D:(A;;FA;;;WD)")); err != nil {
		t.Fatal(err)
	}
	if err := unix.Stat(filepath.Join(path, "suid"), &st); err != nil || st.Mode&0o7777 != 0o777 || st.Uid != 2 {
		t.Errorf("mode %o of %d, %v; want no program that runs as its new owner", st.Mode&0o7777, st.Uid, err)
	}
}

func TestDescriptorsAreRemembered(t *testing.T) {
	var c descriptorCache
	blob := []byte("blob")
	sd := new(dtyp.SecurityDescriptor)
	st := &unix.Statx_t{Ctime: unix.StatxTimestamp{Sec: 1}}
	for i := range 3 * maxCachedDescriptors {
		id := vfs.FileID{File: uint64(i)}
		c.put(id, st, timeOf(st.Ctime).Add(1<<40), blob, sd)
	}
	if n := len(c.now) + len(c.old); n > 2*maxCachedDescriptors {
		t.Errorf("%d are remembered", n)
	}
	last := vfs.FileID{File: 3*maxCachedDescriptors - 1}
	if got, ok := c.get(last, st, blob); got != sd || !ok {
		t.Errorf("the last one: %v, %v", got, ok)
	}
	for what, ask := range map[string]func() bool{
		"another value": func() bool { _, ok := c.get(last, st, []byte("other")); return ok },
		"another time":  func() bool { _, ok := c.get(last, &unix.Statx_t{}, blob); return ok },
		"another file":  func() bool { _, ok := c.get(vfs.FileID{}, st, blob); return ok },
	} {
		if ask() {
			t.Errorf("%s is taken for what is remembered", what)
		}
	}
	fresh := vfs.FileID{File: 1 << 40}
	c.put(fresh, st, timeOf(st.Ctime), blob, sd)
	c.put(vfs.FileID{File: 1 << 41}, st, timeOf(st.Ctime).Add(1<<40), slices.Repeat(blob, maxCachedNTACL), sd)
	for _, id := range []uint64{1 << 40, 1 << 41} {
		if _, ok := c.get(vfs.FileID{File: id}, st, blob); ok {
			t.Errorf("%#x is remembered: it had just changed, or is long", id)
		}
	}
}
