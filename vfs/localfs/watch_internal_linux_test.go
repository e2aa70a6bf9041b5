package localfs

import (
	"errors"
	"os/exec"
	"testing"
	"time"

	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/vfs"
)

// othersDo lets another process run a shell script in dir.
func othersDo(t *testing.T, dir, script string) {
	t.Helper()
	cmd := exec.Command("sh", "-ec", script)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", script, err, out)
	}
}

// watchTree watches a folder in which setup has run, as a tree, with at most
// limit directories.
func watchTree(t *testing.T, setup string, limit int) (f *FS, dir string, v vfs.Watch, told chan vfs.Change) {
	t.Helper()
	dir = t.TempDir()
	othersDo(t, dir, setup)
	f, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	f.watching.limit = limit
	root, err := f.Root(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { root.Close() })
	told = make(chan vfs.Change, 1<<17)
	v, err = f.Watch(t.Context(), root, true, func(changes []vfs.Change) {
		for _, c := range changes {
			told <- c
		}
	})
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skipf("this system does not let us see what other programs change: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { v.Close() })
	return f, dir, v, told
}

// next returns what is told next.
func next(t *testing.T, told chan vfs.Change) vfs.Change {
	t.Helper()
	select {
	case c := <-told:
		return c
	case <-time.After(30 * time.Second):
		t.Fatal("nothing is told")
		return vfs.Change{}
	}
}

func TestATreeOfTooManyDirectoriesIsWatchedInPartAndSaysSo(t *testing.T) {
	f, dir, v, told := watchTree(t, "mkdir a b c d e", 3)
	if c := next(t, told); c.Action != 0 {
		t.Errorf("told of %+v, want that something is missing", c)
	}
	if err := v.Blind(); !errors.Is(err, errTooManyWatched) {
		t.Errorf("Blind = %v, want %v", err, errTooManyWatched)
	}
	f.watching.mu.Lock()
	if n := len(f.watching.dirs); n != 3 {
		t.Errorf("%d directories are watched, want 3", n)
	}
	f.watching.mu.Unlock()
	othersDo(t, dir, "mkdir g")
	if c := next(t, told); c.Action != fscc.NotifyAdded || c.Path != "g" {
		t.Errorf("told of %+v, want that g was added", c)
	}
}

func TestATreeThatGrowsTooLargeSaysSo(t *testing.T) {
	_, dir, v, told := watchTree(t, ":", 3)
	othersDo(t, dir, "mkdir a b c d")
	missed := 0
	for names := 0; names < 4; {
		if next(t, told).Action == 0 {
			missed++
		} else {
			names++
		}
	}
	if err := v.Blind(); missed != 1 || !errors.Is(err, errTooManyWatched) {
		t.Errorf("told %d times that something is missing, Blind = %v", missed, err)
	}
}

// The kernel keeps 16,384 events for who does not read them, if nobody has set
// another limit.
func TestEventsThatTheKernelLosesAreToldAsMissing(t *testing.T) {
	f, dir, v, told := watchTree(t, "mkdir d", 100)
	f.watching.mu.Lock() // the reader comes not further than one read
	othersDo(t, dir, "n=$(($(cat /proc/sys/fs/fanotify/max_queued_events) + 4000)); seq $n | xargs touch; mkdir -p new/below")
	f.watching.mu.Unlock()
	for next(t, told).Action != 0 {
	}
	othersDo(t, dir, ": > new/below/f")
	for c := next(t, told); c.Path != `new\below\f`; c = next(t, told) {
	}
	if err := v.Blind(); err != nil {
		t.Errorf("Blind = %v afterwards, want nil", err)
	}
}

func TestDirectoriesThatNobodyWatchesAreForgotten(t *testing.T) {
	f, dir, _, told := watchTree(t, "mkdir -p a/b c", 100)
	known := func() int {
		f.watching.mu.Lock()
		defer f.watching.mu.Unlock()
		return len(f.watching.dirs)
	}
	if n := known(); n != 4 {
		t.Errorf("%d directories are watched, want 4", n)
	}
	othersDo(t, dir, "mv a ../left; rmdir c; : > end")
	for next(t, told).Path != "end" {
	}
	if n := known(); n != 1 {
		t.Errorf("%d directories are watched after three are gone, want 1", n)
	}
}
