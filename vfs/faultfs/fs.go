package faultfs

import (
	"context"
	"errors"
	"io"
	"maps"
	"math"
	"slices"
	"sync"
	"syscall"

	"github.com/signet-smb/signet/vfs"
)

// FS passes every call on to another back end, which was empty when FS was
// made and which nobody else changes. Safe for concurrent use.
type FS struct {
	vfs.FS

	syncing sync.Mutex // held over a Sync, so that none puts older data over newer

	mu      sync.Mutex // guards what follows
	fault   Fault
	cut     bool
	entries map[entry]vfs.FileID // all entries made through this FS
	stable  map[string]image     // what a power cut leaves, by path
	paths   map[vfs.FileID]string
}

// Op is a call that may be made to fail.
type Op struct {
	Call string // the method's name: Create, Open, SetAttr, Rename, Remove, ReadAt, WriteAt, Truncate, Sync
	Name string // the entry, for Create, Rename (the old one) and Remove
	Off  int64  // bytes; for ReadAt and WriteAt; the new length for Truncate
	Len  int    // bytes; for ReadAt and WriteAt
}

// Fault is asked before each call of Op. It may wait. An error fails the call,
// with nothing done, but for *[Short].
type Fault func(ctx context.Context, op Op) error

// Short is the error of a write that wrote its first N bytes.
type Short struct {
	N   int
	Err error
}

func (s *Short) Error() string { return "short write: " + s.Err.Error() }
func (s *Short) Unwrap() error { return s.Err }

// entry is a name in a directory.
type entry struct {
	dir  vfs.FileID
	name string
}

// image is a file as the last Sync left it.
type image struct {
	id   vfs.FileID
	data []byte
}

// New returns an FS in front of back, which is empty.
func New(back vfs.FS) *FS {
	return &FS{
		FS:      back,
		entries: make(map[entry]vfs.FileID),
		stable:  make(map[string]image),
		paths:   make(map[vfs.FileID]string),
	}
}

// SetFault puts fault in front of all calls from now on; nil takes it away.
func (f *FS) SetFault(fault Fault) {
	f.mu.Lock()
	f.fault = fault
	f.mu.Unlock()
}

// Cut is a power cut: what has not reached the disk never will, and every call
// fails from now on.
func (f *FS) Cut() {
	f.mu.Lock()
	f.cut = true
	f.mu.Unlock()
}

// Survivors returns the files that are on the disk, by their paths with
// slashes: those that were synced, with the data and under the name that they
// had when that began. Real disks may have more, and later data.
func (f *FS) Survivors() map[string][]byte {
	f.mu.Lock()
	defer f.mu.Unlock()
	files := make(map[string][]byte, len(f.stable))
	for path, img := range f.stable {
		files[path] = img.data
	}
	return files
}

// before asks the fault.
func (f *FS) before(ctx context.Context, op Op) error {
	f.mu.Lock()
	fault, cut := f.fault, f.cut
	f.mu.Unlock()
	if cut {
		return syscall.EIO
	}
	if fault == nil {
		return nil
	}
	return fault(ctx, op)
}

// Create implements [vfs.FS].
func (f *FS) Create(ctx context.Context, as *vfs.Cred, dir vfs.Node, name string, directory bool) (vfs.Node, vfs.File, error) {
	if err := f.before(ctx, Op{Call: "Create", Name: name}); err != nil {
		return nil, nil, err
	}
	n, made, err := f.FS.Create(ctx, as, dir, name, directory)
	if err != nil {
		return nil, nil, err
	}
	f.mu.Lock()
	f.entries[entry{dir.ID(), name}] = n.ID()
	f.mu.Unlock()
	if made != nil {
		made = &file{File: made, fs: f, node: n}
	}
	return n, made, nil
}

// Open implements [vfs.FS].
func (f *FS) Open(ctx context.Context, as *vfs.Cred, n vfs.Node, mode vfs.Mode) (vfs.File, error) {
	if err := f.before(ctx, Op{Call: "Open"}); err != nil {
		return nil, err
	}
	opened, err := f.FS.Open(ctx, as, n, mode)
	if err != nil {
		return nil, err
	}
	return &file{File: opened, fs: f, node: n}, nil
}

// SetAttr implements [vfs.FS].
func (f *FS) SetAttr(ctx context.Context, as *vfs.Cred, n vfs.Node, set vfs.SetAttr) error {
	if err := f.before(ctx, Op{Call: "SetAttr"}); err != nil {
		return err
	}
	return f.FS.SetAttr(ctx, as, n, set)
}

// Rename implements [vfs.FS].
func (f *FS) Rename(ctx context.Context, as *vfs.Cred, dir vfs.Node, name string, newDir vfs.Node, newName string, replace bool) error {
	if err := f.before(ctx, Op{Call: "Rename", Name: name}); err != nil {
		return err
	}
	if err := f.FS.Rename(ctx, as, dir, name, newDir, newName, replace); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	from := entry{dir.ID(), name}
	f.entries[entry{newDir.ID(), newName}] = f.entries[from]
	delete(f.entries, from)
	return nil
}

// Remove implements [vfs.FS].
func (f *FS) Remove(ctx context.Context, as *vfs.Cred, dir vfs.Node, name string, n vfs.Node) error {
	if err := f.before(ctx, Op{Call: "Remove", Name: name}); err != nil {
		return err
	}
	if err := f.FS.Remove(ctx, as, dir, name, n); err != nil {
		return err
	}
	f.mu.Lock()
	delete(f.entries, entry{dir.ID(), name})
	f.mu.Unlock()
	return nil
}

// commitLocked puts the file called id with the given data on the disk, under the
// name that it has now; a file without a name leaves it. The caller holds
// f.mu.
func (f *FS) commitLocked(id vfs.FileID, data []byte) {
	if old, ok := f.paths[id]; ok {
		delete(f.stable, old)
		delete(f.paths, id)
	}
	path, ok := f.pathLocked(id)
	if !ok {
		return
	}
	if replaced, ok := f.stable[path]; ok {
		delete(f.paths, replaced.id)
	}
	f.stable[path] = image{id, data}
	f.paths[id] = path
}

// pathLocked returns the path of id, false if it has none.
func (f *FS) pathLocked(id vfs.FileID) (string, bool) {
	var names []string
	for {
		up, ok := f.entryOfLocked(id)
		if !ok {
			break // the root, or what was removed
		}
		names = append(names, up.name)
		id = up.dir
	}
	if len(names) == 0 {
		return "", false
	}
	path := names[len(names)-1]
	for _, name := range slices.Backward(names[:len(names)-1]) {
		path += "/" + name
	}
	return path, true
}

func (f *FS) entryOfLocked(id vfs.FileID) (entry, bool) {
	for e := range maps.Keys(f.entries) {
		if f.entries[e] == id {
			return e, true
		}
	}
	return entry{}, false
}

// file is a [vfs.File] of an FS.
type file struct {
	vfs.File
	fs   *FS
	node vfs.Node
}

func (f *file) ReadAt(ctx context.Context, p []byte, off int64) (int, error) {
	if err := f.fs.before(ctx, Op{Call: "ReadAt", Off: off, Len: len(p)}); err != nil {
		return 0, err
	}
	return f.File.ReadAt(ctx, p, off)
}

func (f *file) WriteAt(ctx context.Context, p []byte, off int64) (int, error) {
	err := f.fs.before(ctx, Op{Call: "WriteAt", Off: off, Len: len(p)})
	if short, ok := errors.AsType[*Short](err); ok {
		n, err := f.File.WriteAt(ctx, p[:min(short.N, len(p))], off)
		if err != nil {
			return n, err
		}
		return n, short.Err
	}
	if err != nil {
		return 0, err
	}
	return f.File.WriteAt(ctx, p, off)
}

func (f *file) Truncate(ctx context.Context, size int64) error {
	if err := f.fs.before(ctx, Op{Call: "Truncate", Off: size}); err != nil {
		return err
	}
	return f.File.Truncate(ctx, size)
}

// Sync puts the file as it is now on the disk, all of it or, if the power is
// cut meanwhile, nothing.
func (f *file) Sync(ctx context.Context) error {
	if err := f.fs.before(ctx, Op{Call: "Sync"}); err != nil {
		return err
	}
	f.fs.syncing.Lock()
	defer f.fs.syncing.Unlock()
	data, err := f.contents(ctx)
	if err != nil {
		return err
	}
	if err := f.File.Sync(ctx); err != nil {
		return err
	}
	f.fs.mu.Lock()
	defer f.fs.mu.Unlock()
	if f.fs.cut {
		return syscall.EIO
	}
	f.fs.commitLocked(f.node.ID(), data)
	return nil
}

// contents reads the whole file, which may be open for writing only.
func (f *file) contents(ctx context.Context) ([]byte, error) {
	r, err := f.fs.FS.Open(ctx, nil, f.node, vfs.ModeRead)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(io.NewSectionReader(reader{ctx, r}, 0, math.MaxInt64))
}

// reader is a File as an io.ReaderAt.
type reader struct {
	ctx  context.Context
	file vfs.File
}

func (r reader) ReadAt(p []byte, off int64) (int, error) {
	n, err := r.file.ReadAt(r.ctx, p, off)
	if err == nil && n < len(p) {
		err = io.EOF
	}
	return n, err
}
