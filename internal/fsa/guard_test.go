package fsa_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/fsa"
	"github.com/signet-smb/signet/vfs"
	"github.com/signet-smb/signet/vfs/memfs"
)

// seeingFS is a back end that is told by the test what others do in it.
type seeingFS struct {
	*memfs.FS
	err error // of Watch
	own bool  // it tells of what clients do, too

	mu      sync.Mutex
	begun   int
	watches map[*seeing]bool
}

// seeing is a watch of a seeingFS.
type seeing struct {
	fs   *seeingFS
	tell func([]vfs.Change)
}

func (s *seeing) Blind() error { return nil }

func (s *seeing) TellsOwn() bool { return s.fs.own }

func (s *seeing) Close() error {
	s.fs.mu.Lock()
	defer s.fs.mu.Unlock()
	if !s.fs.watches[s] {
		return errors.New("closed twice")
	}
	delete(s.fs.watches, s)
	return nil
}

func (f *seeingFS) Watch(_ context.Context, _ vfs.Node, _ bool, tell func([]vfs.Change)) (vfs.Watch, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.begun++
	if f.err != nil {
		return nil, f.err
	}
	s := &seeing{f, tell}
	if f.watches == nil {
		f.watches = make(map[*seeing]bool)
	}
	f.watches[s] = true
	return s, nil
}

// happens tells all who watch of a change.
func (f *seeingFS) happens(changes ...vfs.Change) {
	f.mu.Lock()
	var all []*seeing
	for s := range f.watches {
		all = append(all, s)
	}
	f.mu.Unlock()
	for _, s := range all {
		s.tell(changes)
	}
}

func newSeeing(t *testing.T) (*fixture, *seeingFS) {
	t.Helper()
	s := new(seeingFS)
	t.Cleanup(func() { // behind that of the fixture, which unmounts
		if len(s.watches) != 0 {
			t.Errorf("%d directories are watched on", len(s.watches))
		}
	})
	f := newFixture(t)
	s.FS = f.fs
	v, err := f.store.Mount(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.volume.Unmount(); err != nil {
		t.Fatal(err)
	}
	f.volume = v
	return f, s
}

// What another program changes breaks what clients cache of it, and of the
// listing that shows it, and nothing else.
func TestWhatOthersChangeIsNotCachedOn(t *testing.T) {
	both := []string{"a1 RH>-! epoch 2", "a2 RWH>-! epoch 2", "a9 RH>-! epoch 2"}
	for _, c := range []struct {
		name   string
		change []vfs.Change
		want   []string
	}{
		{"data", []vfs.Change{{Action: fscc.NotifyModified, Filter: fscc.NotifyChangeLastWrite, Path: "f"}}, []string{both[0], both[2]}},
		{"data of a file whose writes are cached", []vfs.Change{{Action: fscc.NotifyModified, Filter: fscc.NotifyChangeLastWrite, Path: "g"}}, both[1:]},
		{"a name goes", []vfs.Change{{Action: fscc.NotifyRemoved, Filter: fscc.NotifyChangeFileName, Path: "f"}}, []string{both[0], both[2]}},
		{"another file takes the name", []vfs.Change{
			{Action: fscc.NotifyRenamedOldName, Filter: fscc.NotifyChangeFileName, Path: "tmp"},
			{Action: fscc.NotifyRenamedNewName, Filter: fscc.NotifyChangeFileName, Path: "f"},
		}, []string{both[0], both[2]}},
		{"a new name", []vfs.Change{{Action: fscc.NotifyAdded, Filter: fscc.NotifyChangeFileName, Path: "new"}}, both[2:]},
		{"a file that nobody caches", []vfs.Change{{Action: fscc.NotifyModified, Filter: fscc.NotifyChangeLastWrite, Path: "h"}}, both[2:]},
		{"more than can be told", []vfs.Change{{}}, both},
		{"the directory goes", []vfs.Change{{Action: fscc.NotifyRemoved, Filter: fscc.NotifyChangeAny}}, both},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, back := newSeeing(t)
			f.make(`d\`, `d\f`, `d\g`, `d\h`)
			called := 0
			f.store.OnBreak(func() { called++ })
			var handles []*fsa.Handle
			for _, r := range []fsa.OpenRequest{
				request(`d\f`, leaseOf("a1", 3)), request(`d\g`, leaseOf("a2", 7)),
				request("d", access(dtyp.FileListDirectory), leaseOf("a9", 3)), request(`d\h`),
			} {
				handles = append(handles, f.open(r))
				if r.Oplock != nil {
					r.Oplock.Granted.Told(nil)
				}
			}
			if back.begun != 1 {
				t.Errorf("%d watches were begun, want one of the directory", back.begun)
			}
			back.happens(c.change...)
			var got []string
			for b, ok := f.store.NextBreak(); ok; b, ok = f.store.NextBreak() {
				got = append(got, describeBreak(&b))
			}
			slices.Sort(got)
			if !slices.Equal(got, c.want) || called != 1 {
				t.Errorf("told %q, OnBreak called %d times; want %q, once", got, called, c.want)
			}
			for _, h := range handles {
				h.Close(t.Context())
			}
			back.happens(c.change...) // nobody is left
			if b, ok := f.store.NextBreak(); ok {
				t.Errorf("told %s, of a file that is closed", describeBreak(&b))
			}
		})
	}
}

// Directories stay watched for a while, but not all that ever were.
func TestFewDirectoriesAreWatchedThatNobodyCaches(t *testing.T) {
	f, back := newSeeing(t)
	const dirs, kept = 70, 64
	for round := range 2 {
		for i := range dirs {
			dir := fmt.Sprintf("d%d", i)
			if round == 0 {
				f.make(dir+`\`, dir+`\f`)
			}
			for range 3 {
				r := request(dir+`\f`, leaseOf("a1", 3))
				h := f.open(r)
				r.Oplock.Granted.Told(nil)
				h.Close(t.Context())
			}
		}
	}
	if len(back.watches) != kept || back.begun != 2*dirs {
		t.Errorf("%d directories are watched, %d were; want %d and %d", len(back.watches), back.begun, kept, 2*dirs)
	}
	h := f.open(request("d0\\f")) // without a lease nothing is watched
	h.Close(t.Context())
	if back.begun != 2*dirs {
		t.Errorf("%d watches were begun by an open that caches nothing", back.begun-2*dirs)
	}
}

func TestABlindBackEndIsToldOfAndAskedOnce(t *testing.T) {
	f, back := newSeeing(t)
	back.err = fmt.Errorf("not here: %w", errors.ErrUnsupported)
	f.make("f")
	if err := f.volume.Blind(); err != nil {
		t.Errorf("Blind = %v before anybody caches", err)
	}
	for range 3 {
		r := request("f", leaseOf("a1", 3))
		h := f.open(r)
		r.Oplock.Granted.Told(nil)
		h.Close(t.Context())
	}
	if err := f.volume.Blind(); !errors.Is(err, errors.ErrUnsupported) || back.begun != 1 {
		t.Errorf("Blind = %v after %d attempts, want %v after one", err, back.begun, back.err)
	}
}
