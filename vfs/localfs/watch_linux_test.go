package localfs_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/vfs"
)

// watcher collects what a folder is told of.
type watcher struct {
	*folder
	t     *testing.T
	root  vfs.Node
	watch vfs.Watch
	told  chan []vfs.Change
}

// watched watches the root of a new folder in which setup, a shell script, has
// run. It skips the test where the system permits no fanotify.
func watched(t *testing.T, setup string, tree bool) *watcher {
	t.Helper()
	w := &watcher{folder: serve(t), t: t, told: make(chan []vfs.Change, 1<<16)}
	w.others(setup)
	root, err := w.Root(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	w.root = root
	t.Cleanup(func() { root.Close() })
	w.watch, err = w.Watch(t.Context(), root, tree, func(changes []vfs.Change) { w.told <- changes })
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skipf("this system does not let us see what other programs change: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.watch.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return w
}

// others lets another process run a shell script in the folder.
func (w *watcher) others(script string) {
	w.t.Helper()
	cmd := exec.Command("sh", "-ec", script)
	cmd.Dir = w.path
	if out, err := cmd.CombinedOutput(); err != nil {
		w.t.Fatalf("%s: %v\n%s", script, err, out)
	}
}

// expect wants to be told of exactly these changes next, in order: each an
// action and a path.
func (w *watcher) expect(want ...string) {
	w.t.Helper()
	deadline := time.After(30 * time.Second)
	var got []string
	for len(got) < len(want) {
		select {
		case changes := <-w.told:
			for _, c := range changes {
				got = append(got, fmt.Sprintf("%s %s", actionNames[c.Action], c.Path))
			}
		case <-deadline:
			w.t.Fatalf("told of %q, want %q", got, want)
		}
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		w.t.Fatalf("told of\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}

var actionNames = map[fscc.NotifyAction]string{
	0: "missed", fscc.NotifyAdded: "added", fscc.NotifyRemoved: "removed", fscc.NotifyModified: "modified",
	fscc.NotifyRenamedOldName: "from", fscc.NotifyRenamedNewName: "to",
}

func TestWhatOtherProgramsChangeIsTold(t *testing.T) {
	w := watched(t, "mkdir d; echo x > d/below", false)
	w.others("mkdir new")
	w.expect("added new")
	w.others("echo x > f")
	w.expect("added f", "modified f")
	w.others("echo y >> f")
	w.expect("modified f")
	w.others("chmod 600 f")
	w.expect("modified f")
	w.others("mv f g")
	w.expect("from f", "to g")
	w.others("mv g new/g")
	w.expect("removed g")
	w.others("mv new/g h")
	w.expect("added h")
	w.others("echo z >> d/below; rm h")
	w.expect("removed h")
	w.others(": > 'a:b '")
	w.expect("added a\uF022b\uF028")
	if err := w.watch.Blind(); err != nil {
		t.Errorf("Blind = %v, want nil", err)
	}
}

func TestATreeIsWatchedWithWhatComesIntoIt(t *testing.T) {
	w := watched(t, "mkdir -p a/b c leaving", true)
	w.others(": > a/b/f")
	w.expect(`added a\b\f`)
	w.others("mv a/b c/e")
	w.expect(`removed a\b`, `added c\e`)
	w.others(": > c/e/g")
	w.expect(`added c\e\g`)
	w.others("mv c c2; : > c2/e/h")
	w.expect(`from c`, `to c2`, `added c2\e\h`)
	w.others("mv leaving ../left; : > ../left/f; rm -r ../left; : > end")
	w.expect("removed leaving", "added end")
}

// What is made together with a directory may be there before the directory is
// looked at: it is told all the same, and once.
func TestWhatIsMadeTogetherWithADirectoryIsToldOnce(t *testing.T) {
	w := watched(t, "", true)
	const many = 50
	w.others(fmt.Sprintf("mkdir -p n/m; i=0; while [ $i -lt %d ]; do : > n/m/$i; i=$((i+1)); done; : > end", many))
	counts := make(map[string]int)
	deadline := time.After(30 * time.Second)
	for counts["end"] == 0 || len(counts) < many+3 {
		select {
		case changes := <-w.told:
			for _, c := range changes {
				if c.Action == fscc.NotifyAdded {
					counts[c.Path]++
				}
			}
		case <-deadline:
			t.Fatalf("told of %d names: %v", len(counts), counts)
		}
	}
	for path, n := range counts {
		if n != 1 {
			t.Errorf("%s was told %d times, want once", path, n)
		}
	}
}

func TestWhatThisProcessDoesIsNotTold(t *testing.T) {
	w := watched(t, "", true)
	ctx := t.Context()
	n, _, err := w.Create(ctx, nil, w.root, "dir", true)
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	m, file, err := w.Create(ctx, nil, n, "f", false)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	if _, err := file.WriteAt(ctx, []byte("x"), 0); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	hidden := fscc.FileAttributeHidden
	if err := w.SetAttr(ctx, nil, m, vfs.SetAttr{Attributes: &hidden}); err != nil {
		t.Fatal(err)
	}
	if err := w.Rename(ctx, nil, n, "f", n, "g", false); err != nil {
		t.Fatal(err)
	}
	w.others(": > dir/other") // which also shows that our directory is watched
	w.expect(`added dir\other`)
}

func TestARemovedDirectoryEndsItsWatch(t *testing.T) {
	w := watched(t, "mkdir d", false)
	n, _, err := w.Lookup(t.Context(), nil, w.root, "d")
	if err != nil {
		t.Fatal(err)
	}
	told := make(chan []vfs.Change, 10)
	v, err := w.Watch(t.Context(), n, false, func(c []vfs.Change) { told <- c })
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	w.others("rmdir d")
	w.expect("removed d")
	n.Close() // the reference keeps the directory from going
	w.others(": > end")
	w.expect("added end")
}

func TestWhatIsHiddenIsNotTold(t *testing.T) {
	dir := t.TempDir()
	if os.Geteuid() == 0 {
		if err := os.Chown(dir, int(nobody.UID), int(nobody.GID)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "state"), 0o755); err != nil {
		t.Fatal(err)
	}
	f := open(t, dir)
	if err := f.Protect(filepath.Join(dir, "state")); err != nil {
		t.Fatal(err)
	}
	root, err := f.Root(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	w := &watcher{folder: f, t: t, root: root, told: make(chan []vfs.Change, 100)}
	v, err := f.Watch(t.Context(), root, true, func(c []vfs.Change) { w.told <- c })
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skipf("this system does not let us see what other programs change: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	w.others(": > state/secret; chmod 700 state; mkdir .signet-sidedata; : > .signet-sidedata/x; : > end")
	w.expect("added end")
}

func TestEveryWatchIsToldAndClosedByItself(t *testing.T) {
	w := watched(t, "mkdir -p d/e", true)
	n, _, err := w.Lookup(t.Context(), nil, w.root, "d")
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	second := &watcher{folder: w.folder, t: t, told: make(chan []vfs.Change, 100)}
	v, err := w.Watch(t.Context(), n, false, func(c []vfs.Change) { second.told <- c })
	if err != nil {
		t.Fatal(err)
	}
	w.others(": > d/f")
	w.expect(`added d\f`)
	second.expect("added f")
	if err := v.Close(); err != nil {
		t.Fatal(err)
	}
	w.others(": > d/g; : > d/e/h")
	w.expect(`added d\g`, `added d\e\h`)
	if len(second.told) > 0 {
		t.Errorf("told of %v after Close", <-second.told)
	}
}

func TestAWatchOfAnUnknownNodeIsRefused(t *testing.T) {
	f := serve(t)
	root, err := serve(t).Root(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	if v, err := f.Watch(t.Context(), root, false, nil); err == nil {
		v.Close()
		t.Error("a directory of another folder is watched")
	}
}
