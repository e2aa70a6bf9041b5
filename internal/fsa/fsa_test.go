package fsa_test

import (
	"testing"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/fsa"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/vfs"
	"github.com/signet-smb/signet/vfs/memfs"
)

// fixture is a store with one volume over a memfs, which must have no open
// reference and no file left at the end of the test.
type fixture struct {
	testing.TB
	fs     *memfs.FS
	hooks  *hookedFS // between the store and fs
	store  *fsa.Store
	volume *fsa.Volume
	nodes  []vfs.Node // of fs, closed at the end of the test
}

func newFixture(t testing.TB) *fixture {
	t.Helper()
	f := &fixture{TB: t, fs: memfs.New(), store: fsa.NewStore()}
	f.hooks = &hookedFS{FS: f.fs}
	f.volume = f.mount()
	t.Cleanup(func() {
		for _, n := range f.nodes {
			n.Close()
		}
		if err := f.volume.Unmount(); err != nil {
			t.Errorf("Unmount: %v", err)
		}
		if got := f.store.Stats(); got != (fsa.Stats{}) {
			t.Errorf("left in the store: %+v", got)
		}
		if got := f.fs.OpenReferences(); got != 0 {
			t.Errorf("%d references to the back end left open", got)
		}
	})
	return f
}

// mount makes another volume over the same files; the caller unmounts it.
func (f *fixture) mount() *fsa.Volume {
	f.Helper()
	v, err := f.store.Mount(f.Context(), f.hooks)
	if err != nil {
		f.Fatal(err)
	}
	return v
}

const (
	shareAll = fscc.ShareRead | fscc.ShareWrite | fscc.ShareDelete
	fullTree = dtyp.FileAllAccess
)

// request is an open of name that asks for everything and tolerates everything,
// changed by with.
func request(name string, with ...func(*fsa.OpenRequest)) fsa.OpenRequest {
	r := fsa.OpenRequest{
		Name: name, DesiredAccess: dtyp.FileAllAccess, MaximalAccess: fullTree,
		ShareAccess: shareAll, Disposition: fscc.DispositionOpen,
	}
	for _, w := range with {
		w(&r)
	}
	return r
}

func access(a dtyp.AccessMask) func(*fsa.OpenRequest) {
	return func(r *fsa.OpenRequest) { r.DesiredAccess = a }
}

func sharing(s fscc.ShareAccess) func(*fsa.OpenRequest) {
	return func(r *fsa.OpenRequest) { r.ShareAccess = s }
}

func disposition(d fscc.CreateDisposition) func(*fsa.OpenRequest) {
	return func(r *fsa.OpenRequest) { r.Disposition = d }
}

func options(o fscc.CreateOptions) func(*fsa.OpenRequest) {
	return func(r *fsa.OpenRequest) { r.Options = o }
}

func maximal(a dtyp.AccessMask) func(*fsa.OpenRequest) {
	return func(r *fsa.OpenRequest) { r.MaximalAccess = a }
}

func attributes(a fscc.FileAttributes) func(*fsa.OpenRequest) {
	return func(r *fsa.OpenRequest) { r.Attributes = a }
}

// open opens and fails the test if it cannot.
func (f *fixture) open(r fsa.OpenRequest) *fsa.Handle {
	f.Helper()
	h, _, err := f.volume.Open(f.Context(), r)
	if err != nil {
		f.Fatalf("Open(%q): %v", r.Name, err)
	}
	return h
}

// refuse wants an open to fail with want.
func (f *fixture) refuse(r fsa.OpenRequest, want error) {
	f.Helper()
	h, _, err := f.volume.Open(f.Context(), r)
	if err == nil {
		f.close(h)
	}
	if err != want {
		f.Errorf("Open(%+v): got %v, want %v", r, err, want)
	}
}

func (f *fixture) close(h *fsa.Handle) {
	f.Helper()
	if err := h.Close(f.Context()); err != nil {
		f.Errorf("Close(%q): %v", h.Name(), err)
	}
}

// make creates files, and directories where a name ends in a backslash.
func (f *fixture) make(names ...string) {
	f.Helper()
	for _, name := range names {
		r := request(name, disposition(fscc.DispositionCreate))
		if name[len(name)-1] == '\\' {
			r.Options = fscc.OptionDirectoryFile
		}
		f.close(f.open(r))
	}
}

func TestFileIsCreatedWrittenReadAndDeleted(t *testing.T) {
	f := newFixture(t)
	f.make(`dir\`, `dir\sub\`)
	h := f.open(request(`DIR\Sub\File.txt`, disposition(fscc.DispositionOpenIf)))
	if n, err := h.WriteAt(t.Context(), []byte("hello"), 3, true); n != 5 || err != nil {
		t.Errorf("WriteAt = %d, %v", n, err)
	}
	p := make([]byte, 16)
	if n, err := h.ReadAt(t.Context(), p, 0); string(p[:n]) != "\x00\x00\x00hello" || err != nil {
		t.Errorf("ReadAt = %q, %v", p[:n], err)
	}
	if got, want := h.Name(), `dir\sub\File.txt`; got != want {
		t.Errorf("Name = %q, want %q", got, want)
	}
	if err := h.SetDeletePending(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	f.close(h)
	f.refuse(request(`dir\sub\file.txt`), ntstatus.ObjectNameNotFound)
}
