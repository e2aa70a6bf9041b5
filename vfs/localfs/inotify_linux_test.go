package localfs

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/vfs"
)

// watchBy watches a folder in which setup has run by the queue that open makes;
// nil: as ever. It skips the test where there is none.
func watchBy(t *testing.T, setup string, tree bool, open func() (changeQueue, error)) (f *FS, dir string, v vfs.Watch, told chan vfs.Change) {
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
	f.watching.open = open
	root, err := f.Root(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { root.Close() })
	told = make(chan vfs.Change, 1<<17)
	v, err = f.Watch(t.Context(), root, tree, func(changes []vfs.Change) {
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

// byInotify makes a queue as if fanotify were not permitted.
func byInotify() (changeQueue, error) { return openInotify() }

// until returns what is told before the name end comes, as text. What is told
// several times counts once, and in no order: how many events the kernel makes
// one of is luck, and their order goes with it.
func until(t *testing.T, told chan vfs.Change, end string) (list []string) {
	t.Helper()
	deadline := time.After(30 * time.Second)
	for {
		select {
		case c := <-told:
			if c.Path == end {
				slices.Sort(list)
				return slices.Compact(list)
			}
			list = append(list, fmt.Sprintf("%v %#x %q", c.Action, c.Filter, c.Path))
		case <-deadline:
			t.Fatalf("told of %q, and not of %q", list, end)
		}
	}
}

// Each kind of event is told by inotify as it is by fanotify.
func TestInotifyTellsWhatFanotifyTells(t *testing.T) {
	const setup = "mkdir -p d/e away; : > f; : > g; : > d/below; : > d/e/deep"
	for _, script := range []string{
		": > new", "mkdir newdir", "echo x >> f", "truncate -s 100 f", "chmod 600 f", "touch -d yesterday f",
		"mv f other", "mv f g", "mv f d/f", "mv d/below up", "rm f", "rmdir away", "ln f link", "ln -s f symlink",
		"mkfifo pipe", "echo x >> d/below", ": > d/e/new", "mv d/e away/e; : > away/e/new", "mv d d2; : > d2/e/new",
		"rm -r d", "mv away ../outside-$$; rm -r ../outside-$$", ": > .signet-hidden",
	} {
		for _, tree := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, tree=%t", script, tree), func(t *testing.T) {
				t.Parallel() // the kernel takes its time to give a queue up
				var lists [2][]string
				for i, open := range []func() (changeQueue, error){nil, byInotify} {
					_, dir, v, told := watchBy(t, setup, tree, open)
					if got := v.(vfs.OwnWatch).TellsOwn(); got != (open != nil) && i == 0 {
						t.Skip("this system permits no fanotify to compare with")
					}
					othersDo(t, dir, script)
					othersDo(t, dir, "mkdir end")
					lists[i] = until(t, told, "end")
					if err := v.Blind(); err != nil {
						t.Errorf("Blind = %v", err)
					}
				}
				if !slices.Equal(lists[0], lists[1]) {
					t.Errorf("inotify: %q\nfanotify: %q", lists[1], lists[0])
				}
			})
		}
	}
}

func TestInotifySaysThatItTellsOfThisProcess(t *testing.T) {
	f, dir, v, told := watchBy(t, "", false, byInotify)
	if !v.(vfs.OwnWatch).TellsOwn() {
		t.Error("TellsOwn = false, want true")
	}
	root, err := f.Root(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	var as *vfs.Cred
	if os.Geteuid() == 0 {
		as = &vfs.Cred{UID: 65534, GID: 65534}
		if err := os.Chown(dir, int(as.UID), int(as.GID)); err != nil {
			t.Fatal(err)
		}
	}
	n, _, err := f.Create(t.Context(), as, root, "dir", true)
	if err != nil {
		t.Fatal(err)
	}
	n.Close()
	until(t, told, "dir")
}

func TestInotifyWithoutWatchesLeftSaysSo(t *testing.T) {
	full := func() (changeQueue, error) {
		q, err := openInotify()
		return &fullQueue{q, 2}, err
	}
	_, dir, v, told := watchBy(t, "mkdir -p a b c", true, full)
	if c := <-told; c.Action != 0 {
		t.Errorf("told of %+v first, want that something is missing", c)
	}
	if err := v.Blind(); !errors.Is(err, errTooManyWatched) {
		t.Errorf("Blind = %v, want that too many are watched", err)
	}
	othersDo(t, dir, ": > f") // what is watched, is told
	if c := <-told; c.Path != "f" || c.Action != fscc.NotifyAdded {
		t.Errorf("told of %+v, want of f", c)
	}
}

// fullQueue takes no more than left directories, as the kernel does by
// fs.inotify.max_user_watches.
type fullQueue struct {
	*inotify
	left int
}

func (q *fullQueue) add(f *FS, fd int, key dirKey) error {
	if q.left == 0 {
		return fmt.Errorf("full: %w", errTooManyWatched)
	}
	q.left--
	return q.inotify.add(f, fd, key)
}

// The kernel is believed, but its events are bounded all the same.
func FuzzInotifyEvents(f *testing.F) {
	event := func(wd int32, mask, cookie uint32, name string) []byte {
		b := make([]byte, 0, unix.SizeofInotifyEvent+16)
		for _, v := range []uint32{uint32(wd), mask, cookie, 16} {
			b = append(b, byte(v), byte(v>>8), byte(v>>16), byte(v>>24))
		}
		return append(b, append([]byte(name), make([]byte, 16-len(name))...)...)
	}
	f.Add(event(1, unix.IN_CREATE, 0, "f"))
	f.Add(append(event(1, unix.IN_MOVED_FROM, 7, "f"), event(2, unix.IN_MOVED_TO, 7, "g")...))
	f.Add(append(event(1, unix.IN_MOVED_FROM, 7, "f"), event(1, unix.IN_IGNORED, 0, "")...))
	f.Add(event(1, unix.IN_MODIFY, 0, "f")[:20])
	f.Fuzz(func(t *testing.T, b []byte) {
		q := &inotify{keys: map[int32]dirKey{1: "a", 2: "b"}, wds: map[dirKey]int32{"a": 1, "b": 2}}
		events, err := q.parse(b)
		if len(events) > len(b)/unix.SizeofInotifyEvent {
			t.Errorf("%d events of %d bytes (%v)", len(events), len(b), err)
		}
	})
}
