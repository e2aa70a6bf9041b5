package localfs

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sys/unix"

	"github.com/signet-smb/signet/vfs"
)

// serveHere serves a new folder to its owner, or to nobody if that is root.
func serveHere(t *testing.T) (*FS, string, *node) {
	t.Helper()
	path := t.TempDir()
	f, root := serveFolder(t, path)
	return f, path, root
}

// serveFolder is serveHere for a folder that exists.
func serveFolder(t *testing.T, path string) (*FS, *node) {
	t.Helper()
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if os.Geteuid() == 0 {
		f.As = &vfs.Cred{UID: 65534, GID: 65534}
		if err := os.Chown(path, 65534, 65534); err != nil {
			t.Fatal(err)
		}
	}
	root, err := f.Root(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if !root.(*node).closed.Load() {
			root.Close()
		}
		if err := f.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return f, root.(*node)
}

func create(t *testing.T, f *FS, dir vfs.Node, name string) (vfs.Node, *file) {
	t.Helper()
	n, made, err := f.Create(t.Context(), nil, dir, name, false)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { n.Close() })
	return n, made.(*file)
}

func TestSyncOfAFileStaysFailedForEver(t *testing.T) {
	f, _, root := serveHere(t)
	n, first := create(t, f, root, "file")
	opened, err := f.Open(t.Context(), nil, n, vfs.ModeRead|vfs.ModeWrite)
	if err != nil {
		t.Fatal(err)
	}
	// A real error of a real fdatasync, as far as one can be had: of no file.
	if err := f.sync(first.durability, -1); err != unix.EBADF {
		t.Fatalf("sync of a bad descriptor: %v, want %v", err, unix.EBADF)
	}
	for _, file := range []vfs.File{first, opened, first} {
		if err := file.Sync(t.Context()); err != unix.EBADF {
			t.Errorf("Sync after a failed one: %v, want %v again", err, unix.EBADF)
		}
	}
	first.Close()
	if err := opened.Sync(t.Context()); err != unix.EBADF {
		t.Errorf("Sync through the other File: %v, want %v", err, unix.EBADF)
	}
	opened.Close()
	again, err := f.Open(t.Context(), nil, n, vfs.ModeRead)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if err := again.Sync(t.Context()); err != unix.EBADF {
		t.Errorf("Sync after all had closed it: %v, want %v", err, unix.EBADF)
	}
	if _, other := create(t, f, root, "other"); other.Sync(t.Context()) != nil {
		t.Error("Sync of another file fails as well")
	}
}

func TestFirstSyncOfANewEntrySyncsItsDirectory(t *testing.T) {
	f, _, root := serveHere(t)
	sub, _, err := f.Create(t.Context(), nil, root, "sub", true)
	if err != nil {
		t.Fatal(err)
	}
	defer sub.Close()
	_, file := create(t, f, root, "file")
	defer file.Close()
	owed := func(want *handle, when string) {
		t.Helper()
		if got := file.durability.parent; got != want {
			t.Errorf("%s: directory to sync = %v, want %v", when, got, want)
		}
	}
	owed(root.handle, "after Create")
	if err := file.Sync(t.Context()); err != nil {
		t.Fatal(err)
	}
	owed(nil, "after Sync")
	if err := f.Rename(t.Context(), nil, root, "file", sub, "file", false); err != nil {
		t.Fatal(err)
	}
	owed(sub.(*node).handle, "after Rename")
	if err := file.Sync(t.Context()); err != nil {
		t.Fatal(err)
	}
	owed(nil, "after the second Sync")
}

func TestSyncInADirectoryThatCannotBeRead(t *testing.T) {
	f, path, root := serveHere(t)
	_, file := create(t, f, root, "file")
	defer file.Close()
	if err := os.Chmod(path, 0o333); err != nil {
		t.Fatal(err)
	}
	defer os.Chmod(path, 0o755)
	if err := file.Sync(t.Context()); err != nil {
		t.Errorf("Sync: %v, want success", err)
	}
}

func TestCacheOfNamesKeepsItsLimit(t *testing.T) {
	f, path, root := serveHere(t)
	f.names.limit = 150
	for d := range 10 {
		dir := filepath.Join(path, fmt.Sprintf("Dir %d", d))
		if err := errors.Join(os.Mkdir(dir, 0o777), os.Chmod(dir, 0o777)); err != nil { // whatever the umask
			t.Fatal(err)
		}
		for i := range 5 * d * d { // up to 405: more than the limit alone
			if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("File %d", i)), nil, 0o666); err != nil {
				t.Fatal(err)
			}
		}
	}
	for range 2 {
		for d := range 10 {
			dir, _, err := f.Lookup(t.Context(), nil, root, fmt.Sprintf("DIR %d", d))
			if err != nil {
				t.Fatal(err)
			}
			name := fmt.Sprintf("FILE %d", 5*d*d-1)
			n, stored, err := f.Lookup(t.Context(), nil, dir, name)
			if d > 0 && (err != nil || !strings.EqualFold(stored, name)) {
				t.Errorf("Lookup(%q) = %q, %v", name, stored, err)
			}
			if err == nil {
				n.Close()
			}
			if _, _, err := f.Lookup(t.Context(), nil, dir, "missing"); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("Lookup(missing): %v, want %v", err, fs.ErrNotExist)
			}
			dir.Close()
			c := &f.names
			sum := 0
			for _, e := range c.byID {
				sum += e.counted
			}
			if c.total > c.limit || c.total != sum || c.order.Len() != len(c.byID) {
				t.Fatalf("total %d of %d entries, %d in order, sum %d, want at most %d", c.total, len(c.byID), c.order.Len(), sum, c.limit)
			}
		}
	}
}

// A create that did not note itself, because its directory was not known when
// it began, made its file invisible in other cases.
func TestChangesKeepOthersOffADirectoryNotKnownYet(t *testing.T) {
	f, _, root := serveHere(t)
	f.names.limit = 100
	err := f.names.change(root, func(*dirNames) {}, func() error {
		for i := range uint64(100) { // enough to have everything unused thrown out
			f.names.release(f.names.acquire(vfs.FileID{File: i}))
		}
		e := f.names.byID[root.id]
		if e == nil {
			t.Fatal("the directory is not in the cache while it is changed")
		}
		if e.mu.TryLock() {
			e.mu.Unlock()
			t.Error("the directory is not locked while it is changed")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if f.names.total > f.names.limit {
		t.Errorf("total = %d, want at most %d", f.names.total, f.names.limit)
	}
}

func TestNamesOfADirectoryThatJustChangedAreNotBelieved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // no time passes meanwhile
		fine := stamp{ctime: unix.StatxTimestamp{Sec: 1e9, Nsec: 1}}
		whole := stamp{ctime: unix.StatxTimestamp{Sec: 1e9}}
		other := stamp{ctime: unix.StatxTimestamp{Sec: 1e9, Nsec: 2}}
		now := time.Now()
		for _, row := range []struct {
			name  string
			e     *dirNames
			stamp stamp
			want  bool
		}{
			{"at rest", &dirNames{stamp: fine, trust: trusted}, fine, true},
			{"changed", &dirNames{stamp: fine, trust: trusted}, other, false},
			{"changed just before it was read", &dirNames{stamp: fine, trust: untrusted, seen: now, read: now, cost: time.Hour}, fine, false},
			{"changed by us", &dirNames{stamp: fine, trust: provisional, seen: now}, fine, true},
			{"changed by us a while ago", &dirNames{stamp: fine, trust: provisional, seen: now.Add(-time.Second), read: now.Add(-time.Second)}, fine, false},
			{"changed by us a while ago, and slow to read", &dirNames{stamp: fine, trust: provisional, seen: now.Add(-time.Second), read: now.Add(-time.Second), cost: time.Second}, fine, true},
			{"changed by us, in whole seconds", &dirNames{stamp: whole, trust: provisional, seen: now.Add(-time.Second)}, whole, true},
		} {
			row.e.names = map[string]string{}
			if got := row.e.holds(row.stamp); got != row.want {
				t.Errorf("%s: holds = %v, want %v", row.name, got, row.want)
			}
		}
	})
}

func TestReadingADirectoryAtOnceProvesNothing(t *testing.T) {
	f, _, root := serveHere(t)
	// A time of change in the future is as good as now: nobody can wait for it.
	e := &dirNames{id: root.id}
	now, err := stampOf(root)
	if err != nil {
		t.Fatal(err)
	}
	now.ctime.Sec += 3600
	now.ctime.Nsec = 1
	if err := e.scan(f, root, now); err != nil {
		t.Fatal(err)
	}
	if e.trust != untrusted {
		t.Errorf("trust after the first reading = %v, want %v", e.trust, untrusted)
	}
	e.seen = e.seen.Add(-time.Second)
	if err := e.scan(f, root, now); err != nil {
		t.Fatal(err)
	}
	if e.trust != trusted {
		t.Errorf("trust after a second with the same time = %v, want %v", e.trust, trusted)
	}
}

func TestTwinsAreFoundInOrderAndForgottenTogether(t *testing.T) {
	e := &dirNames{names: map[string]string{}, twins: map[string]bool{}}
	for _, name := range []string{"foo", "Foo", "bar"} {
		e.add(name)
	}
	if got := e.names["FOO"]; got != "Foo" {
		t.Errorf("names[FOO] = %q, want the first by bytes, Foo", got)
	}
	e.remove("bar")
	if _, ok := e.names["BAR"]; ok {
		t.Error("bar is known after its removal")
	}
	e.remove("Foo")
	if e.names != nil {
		t.Errorf("names = %v after one of two twins went, want all forgotten", e.names)
	}
	e.add("new") // as the second half of a rename
	if e.names != nil {
		t.Errorf("names = %v, want none: the others are not known", e.names)
	}
}

func TestPanicInAnOperationGivesTheIdentityBack(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root takes on other identities, and a test cannot become root: run it as root too")
	}
	f, _, _ := serveHere(t)
	runtime.LockOSThread() // to look at the thread that was used
	defer runtime.UnlockOSThread()
	func() {
		defer func() {
			if r := recover(); r != "bug" {
				t.Errorf("recovered %v, want bug", r)
			}
		}()
		f.do(nil, func() error {
			if !isCurrent(&actor{uid: 65534, gid: 65534}) {
				t.Error("the operation does not run as nobody")
			}
			panic("bug")
		})
	}()
	if !isCurrent(&f.process) {
		t.Error("the thread is still someone else")
	}
}

func TestVolumeWithoutExtendedAttributesIsAskedOnce(t *testing.T) {
	fd, err := unix.Open("/proc/self", unix.O_PATH|unix.O_CLOEXEC, 0) // a file system that has none
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	x := new(xattrs)
	at := place{id: vfs.FileID{Volume: 42}, fd: fd}
	if !x.stores(42) {
		t.Error("a volume that nobody asked stores nothing")
	}
	if _, err := x.get(at, dosAttribName, nil); err != errNoSideData {
		t.Errorf("get: %v, want %v", err, errNoSideData)
	}
	if x.stores(42) {
		t.Error("a volume without extended attributes stores some")
	}
	if err := x.set(at, dosAttribName, []byte("x")); err != errCannotStore {
		t.Errorf("set: %v, want %v", err, errCannotStore)
	}
}

func TestWhatIsKnownOfAttributesIsBounded(t *testing.T) {
	var c attribCache
	st := &unix.Statx_t{Ctime: unix.StatxTimestamp{Sec: 1e9, Nsec: 1}}
	now := time.Now()
	for i := range uint64(3 * maxCachedAttribs) {
		c.put(vfs.FileID{File: i}, st, now, summary{eaSize: uint32(i)})
		if _, ok := c.get(vfs.FileID{File: 0}, st); !ok {
			t.Fatalf("after %d others, what is asked for all the time was forgotten", i)
		}
	}
	if n := len(c.now) + len(c.old); n > 2*maxCachedAttribs {
		t.Errorf("%d files are known, want at most %d", n, 2*maxCachedAttribs)
	}
	if _, ok := c.get(vfs.FileID{File: 1}, st); ok {
		t.Error("what nobody asked for is known still")
	}
}

func TestAttributesOfAFileThatJustChangedAreNotBelieved(t *testing.T) {
	var c attribCache
	now := time.Now()
	id := vfs.FileID{File: 1}
	at := func(age time.Duration) *unix.Statx_t {
		changed := now.Add(-age)
		return &unix.Statx_t{Ctime: unix.StatxTimestamp{Sec: changed.Unix(), Nsec: uint32(changed.Nanosecond())}}
	}
	for _, age := range []time.Duration{-time.Hour, 0, 19 * time.Millisecond} {
		c.put(id, at(age), now, summary{})
		if _, ok := c.get(id, at(age)); ok {
			t.Errorf("a file that changed %v ago is known", age)
		}
	}
	c.put(id, at(time.Second), now, summary{})
	if _, ok := c.get(id, at(time.Second)); !ok {
		t.Error("a file that changed a second ago is not known")
	}
	if _, ok := c.get(id, at(0)); ok {
		t.Error("a file is known that changed since")
	}
}
