package faultfs_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"syscall"
	"testing"

	"github.com/signet-smb/signet/vfs"
	"github.com/signet-smb/signet/vfs/faultfs"
	"github.com/signet-smb/signet/vfs/memfs"
	"github.com/signet-smb/signet/vfs/vfstest"
)

func TestWithoutFaultsTheContractIsKept(t *testing.T) {
	vfstest.Run(t, func(*testing.T) vfs.FS { return faultfs.New(memfs.New()) })
}

// tree makes files below the root of a new FS.
type tree struct {
	t    *testing.T
	fs   *faultfs.FS
	root vfs.Node
}

func newTree(t *testing.T) *tree {
	f := faultfs.New(memfs.New())
	root, err := f.Root(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return &tree{t, f, root}
}

func (tr *tree) create(dir vfs.Node, name string) (vfs.Node, vfs.File) {
	tr.t.Helper()
	n, file, err := tr.fs.Create(tr.t.Context(), nil, dir, name, false)
	if err != nil {
		tr.t.Fatal(err)
	}
	return n, file
}

func (tr *tree) write(file vfs.File, data string) {
	tr.t.Helper()
	if _, err := file.WriteAt(tr.t.Context(), []byte(data), 0); err != nil {
		tr.t.Fatal(err)
	}
}

func (tr *tree) sync(file vfs.File) {
	tr.t.Helper()
	if err := file.Sync(tr.t.Context()); err != nil {
		tr.t.Fatal(err)
	}
}

func TestOnlyWhatWasSyncedSurvivesAPowerCut(t *testing.T) {
	tr := newTree(t)
	_, file := tr.create(tr.root, "synced")
	tr.write(file, "first")
	tr.sync(file)
	tr.write(file, "later")
	_, other := tr.create(tr.root, "never synced")
	tr.write(other, "x")
	dir, _, err := tr.fs.Create(t.Context(), nil, tr.root, "dir", true)
	if err != nil {
		t.Fatal(err)
	}
	_, temp := tr.create(dir, "temp")
	tr.write(temp, "new")
	tr.sync(temp)
	if err := tr.fs.Rename(t.Context(), nil, dir, "temp", tr.root, "target", false); err != nil {
		t.Fatal(err)
	}
	survivors := func() map[string]string {
		files := map[string]string{}
		for path, data := range tr.fs.Survivors() {
			files[path] = string(data)
		}
		return files
	}
	if got, want := survivors(), map[string]string{"synced": "first", "dir/temp": "new"}; !maps.Equal(got, want) {
		t.Errorf("before the rename is synced: %q, want %q", got, want)
	}
	tr.sync(temp)
	tr.fs.Cut()
	if err := file.Sync(t.Context()); !errors.Is(err, syscall.EIO) {
		t.Errorf("Sync without power: %v, want %v", err, syscall.EIO)
	}
	if got, want := survivors(), map[string]string{"synced": "first", "target": "new"}; !maps.Equal(got, want) {
		t.Errorf("after the cut: %q, want %q", got, want)
	}
}

func TestAShortWriteWritesItsBeginningAndFails(t *testing.T) {
	tr := newTree(t)
	_, file := tr.create(tr.root, "file")
	tr.write(file, "......")
	tr.fs.SetFault(func(_ context.Context, op faultfs.Op) error {
		if op.Call == "WriteAt" {
			return &faultfs.Short{N: 2, Err: syscall.ENOSPC}
		}
		return nil
	})
	if n, err := file.WriteAt(t.Context(), []byte("abcd"), 1); n != 2 || err != syscall.ENOSPC {
		t.Errorf("WriteAt = %d, %v; want 2, %v", n, err, syscall.ENOSPC)
	}
	got := make([]byte, 6)
	if _, err := file.ReadAt(t.Context(), got, 0); err != nil || !slices.Equal(got, []byte(".ab...")) {
		t.Errorf("the file holds %q (%v), want .ab...", got, err)
	}
}
