package fsa_test

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/fsa"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/vfs"
)

// TestConcurrentOpensRenamesAndDeletesLeaveNothingBehind lets eight clients of
// two shares over one tree fight for three names in two directories, which
// they move, too. No name may then be there twice in different case, and the
// fixture sees that nothing is left in the store or open on the back end.
func TestConcurrentOpensRenamesAndDeletesLeaveNothingBehind(t *testing.T) {
	f := newFixture(t)
	// The back end is slow enough that calls meet in it.
	f.hooks.before = func(string, string, *vfs.Cred) error {
		for range rand.IntN(4) {
			runtime.Gosched()
		}
		return nil
	}
	other := f.mount()
	defer other.Unmount()
	f.make(`one\`, `two\`)
	seed := rand.Uint64()
	t.Logf("seed %d", seed)

	var clients sync.WaitGroup
	for i := range uint64(8) {
		c := &client{
			TB: t, volume: f.volume,
			random: rand.New(rand.NewPCG(seed, i)),
		}
		if i%2 == 1 {
			c.volume = other
		}
		clients.Go(func() { c.run(3000) })
	}
	clients.Wait()

	if got := f.store.Stats(); got.Handles != 0 || got.Links != 0 || got.NameLocks != 0 || got.Files != 1 {
		t.Errorf("with all handles closed, the store has %+v, want the root alone", got)
	}
	root, err := f.fs.Root(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	f.checkNames(root)
}

// checkNames wants that no two names of n, which it closes, or below differ
// only in case.
func (f *fixture) checkNames(n vfs.Node) {
	ctx := f.Context()
	defer n.Close()
	d, err := f.fs.OpenDir(ctx, nil, n)
	if err != nil {
		f.Fatal(err)
	}
	defer d.Close()
	seen := make(map[string]string)
	for {
		name, err := d.Next(ctx)
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			f.Fatal(err)
		}
		if twin, ok := seen[vfs.Fold(name)]; ok {
			f.Errorf("both %q and %q are there", twin, name)
		}
		seen[vfs.Fold(name)] = name
		attr, err := d.Attr(ctx, name)
		if err != nil {
			f.Fatal(err)
		}
		if !attr.IsDir() {
			f.checkStreams(n, name)
			continue
		}
		child, _, err := f.fs.Lookup(ctx, nil, n, name)
		if err != nil {
			f.Fatal(err)
		}
		f.checkNames(child)
	}
}

// checkStreams wants that no two streams of a file differ only in case.
func (f *fixture) checkStreams(dir vfs.Node, name string) {
	n, _, err := f.fs.Lookup(f.Context(), nil, dir, name)
	if err != nil {
		f.Fatal(err)
	}
	defer n.Close()
	list, err := f.fs.Streams(f.Context(), n)
	if err != nil {
		f.Fatal(err)
	}
	seen := make(map[string]bool)
	for _, s := range list {
		if seen[vfs.Fold(s.Name)] {
			f.Errorf("%q has a stream like %q twice", name, s.Name)
		}
		seen[vfs.Fold(s.Name)] = true
	}
}

// client does random things with files.
type client struct {
	testing.TB
	volume  *fsa.Volume
	random  *rand.Rand
	handles []*fsa.Handle
}

var (
	clientDirs  = []string{`one\`, `TWO\`, `one\two\`, `two\One\`, ``}
	clientNames = []string{"Foo", "foo", "FOO", "bar", "foo:One", "FOO:one", "bar:One"}
)

func pick[T any](c *client, from []T) T { return from[c.random.IntN(len(from))] }

func (c *client) name() string { return pick(c, clientDirs) + pick(c, clientNames) }

func (c *client) run(steps int) {
	for range steps {
		switch c.random.IntN(12) {
		case 0, 1, 2, 3:
			c.open(c.name(), 0)
		case 4:
			c.open(pick(c, []string{"one", "two", `one\two`, `two\one`}), fscc.OptionDirectoryFile)
		case 5, 6, 7:
			c.closeOne()
		case 8:
			c.with(func(ctx context.Context, h *fsa.Handle) error {
				if strings.HasSuffix(strings.ToLower(h.Name()), ":one") {
					return h.Rename(ctx, pick(c, []string{":two", ":ONE", ":one"}), c.random.IntN(2) == 0)
				}
				return h.Rename(ctx, c.name(), c.random.IntN(2) == 0)
			})
		case 9:
			c.with(func(ctx context.Context, h *fsa.Handle) error {
				if !h.IsDir() {
					return nil
				}
				return h.Rename(ctx, pick(c, []string{"one", "TWO", `one\two`, `two\one`, "Two"}), false)
			})
		case 10:
			c.with(func(ctx context.Context, h *fsa.Handle) error {
				return h.SetDeletePending(ctx, !h.IsDir() && c.random.IntN(3) > 0)
			})
		case 11:
			c.with(func(ctx context.Context, h *fsa.Handle) error {
				h.Name()
				return h.ReadDir(ctx, fsa.ReadDirRequest{Restart: true, NeedAttr: true}, func(fsa.DirEntry) bool { return true })
			})
		}
	}
	for len(c.handles) > 0 {
		c.closeOne()
	}
}

func (c *client) open(name string, o fscc.CreateOptions) {
	r := request(name, options(o), disposition(fscc.CreateDisposition(c.random.IntN(6))))
	if o != 0 {
		r.Disposition = fscc.DispositionOpenIf
	} else if c.random.IntN(4) == 0 {
		r.Options = fscc.OptionDeleteOnClose
	}
	if c.random.IntN(4) == 0 {
		r.ShareAccess = fscc.ShareAccess(c.random.IntN(8))
	}
	if c.random.IntN(4) == 0 && r.Options&fscc.OptionDeleteOnClose == 0 {
		r.DesiredAccess = dtyp.FileReadAttributes
	}
	h, _, err := c.volume.Open(c.Context(), r)
	c.expected(err)
	if err == nil {
		c.handles = append(c.handles, h)
	}
}

func (c *client) closeOne() {
	if len(c.handles) == 0 {
		return
	}
	i, last := c.random.IntN(len(c.handles)), len(c.handles)-1
	c.expected(c.handles[i].Close(c.Context()))
	c.handles[i] = c.handles[last]
	c.handles = c.handles[:last]
}

func (c *client) with(do func(context.Context, *fsa.Handle) error) {
	if len(c.handles) > 0 {
		c.expected(do(c.Context(), pick(c, c.handles)))
	}
}

// expected wants err to be one that such a fight may bring about.
func (c *client) expected(err error) {
	switch err {
	case nil, ntstatus.ObjectNameNotFound, ntstatus.ObjectPathNotFound, ntstatus.ObjectNameCollision,
		ntstatus.SharingViolation, ntstatus.DeletePending, ntstatus.AccessDenied, ntstatus.InvalidParameter,
		ntstatus.DirectoryNotEmpty, ntstatus.FileIsADirectory, ntstatus.NotADirectory,
		ntstatus.NoSuchFile, ntstatus.NoMoreFiles, ntstatus.NotSameDevice,
		ntstatus.ObjectNameInvalid: // a file is not renamed to a stream
		return
	}
	c.Errorf("unexpected error: %v", err)
}
