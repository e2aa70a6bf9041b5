package fsa_test

import (
	"context"
	"io/fs"
	"slices"
	"testing"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/fsa"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/vfs"
)

// rootNode returns the root of memfs until the test ends.
func (f *fixture) rootNode() vfs.Node {
	f.Helper()
	n, err := f.fs.Root(context.Background())
	if err != nil {
		f.Fatal(err)
	}
	f.nodes = append(f.nodes, n)
	return n
}

// lookupNode returns what path leads to in memfs until the test ends.
func (f *fixture) lookupNode(path ...string) vfs.Node {
	f.Helper()
	n := f.rootNode()
	for _, name := range path {
		var err error
		if n, _, err = f.fs.Lookup(context.Background(), nil, n, name); err != nil {
			f.Fatal(err)
		}
		f.nodes = append(f.nodes, n)
	}
	return n
}

// newReference returns an entry of the root of memfs, which the caller closes.
func (f *fixture) newReference(name string) vfs.Node {
	f.Helper()
	n, _, err := f.fs.Lookup(context.Background(), nil, f.rootNode(), name)
	if err != nil {
		f.Fatal(err)
	}
	return n
}

// mountBelow serves the directory name of the root as a share of its own; the
// caller unmounts it.
func (f *fixture) mountBelow(name string) *fsa.Volume {
	f.Helper()
	v, err := f.store.Mount(f.Context(), &hookedFS{FS: f.fs, root: func() vfs.Node { return f.newReference(name) }})
	if err != nil {
		f.Fatal(err)
	}
	return v
}

func TestSharesThatOverlapShareModesAndDeletions(t *testing.T) {
	f := newFixture(t)
	f.make(`dir\`, `dir\file`)
	below := f.mountBelow("dir")
	defer below.Unmount()

	outer := f.open(request(`dir\file`, sharing(fscc.ShareDelete)))
	if _, _, err := below.Open(t.Context(), request("file", access(dtyp.FileReadData))); err != ntstatus.SharingViolation {
		t.Errorf("open through the inner share: got %v, want %v", err, ntstatus.SharingViolation)
	}
	inner, _, err := below.Open(t.Context(), request("file", access(dtyp.Delete)))
	if err != nil {
		t.Fatal(err)
	}
	if outer.Name() != `dir\file` || inner.Name() != "file" {
		t.Errorf("names are %q and %q", outer.Name(), inner.Name())
	}
	if err := inner.SetDeletePending(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	f.close(inner)
	f.refuse(request(`dir\file`), ntstatus.DeletePending)
	f.close(outer)
	f.refuse(request(`dir\file`), ntstatus.ObjectNameNotFound)
}

func TestRootOfAShareIsNotDeletedThroughAnother(t *testing.T) {
	f := newFixture(t)
	f.make(`dir\`)
	below := f.mountBelow("dir")
	h := f.open(request("dir"))
	if err := h.SetDeletePending(t.Context(), true); err != ntstatus.CannotDelete {
		t.Errorf("SetDeletePending: got %v, want %v", err, ntstatus.CannotDelete)
	}
	f.refuse(request("dir", options(fscc.OptionDeleteOnClose)), ntstatus.CannotDelete)
	if err := below.Unmount(); err != nil {
		t.Fatal(err)
	}
	if err := h.SetDeletePending(t.Context(), true); err != nil {
		t.Errorf("SetDeletePending after Unmount: %v", err)
	}
	f.close(h)
}

func TestFileMovedOutOfAShareIsStillDeleted(t *testing.T) {
	f := newFixture(t)
	f.make(`dir\`, `dir\file`)
	below := f.mountBelow("dir")
	defer below.Unmount()
	inner, _, err := below.Open(t.Context(), request("file", options(fscc.OptionDeleteOnClose)))
	if err != nil {
		t.Fatal(err)
	}
	outer := f.open(request(`dir\file`))
	if err := outer.Rename(t.Context(), "moved", false); err != nil {
		t.Fatal(err)
	}
	if inner.Name() != "moved" {
		t.Errorf("the inner share calls it %q", inner.Name())
	}
	f.close(outer)
	f.close(inner)
	f.refuse(request("moved"), ntstatus.ObjectNameNotFound)
}

func TestFileMovedByOneShareIsRenamedByAnother(t *testing.T) {
	f := newFixture(t)
	f.make(`dir\`, `dir\sub\`, `other\`, `dir\file`)
	below := f.mountBelow("dir")
	defer below.Unmount()
	inner, _, err := below.Open(t.Context(), request("file"))
	if err != nil {
		t.Fatal(err)
	}
	outer := f.open(request(`dir\file`))
	// The inner share has never seen the directory the file is moved to.
	if err := outer.Rename(t.Context(), `dir\sub\file`, false); err != nil {
		t.Fatal(err)
	}
	if err := inner.Rename(t.Context(), "back", false); err != nil {
		t.Fatal(err)
	}
	if outer.Name() != `dir\back` {
		t.Errorf("Name = %q", outer.Name())
	}
	if err := outer.Rename(t.Context(), `other\file`, false); err != nil {
		t.Fatal(err)
	}
	if err := inner.Rename(t.Context(), "back", false); err != ntstatus.NotSameDevice {
		t.Errorf("Rename of a file outside the share: got %v, want %v", err, ntstatus.NotSameDevice)
	}
	f.close(inner)
	f.close(outer)
}

func TestDirectoryThatAnotherProgramMovedIsFollowed(t *testing.T) {
	f := newFixture(t)
	f.make(`dir\`, `dir\file`, `there\`)
	h := f.open(request(`dir\file`))
	defer f.close(h)
	if err := f.fs.Rename(t.Context(), nil, f.rootNode(), "dir", f.lookupNode("there"), "moved", false); err != nil {
		t.Fatal(err)
	}
	f.refuse(request(`dir\file`), ntstatus.ObjectPathNotFound)
	f.close(f.open(request(`there\moved\file`)))
	if got, want := h.Name(), `there\moved\file`; got != want {
		t.Errorf("Name = %q, want %q", got, want)
	}
}

func TestDirectoryInsideItselfIsNotEntered(t *testing.T) {
	f := newFixture(t)
	f.make(`dir\`, `dir\sub\`)
	f.hooks.lookup = func(name string) (vfs.Node, string) {
		if name != "loop" { // as if dir were mounted there
			return nil, ""
		}
		return f.newReference("dir"), "loop"
	}
	f.refuse(request(`dir\loop`), ntstatus.AccessDenied)
	f.refuse(request(`dir\sub\loop\sub`), ntstatus.AccessDenied)
	f.close(f.open(request(`dir\sub`)))
}

// hardLink makes "alias" in the root another name of the file "file".
func (f *fixture) hardLink() {
	linked := true
	f.hooks.lookup = func(name string) (vfs.Node, string) {
		if !linked || vfs.Fold(name) != "ALIAS" {
			return nil, ""
		}
		return f.newReference("file"), "alias"
	}
	f.hooks.removeEntry = func(name string) (bool, error) {
		if !linked || name != "alias" && name != "file" {
			return false, nil
		}
		linked = false
		if name == "alias" {
			return true, nil
		}
		// The other name is the one that stays.
		return true, f.fs.Rename(context.Background(), nil, f.rootNode(), "file", f.rootNode(), "alias", false)
	}
}

func TestRenameToAnotherHardLinkLeavesOne(t *testing.T) {
	for _, target := range []string{"alias", "ALIAS"} {
		f := newFixture(t)
		f.make("file")
		f.hardLink()
		h, alias := f.open(request("file")), f.open(request("alias"))
		if h.FileID() != alias.FileID() {
			t.Errorf("the hard links have different IDs")
		}
		if err := h.Rename(t.Context(), target, false); err != ntstatus.AccessDenied {
			t.Errorf("Rename to an open hard link: got %v, want %v", err, ntstatus.AccessDenied)
		}
		f.close(alias)
		if err := h.Rename(t.Context(), target, false); err != nil {
			t.Fatalf("Rename to %s: %v", target, err)
		}
		if h.Name() != target {
			t.Errorf("Name = %q, want %q", h.Name(), target)
		}
		f.close(h)
		f.refuse(request("file"), ntstatus.ObjectNameNotFound)
		f.close(f.open(request("alias")))
	}
}

func TestHardLinksAreDeletedOneByOne(t *testing.T) {
	f := newFixture(t)
	f.make("file")
	f.hardLink()
	file, alias := f.open(request("file")), f.open(request("alias"))
	if err := file.SetDeletePending(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	if alias.DeletePending() {
		t.Errorf("the other hard link is being deleted, too")
	}
	f.close(f.open(request("alias")))
	f.close(file)
	f.refuse(request("file"), ntstatus.ObjectNameNotFound)
	f.close(alias)
	f.close(f.open(request("alias")))
}

func TestDeletionIsDoneAsWhoAskedForItEvenIfCancelled(t *testing.T) {
	for _, o := range []fscc.CreateOptions{0, fscc.OptionDeleteOnClose} {
		f := newFixture(t)
		f.make("file")
		var removed []*vfs.Cred
		f.hooks.before = func(op, _ string, as *vfs.Cred) error {
			if op == "remove" {
				removed = append(removed, as)
			}
			return nil
		}
		owner := &vfs.Cred{UID: 1}
		asked := request("file", options(o))
		asked.As = owner
		h := f.open(asked)
		last := request("file")
		last.As = &vfs.Cred{UID: 2}
		l := f.open(last)
		if o == 0 {
			if err := h.SetDeletePending(t.Context(), true); err != nil {
				t.Fatal(err)
			}
		}
		f.close(h)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := l.Close(ctx); err != nil {
			t.Errorf("Close: %v", err)
		}
		if !slices.Equal(removed, []*vfs.Cred{owner}) {
			t.Errorf("removed as %v, want once as the one who asked", removed)
		}
		f.refuse(request("file"), ntstatus.ObjectNameNotFound)
	}
}

func TestFailedOverwriteThatEndsLastCarriesOutADeletion(t *testing.T) {
	f := newFixture(t)
	f.make("file")
	h := f.open(request("file"))
	f.hooks.before = func(op, _ string, _ *vfs.Cred) error {
		if op != "setattr" {
			return nil
		}
		if err := h.SetDeletePending(t.Context(), true); err != nil {
			t.Error(err)
		}
		f.close(h)
		return errBackend
	}
	f.refuse(request("file", disposition(fscc.DispositionOverwrite), attributes(fscc.FileAttributeHidden)), errBackend)
	f.refuse(request("file"), ntstatus.ObjectNameNotFound)
}

func TestFileWhoseDeletionTheBackEndRefusesCanBeOpenedAgain(t *testing.T) {
	f := newFixture(t)
	f.make("file")
	h := f.open(request("file", options(fscc.OptionDeleteOnClose)))
	f.hooks.before = failing("remove")
	if err := h.Close(t.Context()); err != errBackend {
		t.Errorf("Close: got %v, want %v", err, errBackend)
	}
	f.close(f.open(request("file")))
}

func TestDirectoryWhoseDeletionTheBackEndRefusesCanBeEnteredAgain(t *testing.T) {
	f := newFixture(t)
	f.make(`dir\`, `dir\file`)
	// A file that is open below keeps what is known of the directory.
	child := f.open(request(`dir\file`))
	defer f.close(child)
	if err := f.fs.Remove(t.Context(), nil, f.lookupNode("dir"), "file", f.lookupNode("dir", "file")); err != nil {
		t.Fatal(err)
	}
	h := f.open(request("dir", options(fscc.OptionDeleteOnClose)))
	f.hooks.before = failing("remove")
	if err := h.Close(t.Context()); err != errBackend {
		t.Errorf("Close: got %v, want %v", err, errBackend)
	}
	f.hooks.before = nil
	f.make(`dir\second`)
}

func TestFileThatAnotherProgramDeletedIsGoneAfterDeletion(t *testing.T) {
	f := newFixture(t)
	f.make("file")
	h := f.open(request("file", options(fscc.OptionDeleteOnClose)))
	if err := f.fs.Remove(t.Context(), nil, f.rootNode(), "file", f.lookupNode("file")); err != nil {
		t.Fatal(err)
	}
	f.close(h)
	h = f.open(request("file", options(fscc.OptionDeleteOnClose), disposition(fscc.DispositionCreate)))
	f.close(h)
}

func TestOpenGivesUpWaitingForAName(t *testing.T) {
	f := newFixture(t)
	inside, proceed := make(chan struct{}), make(chan struct{})
	f.hooks.before = func(op, _ string, _ *vfs.Cred) error {
		if op == "create" {
			close(inside)
			<-proceed
		}
		return nil
	}
	created := make(chan error, 1)
	go func() {
		h, _, err := f.volume.Open(t.Context(), request("Foo", disposition(fscc.DispositionCreate)))
		if err == nil {
			err = h.Close(t.Context())
		}
		created <- err
	}()
	select {
	case <-inside:
	case err := <-created:
		t.Fatalf("the open did not get to the back end: %v", err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(fs.ErrClosed)
	if _, _, err := f.volume.Open(ctx, request("foo")); err != fs.ErrClosed {
		t.Errorf("Open of a name being created: got %v, want %v", err, fs.ErrClosed)
	}
	close(proceed)
	if err := <-created; err != nil {
		t.Error(err)
	}
	f.close(f.open(request("foo")))
}

func TestEntriesThatVanishDuringAnEnumerationAreLeftOut(t *testing.T) {
	f := newFixture(t)
	f.write("a", "12345")
	f.make("b", `c\`)
	h := f.open(request(""))
	defer f.close(h)
	dir := f.open(request("c"))
	defer f.close(dir)
	var names []string
	err := h.ReadDir(t.Context(), fsa.ReadDirRequest{NeedAttr: true}, func(e fsa.DirEntry) bool {
		names = append(names, e.Name)
		switch e.Name {
		case ".", "..":
			if e.FileID != h.FileID() || !e.Attr.IsDir() {
				t.Errorf("entry %+v of the root, whose ID is %d", e, h.FileID())
			}
		case "a":
			if e.Attr.EndOfFile != 5 || e.Attr.IsDir() {
				t.Errorf("entry %+v of a file of 5 bytes", e)
			}
			if err := f.fs.Remove(t.Context(), nil, f.rootNode(), "b", f.lookupNode("b")); err != nil {
				t.Fatal(err)
			}
		case "c":
			if e.FileID != dir.FileID() || !e.Attr.IsDir() {
				t.Errorf("entry %+v of a directory whose ID is %d", e, dir.FileID())
			}
		}
		return true
	})
	if want := []string{".", "..", "a", "c"}; err != nil || !slices.Equal(names, want) {
		t.Errorf("ReadDir: %q, %v, want %q", names, err, want)
	}
}

func TestParentEntryOfADirectoryIsTheOneAbove(t *testing.T) {
	f := newFixture(t)
	f.make(`dir\`, `dir\sub\`)
	dir, sub := f.open(request("dir")), f.open(request(`dir\sub`))
	defer f.close(dir)
	defer f.close(sub)
	err := sub.ReadDir(t.Context(), fsa.ReadDirRequest{Pattern: "..", NeedAttr: true}, func(e fsa.DirEntry) bool {
		if e.Name != ".." || e.FileID != dir.FileID() {
			t.Errorf("entry %+v, want .. with ID %d", e, dir.FileID())
		}
		return true
	})
	if err != nil {
		t.Error(err)
	}
}

func TestEntryThatDidNotFitIsTheFirstOfTheNextCall(t *testing.T) {
	f := newFixture(t)
	f.make("a", "b")
	for _, pattern := range []string{"?", "a"} {
		h := f.open(request(""))
		var names []string
		take := func(e fsa.DirEntry) bool { names = append(names, e.Name); return true }
		for _, fill := range []func(fsa.DirEntry) bool{
			func(fsa.DirEntry) bool { return false },
			func(fsa.DirEntry) bool { return false },
			take,
		} {
			if err := h.ReadDir(t.Context(), fsa.ReadDirRequest{Pattern: pattern, NeedAttr: true}, fill); err != nil {
				t.Fatal(err)
			}
		}
		want := []string{".", "a", "b"}
		if pattern == "a" {
			want = []string{"a"}
		}
		if !slices.Equal(names, want) {
			t.Errorf("pattern %q: %q, want %q", pattern, names, want)
		}
		f.close(h)
	}
}
