package memfs_test

import (
	"errors"
	"testing"

	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/vfs"
	"github.com/signet-smb/signet/vfs/memfs"
	"github.com/signet-smb/signet/vfs/vfstest"
)

func TestMemfsKeepsTheContract(t *testing.T) {
	vfstest.Run(t, func(*testing.T) vfs.FS { return memfs.New() })
}

// create makes a file in the root of f.
func create(t *testing.T, f *memfs.FS, name string) (vfs.Node, vfs.File) {
	t.Helper()
	root, err := f.Root(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	n, file, err := f.Create(t.Context(), nil, root, name, false)
	if err != nil {
		t.Fatalf("Create(%q): %v", name, err)
	}
	return n, file
}

func available(t *testing.T, f *memfs.FS) uint64 {
	t.Helper()
	info, err := f.Info(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return info.AvailableBytes
}

func TestWriteFarIntoAnEmptyFileTakesLittleMemory(t *testing.T) {
	f := memfs.New()
	before := available(t, f)
	n, file := create(t, f, "sparse")
	defer n.Close()
	defer file.Close()
	if _, err := file.WriteAt(t.Context(), []byte("x"), 5<<30); err != nil {
		t.Fatal(err)
	}
	attr, err := n.Attr(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if attr.EndOfFile != 5<<30+1 {
		t.Errorf("EndOfFile = %d, want %d", attr.EndOfFile, int64(5<<30+1))
	}
	if used := before - available(t, f); used != attr.AllocationSize || used > 1<<20 {
		t.Errorf("used %d bytes, AllocationSize %d, want the same and less than 1 MiB", used, attr.AllocationSize)
	}
}

func TestWriteBeyondCapacityIsDiskFull(t *testing.T) {
	f := memfs.New()
	f.Capacity = 64 << 10
	n, file := create(t, f, "big")
	defer n.Close()
	defer file.Close()
	if _, err := file.WriteAt(t.Context(), make([]byte, 64<<10), 0); err != nil {
		t.Fatalf("writing as much as fits: %v", err)
	}
	if _, err := file.WriteAt(t.Context(), []byte("x"), 64<<10); !errors.Is(err, ntstatus.DiskFull) {
		t.Errorf("writing one byte more: got %v, want %v", err, ntstatus.DiskFull)
	}
	if err := file.Truncate(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	if _, err := file.WriteAt(t.Context(), []byte("x"), 0); err != nil {
		t.Errorf("writing after Truncate(0): %v", err)
	}
}

func TestRemovedFileGivesItsBytesBackWhenTheLastReferenceCloses(t *testing.T) {
	f := memfs.New()
	before := available(t, f)
	n, file := create(t, f, "gone")
	if _, err := file.WriteAt(t.Context(), []byte("x"), 0); err != nil {
		t.Fatal(err)
	}
	root, err := f.Root(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Remove(t.Context(), nil, root, "gone", n); err != nil {
		t.Fatal(err)
	}
	root.Close()
	n.Close()
	if got := available(t, f); got == before {
		t.Errorf("bytes were given back while the file was open")
	}
	file.Close()
	if got := available(t, f); got != before {
		t.Errorf("available = %d bytes after the last Close, want %d", got, before)
	}
	if got := f.OpenReferences(); got != 0 {
		t.Errorf("OpenReferences = %d, want 0", got)
	}
}
