package localfs_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/vfs"
)

// unixStat is what os.FileInfo.Sys gives.
type unixStat = syscall.Stat_t

func asRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root can act as someone else, and a test cannot become root: run it as root too")
	}
}

func asUser(t *testing.T) {
	t.Helper()
	if os.Geteuid() == 0 {
		t.Skip("root is never only itself: run it as another user too")
	}
}

// tryAll does every path operation as who and returns its error by name.
func tryAll(t *testing.T, f *folder, who *vfs.Cred) map[string]error {
	t.Helper()
	ctx := t.Context()
	root := rootOf(t, f)
	errs := map[string]error{}
	n, _, err := f.Lookup(ctx, who, root, "file")
	errs["Lookup"] = err
	if err == nil {
		defer n.Close()
	}
	c, file, err := f.Create(ctx, who, root, "new", false)
	errs["Create"] = err
	if err == nil {
		defer c.Close()
		defer file.Close()
		errs["Rename"] = f.Rename(ctx, who, root, "new", root, "moved", false)
		errs["Remove"] = f.Remove(ctx, who, root, "moved", c)
	} else {
		errs["Rename"] = f.Rename(ctx, who, root, "file", root, "moved", false)
		errs["Remove"] = f.Remove(ctx, who, root, "file", root)
	}
	if n == nil {
		n = root
	}
	file, err = f.Open(ctx, who, n, vfs.ModeRead)
	if n != root {
		errs["Open"] = err
	}
	if err == nil {
		defer file.Close()
	}
	_, errs["Access"] = f.Access(ctx, who, root, n)
	d, err := f.OpenDir(ctx, who, root)
	errs["OpenDir"] = err
	if err == nil {
		defer d.Close()
	}
	attr, err := n.Attr(ctx)
	if err != nil {
		t.Fatal(err)
	}
	errs["SetAttr"] = f.SetAttr(ctx, who, n, vfs.SetAttr{LastAccessTime: &attr.LastAccessTime})
	return errs
}

func TestNothingIsServedAsRoot(t *testing.T) {
	asRoot(t)
	f := open(t, t.TempDir())
	writeFile(t, "x", 0o666, f.path, "file")
	for name, who := range map[string]*vfs.Cred{
		"nobody named":     nil,
		"root":             {UID: 0, GID: 0},
		"root, some group": {UID: 0, GID: 65534},
		"user -1":          {UID: 1<<32 - 1, GID: 65534},
		"group -1":         {UID: 65534, GID: 1<<32 - 1},
	} {
		for what, err := range tryAll(t, f, who) {
			if !errors.Is(err, fs.ErrPermission) {
				t.Errorf("%s as %s: %v, want %v", what, name, err, fs.ErrPermission)
			}
		}
	}
}

func TestUserServesAsItselfOnly(t *testing.T) {
	asUser(t)
	f := open(t, t.TempDir())
	writeFile(t, "x", 0o666, f.path, "file")
	uid, gid := uint32(os.Geteuid()), uint32(os.Getegid())
	for _, who := range []*vfs.Cred{nil, {UID: uid, GID: gid}} {
		for what, err := range tryAll(t, f, who) {
			if err != nil {
				t.Errorf("%s as %+v: %v, want success", what, who, err)
			}
		}
	}
	for _, who := range []*vfs.Cred{{UID: 0}, {UID: uid + 1, GID: gid}, {UID: uid, GID: gid + 1}} {
		for what, err := range tryAll(t, f, who) {
			if !errors.Is(err, fs.ErrPermission) {
				t.Errorf("%s as %+v: %v, want %v", what, who, err, fs.ErrPermission)
			}
		}
	}
}

func TestRootServesWhatTheCallerMayAndNoMore(t *testing.T) {
	asRoot(t)
	f := serve(t)
	root := rootOf(t, f)
	const group = 4711
	writeFile(t, "private", 0o600, f.path, "private")
	shared := writeFile(t, "shared", 0o640, f.path, "shared")
	if err := os.Chown(shared, 0, group); err != nil {
		t.Fatal(err)
	}
	closed := mkdir(t, 0o700, f.path, "closed")
	writeFile(t, "x", 0o666, closed, "inner")

	member := &vfs.Cred{UID: nobody.UID, GID: nobody.GID, Groups: []uint32{1, group, 2}}
	for _, row := range []struct {
		who  *vfs.Cred
		name string
		mode vfs.Mode
		want error
	}{
		{nobody, "private", vfs.ModeRead, fs.ErrPermission},
		{nobody, "private", vfs.ModeWrite, fs.ErrPermission},
		{nobody, "shared", vfs.ModeRead, fs.ErrPermission},
		{member, "shared", vfs.ModeRead, nil},
		{member, "shared", vfs.ModeRead | vfs.ModeWrite, fs.ErrPermission},
		{nobody, "shared", vfs.ModeRead, fs.ErrPermission}, // no groups left over
	} {
		file, err := f.Open(t.Context(), row.who, lookup(t, f, root, row.name), row.mode)
		if !errors.Is(err, row.want) {
			t.Errorf("Open(%s, mode %d) as %+v: %v, want %v", row.name, row.mode, row.who, err, row.want)
		}
		if err == nil {
			file.Close()
		}
	}
	rights, err := f.Access(t.Context(), nobody, root, lookup(t, f, root, "private"))
	if want := dtyp.FileReadAttributes | dtyp.ReadControl | dtyp.Synchronize | dtyp.Delete; err != nil || rights != want {
		t.Errorf("Access to a private file = %#x, %v, want %#x", rights, err, want)
	}
	dir := lookup(t, f, root, "closed")
	if _, _, err := f.Lookup(t.Context(), nobody, dir, "inner"); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("Lookup in a closed directory: %v, want %v", err, fs.ErrPermission)
	}
	if _, _, err := f.Lookup(t.Context(), nobody, dir, "INNER"); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("Lookup in another case in a closed directory: %v, want %v", err, fs.ErrPermission)
	}
	if _, err := f.OpenDir(t.Context(), nobody, dir); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("OpenDir of a closed directory: %v, want %v", err, fs.ErrPermission)
	}
	if _, _, err := f.Create(t.Context(), nobody, dir, "new", false); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("Create in a closed directory: %v, want %v", err, fs.ErrPermission)
	}
}

func TestWhatIsCreatedBelongsToTheCaller(t *testing.T) {
	asRoot(t)
	f := serve(t)
	if err := os.Chmod(f.path, 0o777); err != nil {
		t.Fatal(err)
	}
	root := rootOf(t, f)
	for _, who := range []*vfs.Cred{nobody, {UID: 1234, GID: 5678, Groups: []uint32{9}}} {
		for _, directory := range []bool{false, true} {
			name := fmt.Sprintf("%d %v", who.UID, directory)
			n, file, err := f.Create(t.Context(), who, root, name, directory)
			if err != nil {
				t.Errorf("Create(%q): %v", name, err)
				continue
			}
			n.Close()
			if file != nil {
				file.Close()
			}
			info, err := os.Stat(filepath.Join(f.path, name))
			if err != nil {
				t.Fatal(err)
			}
			if s := info.Sys().(*unixStat); s.Uid != who.UID || s.Gid != who.GID {
				t.Errorf("%q belongs to %d:%d, want %d:%d", name, s.Uid, s.Gid, who.UID, who.GID)
			}
		}
	}
}

func TestStickyDirectoryKeepsOthersFromRemoving(t *testing.T) {
	asRoot(t)
	f := open(t, t.TempDir())
	if err := os.Chmod(f.path, 0o777|os.ModeSticky); err != nil {
		t.Fatal(err)
	}
	root := rootOf(t, f)
	mine, other := &vfs.Cred{UID: 1001, GID: 1001}, &vfs.Cred{UID: 1002, GID: 1002}
	n, file, err := f.Create(t.Context(), mine, root, "file", false)
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	defer file.Close()
	for _, row := range []struct {
		who  *vfs.Cred
		may  bool
		want error
	}{{other, false, fs.ErrPermission}, {mine, true, nil}} {
		rights, err := f.Access(t.Context(), row.who, root, n)
		if err != nil || rights.Has(dtyp.Delete) != row.may {
			t.Errorf("Access as %d = %#x, %v, want Delete %v", row.who.UID, rights, err, row.may)
		}
		if err := f.Remove(t.Context(), row.who, root, "file", n); !errors.Is(err, row.want) {
			t.Errorf("Remove as %d: %v, want %v", row.who.UID, err, row.want)
		}
	}
}

func TestDirectoryThatCannotBeListedFindsExactNamesOnly(t *testing.T) {
	f := serve(t)
	root := rootOf(t, f)
	dir := mkdir(t, 0o755, f.path, "dir")
	writeFile(t, "x", 0o666, dir, "File")
	if os.Geteuid() == 0 {
		if err := os.Chmod(dir, 0o711); err != nil { // root's: nobody may only search it
			t.Fatal(err)
		}
	} else {
		if err := os.Chmod(dir, 0o111); err != nil {
			t.Fatal(err)
		}
		defer os.Chmod(dir, 0o755)
	}
	n := lookup(t, f, root, "dir")
	lookup(t, f, n, "File")
	if _, _, err := f.Lookup(t.Context(), nil, n, "FILE"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Lookup in another case: %v, want %v", err, fs.ErrNotExist)
	}
}

// identities returns what the kernel says of each thread: users, groups and
// capabilities.
func identities(t *testing.T) []string {
	t.Helper()
	tasks, err := filepath.Glob("/proc/self/task/*/status")
	if err != nil || len(tasks) == 0 {
		t.Fatalf("no threads: %v", err)
	}
	var all []string
	for _, task := range tasks {
		status, err := os.ReadFile(task)
		if err != nil {
			continue // the thread ended
		}
		var b strings.Builder
		for line := range strings.Lines(string(status)) {
			switch key, _, _ := strings.Cut(line, ":"); key {
			case "Uid", "Gid", "Groups", "CapEff", "CapPrm":
				b.WriteString(line)
			}
		}
		all = append(all, b.String())
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func TestThreadsHaveTheirOwnIdentityBackAfterwards(t *testing.T) {
	asRoot(t)
	before := identities(t)
	if len(before) != 1 {
		t.Fatalf("threads differ before the test: %q", before)
	}
	f := serve(t)
	if err := os.Chmod(f.path, 0o777); err != nil {
		t.Fatal(err)
	}
	root := rootOf(t, f)
	writeFile(t, "x", 0o666, f.path, "Shared")
	var wg sync.WaitGroup
	for w := range 16 {
		wg.Go(func() {
			who := &vfs.Cred{UID: uint32(2000 + w), GID: uint32(3000 + w), Groups: []uint32{uint32(4000 + w)}}
			for i := range 100 {
				name := fmt.Sprintf("%d-%d", w, i)
				n, file, err := f.Create(t.Context(), who, root, name, false)
				if err != nil {
					t.Errorf("Create(%q): %v", name, err)
					return
				}
				file.Close()
				n.Close()
				info, err := os.Stat(filepath.Join(f.path, name)) // as root
				if err != nil {
					t.Errorf("Stat: %v", err)
					return
				}
				if s := info.Sys().(*unixStat); s.Uid != who.UID || s.Gid != who.GID {
					t.Errorf("%q belongs to %d:%d, want %d:%d", name, s.Uid, s.Gid, who.UID, who.GID)
				}
				if shared, _, err := f.Lookup(t.Context(), who, root, "SHARED"); err != nil {
					t.Errorf("Lookup: %v", err)
				} else {
					shared.Close()
				}
			}
		})
	}
	wg.Wait()
	if after := identities(t); !slices.Equal(after, before) {
		t.Errorf("threads afterwards:\n%s\nwant as before:\n%s", strings.Join(after, "---\n"), before[0])
	}
}
