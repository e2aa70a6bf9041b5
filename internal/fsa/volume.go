package fsa

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/vfs"
)

// Volume is a back end that is being served, from a directory of its own
// downwards. [MS-FSA] 2.1.1.1. It is safe for concurrent use.
type Volume struct {
	store *Store
	fs    vfs.FS
	root  *File
	info  vfs.Info // as it was when mounted: what the back end can store

	guards guards

	// Guarded by store.mu.
	users     int // Handles, and calls under way
	unmounted bool
	retired   func() // not nil: unmount once there are no users, and call it
}

// Mount begins to serve backend, which must stay usable until Unmount has returned
// nil; several volumes may lead to the same files.
func (s *Store) Mount(ctx context.Context, backend vfs.FS) (*Volume, error) {
	info, err := backend.Info(ctx)
	if err != nil {
		return nil, fmt.Errorf("mount: %w", err)
	}
	n, err := backend.Root(ctx)
	if err != nil {
		return nil, fmt.Errorf("mount: %w", err)
	}
	v := &Volume{store: s, fs: backend, info: info}
	v.root, _, err = s.intern(v, n, true, nil, "")
	if err != nil {
		return nil, fmt.Errorf("mount: %w", err)
	}
	v.root.setRoot(+1)
	return v, nil
}

// errBusy is returned by Unmount.
var errBusy = errors.New("fsa: volume has open handles")

// Unmount ends the service and gives every reference to the back end back. It
// fails, and changes nothing, while a Handle of the volume is open or a call
// is under way. It is called once with success.
func (v *Volume) Unmount() error {
	s := v.store
	s.mu.Lock()
	if v.users > 0 {
		s.mu.Unlock()
		return errBusy
	}
	v.unmounted = true
	s.mu.Unlock()
	v.dismount()
	return nil
}

// dismount gives back every reference to the back end. v is unmounted.
func (v *Volume) dismount() {
	v.guards.closeAll()
	s := v.store
	s.mu.Lock()
	var nodes []vfs.Node
	for _, f := range s.files {
		if n := f.dropNodeLocked(v); n != nil {
			nodes = append(nodes, n)
		}
	}
	s.mu.Unlock()
	for _, n := range nodes {
		n.Close()
	}
	v.root.setRoot(-1)
	s.release(v.root, nil)
}

// enter counts a user of v, who keeps it from being unmounted.
func (v *Volume) enter() error {
	v.store.mu.Lock()
	defer v.store.mu.Unlock()
	if v.unmounted {
		return ntstatus.VolumeDismounted
	}
	v.users++
	return nil
}

// leave undoes enter. Who leaves a retired volume last unmounts it: the caller
// is done with it, and holds no mutex.
func (v *Volume) leave() {
	v.store.mu.Lock()
	v.users--
	last := v.users == 0 && v.retired != nil
	v.store.mu.Unlock()
	if last {
		v.finish()
	}
}

// Info describes the volume, with the space that there is for as.
func (v *Volume) Info(ctx context.Context, as *vfs.Cred) (vfs.Info, error) {
	info, err := v.fs.Info(ctx)
	if err != nil {
		return info, err
	}
	quotas, ok := v.fs.(vfs.Quotas)
	if !ok {
		return info, nil
	}
	space, err := quotas.Space(ctx, as)
	switch {
	case errors.Is(err, errors.ErrUnsupported):
		return info, nil
	case err != nil:
		return info, err
	}
	info.TotalBytes, info.AvailableBytes, info.FreeBytes = space.Total, space.Available, space.Free
	return info, nil
}

// complete adds to what the back end says of a file what follows from it
// without being stored: where no attributes are, no file was ever marked as
// backed up, so every one has FileAttributeArchive, which a new file gets and
// every change sets. [MS-FSA] 2.1.4.17.
func (v *Volume) complete(attr vfs.Attr) vfs.Attr {
	if !v.info.StoresAttributes && !attr.IsDir() && !attr.Special {
		attr.Attributes |= fscc.FileAttributeArchive
	}
	return attr
}

// fileID makes the 64-bit identity that clients see of id: the inode number,
// stable over restarts. A file of another file system below the root, whose
// inode numbers may be the same, gets its volume number mixed in.
func (v *Volume) fileID(id vfs.FileID) uint64 {
	if id.Volume == v.root.id.Volume {
		return id.File
	}
	return id.File ^ scramble(id.Volume)
}

// scramble spreads x over 64 bits, one to one (the finalizer of SplitMix64).
func scramble(x uint64) uint64 {
	x += 0x9E3779B97F4A7C15
	x = (x ^ x>>30) * 0xBF58476D1CE4E5B9
	x = (x ^ x>>27) * 0x94D049BB133111EB
	return x ^ x>>31
}

// path returns the way from the root to the entry l, which is nil for the root
// itself, and whether it begins at the root: if another share moved the entry
// out of this one, it is what is known. [MS-FSA] 2.1.4.15.
func (v *Volume) path(l *Link) (path string, below bool) {
	v.store.mu.Lock()
	defer v.store.mu.Unlock()
	var names []string
	for l != nil && l.parent != nil {
		names = append(names, l.name)
		if below = l.parent == v.root; below {
			break
		}
		l = l.parent.links
	}
	slices.Reverse(names)
	return strings.Join(names, `\`), below || l == nil && names == nil
}

// reach makes sure that the back end of v knows the directory f, which may
// have been reached through another volume only. If it is not below the root
// that is ntstatus.NotSameDevice.
func (v *Volume) reach(ctx context.Context, as *vfs.Cred, f *File) error {
	if f.node(v) != nil {
		return nil
	}
	path, below := v.path(f.link())
	if !below {
		return ntstatus.NotSameDevice
	}
	g, l, err := v.walk(ctx, as, path)
	if err != nil {
		return err
	}
	defer v.store.release(g, l)
	if f.node(v) == nil { // moved at the same moment
		return ntstatus.NotSameDevice
	}
	return nil
}

// walk returns the directory that the components of path, separated by
// backslashes, lead to from the root. The caller releases it.
//
// A component that is missing or no directory is ntstatus.ObjectPathNotFound,
// one that is being deleted ntstatus.DeletePending. [MS-FSA] 2.1.5.1, phase 6.
func (v *Volume) walk(ctx context.Context, as *vfs.Cred, path string) (*File, *Link, error) {
	v.store.retain(v.root, nil)
	f, l := v.root, (*Link)(nil)
	if path == "" {
		return f, l, nil
	}
	for name := range strings.SplitSeq(path, `\`) {
		child, childLink, err := v.step(ctx, as, f, name)
		v.store.release(f, l) // the child's Link holds its parent
		if err != nil {
			return nil, nil, err
		}
		f, l = child, childLink
	}
	return f, l, nil
}

// step returns the directory called name in dir. The caller releases it.
func (v *Volume) step(ctx context.Context, as *vfs.Cred, dir *File, name string) (*File, *Link, error) {
	name = v.fullName(ctx, as, dir, name)
	key := nameKeyOf(dir, name)
	if err := v.store.names.lock(ctx, key, shared); err != nil {
		return nil, nil, err
	}
	defer v.store.names.unlock(key, shared)
	n, stored, err := v.fs.Lookup(ctx, as, dir.node(v), name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, ntstatus.ObjectPathNotFound
	}
	if err != nil {
		return nil, nil, err
	}
	directory, err := v.isDirectory(ctx, n)
	if err != nil {
		n.Close()
		return nil, nil, err
	}
	if !directory {
		n.Close()
		return nil, nil, ntstatus.ObjectPathNotFound
	}
	f, l, err := v.store.intern(v, n, true, dir, stored)
	if err != nil {
		return nil, nil, err
	}
	if l.deletePending() {
		v.store.release(f, l)
		return nil, nil, ntstatus.DeletePending
	}
	return f, l, nil
}

// isDirectory reports whether n, which Lookup has just returned, is one.
func (v *Volume) isDirectory(ctx context.Context, n vfs.Node) (bool, error) {
	if l, ok := n.(vfs.Looked); ok {
		return l.IsDir(), nil
	}
	attr, err := n.Attr(ctx)
	return attr.IsDir(), err
}

// lookedAttr returns the attributes of n, which Lookup has just returned.
func (v *Volume) lookedAttr(ctx context.Context, n vfs.Node) (vfs.Attr, error) {
	if l, ok := n.(vfs.Looked); ok {
		if attr, ok := l.LookupAttr(ctx); ok {
			return attr, nil
		}
	}
	return n.Attr(ctx)
}
