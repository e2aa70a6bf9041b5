package memfs

import (
	"context"
	"io/fs"
	"maps"
	"slices"
	"time"

	"github.com/signet-smb/signet/vfs"
)

// stream is a named stream of an inode, guarded by the mu of that. Whoever has
// it open keeps its pages, so it is never copied.
type stream struct{ pages pages }

func (s *stream) describe(name string) vfs.Stream {
	return vfs.Stream{Name: name, EndOfFile: uint64(s.pages.size), AllocationSize: uint64(s.pages.allocated())}
}

// dropStreamLocked removes a stream and gives back what it held. The caller
// holds i.mu.
func (f *FS) dropStreamLocked(i *inode, name string) {
	s := i.streams[name]
	f.used.Add(-s.pages.allocated())
	s.pages = pages{}
	delete(i.streams, name)
}

// Streams implements [vfs.Streams].
func (f *FS) Streams(_ context.Context, n vfs.Node) ([]vfs.Stream, error) {
	i, err := f.inode(n)
	if err != nil {
		return nil, err
	}
	i.mu.RLock()
	defer i.mu.RUnlock()
	var list []vfs.Stream
	for _, name := range slices.Sorted(maps.Keys(i.streams)) {
		list = append(list, i.streams[name].describe(name))
	}
	return list, nil
}

// LookupStream implements [vfs.Streams].
func (f *FS) LookupStream(_ context.Context, n vfs.Node, name string) (vfs.Stream, error) {
	i, err := f.inode(n)
	if err != nil {
		return vfs.Stream{}, err
	}
	i.mu.RLock()
	defer i.mu.RUnlock()
	if s := i.streams[name]; s != nil {
		return s.describe(name), nil
	}
	folded := vfs.Fold(name)
	for _, other := range slices.Sorted(maps.Keys(i.streams)) {
		if vfs.Fold(other) == folded {
			return i.streams[other].describe(other), nil
		}
	}
	return vfs.Stream{}, fs.ErrNotExist
}

// CreateStream implements [vfs.Streams].
func (f *FS) CreateStream(_ context.Context, _ *vfs.Cred, n vfs.Node, name string) error {
	i, err := f.inode(n)
	if err != nil {
		return err
	}
	if err := checkName(name); err != nil {
		return err
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.streams[name] != nil {
		return fs.ErrExist
	}
	if i.streams == nil {
		i.streams = make(map[string]*stream)
	}
	i.streams[name] = new(stream)
	i.changeTime = time.Now()
	return nil
}

// OpenStream implements [vfs.Streams].
func (f *FS) OpenStream(_ context.Context, _ *vfs.Cred, n vfs.Node, name string, mode vfs.Mode) (vfs.File, error) {
	i, err := f.inode(n)
	if err != nil {
		return nil, err
	}
	i.mu.RLock()
	s := i.streams[name]
	i.mu.RUnlock()
	if s == nil {
		return nil, fs.ErrNotExist
	}
	opened := f.newFile(i, mode)
	opened.pages = &s.pages
	return opened, nil
}

// RenameStream implements [vfs.Streams].
func (f *FS) RenameStream(_ context.Context, _ *vfs.Cred, n vfs.Node, name, newName string, replace bool) error {
	i, err := f.inode(n)
	if err != nil {
		return err
	}
	if err := checkName(newName); err != nil {
		return err
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	s := i.streams[name]
	switch {
	case s == nil:
		return fs.ErrNotExist
	case name == newName:
		return nil
	case i.streams[newName] != nil && !replace:
		return fs.ErrExist
	case i.streams[newName] != nil:
		f.dropStreamLocked(i, newName)
	}
	delete(i.streams, name)
	i.streams[newName] = s
	i.changeTime = time.Now()
	return nil
}

// RemoveStream implements [vfs.Streams].
func (f *FS) RemoveStream(_ context.Context, _ *vfs.Cred, n vfs.Node, name string) error {
	i, err := f.inode(n)
	if err != nil {
		return err
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.streams[name] == nil {
		return fs.ErrNotExist
	}
	f.dropStreamLocked(i, name)
	i.changeTime = time.Now()
	return nil
}
