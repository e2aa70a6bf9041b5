package memfs

import (
	"context"
	"io/fs"

	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/vfs"
)

// Lookup implements [vfs.FS].
func (f *FS) Lookup(_ context.Context, _ *vfs.Cred, dir vfs.Node, name string) (vfs.Node, string, error) {
	d, err := f.directory(dir)
	if err != nil {
		return nil, "", err
	}
	f.mu.RLock()
	defer f.mu.RUnlock()
	i, stored := d.findLocked(name)
	if i == nil {
		return nil, "", fs.ErrNotExist
	}
	// Counted under mu, so that the data cannot go before the reference is.
	return f.newNode(i), stored, nil
}

// Create implements [vfs.FS].
func (f *FS) Create(_ context.Context, _ *vfs.Cred, dir vfs.Node, name string, directory bool) (vfs.Node, vfs.File, error) {
	if err := checkName(name); err != nil {
		return nil, nil, err
	}
	d, err := f.directory(dir)
	if err != nil {
		return nil, nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if d.links == 0 {
		return nil, nil, fs.ErrNotExist
	}
	if _, ok := d.entries[name]; ok {
		return nil, nil, fs.ErrExist
	}
	i := f.newInode(directory)
	d.insertLocked(name, i)
	d.touch()
	if directory {
		return f.newNode(i), nil, nil
	}
	return f.newNode(i), f.newFile(i, vfs.ModeRead|vfs.ModeWrite), nil
}

// Rename implements [vfs.FS].
func (f *FS) Rename(_ context.Context, _ *vfs.Cred, dir vfs.Node, name string, newDir vfs.Node, newName string, replace bool) error {
	if err := checkName(newName); err != nil {
		return err
	}
	from, err := f.directory(dir)
	if err != nil {
		return err
	}
	to, err := f.directory(newDir)
	if err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	i, ok := from.entries[name]
	if !ok || to.links == 0 {
		return fs.ErrNotExist
	}
	for above := to; above != nil; above = above.parent {
		if above == i {
			return ntstatus.InvalidParameter
		}
	}
	if old, ok := to.entries[newName]; ok {
		if !replace {
			return fs.ErrExist
		}
		if old == i && from == to && name == newName {
			return nil
		}
		if err := replaceable(old, i); err != nil {
			return err
		}
		to.deleteLocked(newName)
		f.unlinkedLocked(old)
	}
	from.deleteLocked(name)
	to.insertLocked(newName, i)
	i.changed()
	from.touch()
	to.touch()
	return nil
}

// Link implements [vfs.Linker].
func (f *FS) Link(_ context.Context, _ *vfs.Cred, n, dir vfs.Node, name string, replace bool) error {
	if err := checkName(name); err != nil {
		return err
	}
	i, err := f.inode(n)
	if err != nil {
		return err
	}
	d, err := f.directory(dir)
	if err != nil {
		return err
	}
	if i.entries != nil {
		return ntstatus.FileIsADirectory
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if i.links == 0 || d.links == 0 {
		return fs.ErrNotExist
	}
	if old, ok := d.entries[name]; ok {
		if !replace {
			return fs.ErrExist
		}
		if err := replaceable(old, i); err != nil {
			return err
		}
		d.deleteLocked(name)
		f.unlinkedLocked(old)
	}
	d.insertLocked(name, i)
	i.changed()
	d.touch()
	return nil
}

// replaceable says whether i may take the place of old: a file that of a file,
// a directory that of an empty directory. The caller holds FS.mu.
func replaceable(old, i *inode) error {
	switch {
	case old.entries == nil && i.entries != nil:
		return ntstatus.NotADirectory
	case old.entries != nil && i.entries == nil:
		return ntstatus.FileIsADirectory
	case len(old.entries) > 0:
		return ntstatus.DirectoryNotEmpty
	}
	return nil
}

// Remove implements [vfs.FS].
func (f *FS) Remove(_ context.Context, _ *vfs.Cred, dir vfs.Node, name string, n vfs.Node) error {
	d, err := f.directory(dir)
	if err != nil {
		return err
	}
	i, err := f.inode(n)
	if err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if d.entries[name] != i {
		return fs.ErrNotExist
	}
	if len(i.entries) > 0 {
		return ntstatus.DirectoryNotEmpty
	}
	d.deleteLocked(name)
	d.touch()
	f.unlinkedLocked(i)
	return nil
}
