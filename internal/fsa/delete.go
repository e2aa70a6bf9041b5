package fsa

import (
	"context"
	"errors"
	"io"
	"io/fs"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/vfs"
)

// SetDeletePending decides whether the entry by which the file was opened, or
// the named stream that is open, is removed when its last Handle is closed;
// from then on it cannot be opened.
//
// It returns ntstatus.AccessDenied without the right to delete,
// ntstatus.CannotDelete for a read-only file or the root of a volume, and
// ntstatus.DirectoryNotEmpty. [MS-FSA] 2.1.5.15.3.
func (h *Handle) SetDeletePending(ctx context.Context, pending bool) error {
	if !h.granted.Has(dtyp.Delete) {
		return ntstatus.AccessDenied
	}
	if !pending {
		return h.undelete()
	}
	if err := h.deletable(ctx, false); err != nil {
		return err
	}
	if err := h.breakHandles(); err != nil {
		return err
	}
	h.deleteLater(func(*deletion) {})
	return nil
}

// SetDisposition is SetDeletePending as flags say. With
// fscc.DispositionPOSIXSemantics the entry goes when any Handle on it is
// closed: the others keep the file, which has no name then. With
// fscc.DispositionIgnoreReadonlyAttribute who may change the attribute may
// delete a read-only file.
//
// Besides what SetDeletePending returns, flags without meaning are
// ntstatus.NotSupported, and so is fscc.DispositionOnClose for an entry that
// is not being deleted. An image of a file is never mapped here, so checking
// for one finds nothing. [MS-FSA] 2.1.5.15.4.
//
// Deviation: a named stream goes with its last Handle whatever the flags say.
func (h *Handle) SetDisposition(ctx context.Context, flags fscc.DispositionFlags) error {
	const known = fscc.DispositionDelete | fscc.DispositionPOSIXSemantics | fscc.DispositionForceImageSectionCheck |
		fscc.DispositionOnClose | fscc.DispositionIgnoreReadonlyAttribute
	onClose := flags&fscc.DispositionOnClose != 0
	ignoreReadonly := flags&fscc.DispositionIgnoreReadonlyAttribute != 0 && h.granted.Has(dtyp.FileWriteAttributes)
	switch {
	case flags&^known != 0:
		return ntstatus.NotSupported
	case !h.granted.Has(dtyp.Delete):
		return ntstatus.AccessDenied
	case flags&fscc.DispositionDelete == 0:
		return h.undelete()
	case onClose && !h.DeletePending():
		return ntstatus.NotSupported
	}
	if err := h.deletable(ctx, ignoreReadonly); err != nil {
		return err
	}
	if err := h.breakHandles(); err != nil {
		return err
	}
	h.deleteLater(func(d *deletion) {
		if !onClose {
			d.atOnce = flags&fscc.DispositionPOSIXSemantics != 0
		}
	})
	return nil
}

// pendingLocked returns where it is noted that what h has open is to be
// removed: of a named stream, in that. nil for the root. The caller holds
// file.mu.
func (h *Handle) pendingLocked() **deletion {
	switch {
	case h.isNamed():
		return &h.stream.pending
	case h.link == nil:
		return nil
	}
	return &h.link.pending
}

// undelete takes the decision back that the entry is removed.
func (h *Handle) undelete() error {
	h.file.mu.Lock()
	defer h.file.mu.Unlock()
	if p := h.pendingLocked(); p != nil {
		*p = nil
	}
	return nil
}

// deleteLater decides that the entry is removed. The one who decides so first
// is who removes it; change may alter how.
func (h *Handle) deleteLater(change func(*deletion)) {
	if h.isIndex() {
		defer h.file.store.doomed(h.file)
	}
	h.file.mu.Lock()
	defer h.file.mu.Unlock()
	d := deletion{volume: h.volume, as: h.as, parent: h.parentKey()}
	pending := h.pendingLocked() // deletable saw that there is one
	if *pending != nil {
		d = **pending
	}
	change(&d)
	*pending = &d
}

// DeletePending says whether the file, or the named stream that is open, is
// deleted when its last Handle is closed, by SetDeletePending.
// [MS-FSA] 2.1.5.12.27.
func (h *Handle) DeletePending() bool {
	h.file.mu.Lock()
	defer h.file.mu.Unlock()
	p := h.pendingLocked()
	return p != nil && *p != nil
}

// NameDeletePending says whether the entry by which the file, or a stream of it,
// was opened is removed when its last Handle is closed.
func (h *Handle) NameDeletePending() bool { return h.link.deletePending() }

// deletable says whether the file can be deleted as it is now, with
// ignoreReadonly also if it is read-only.
//
// A directory that is found empty may have a new entry a moment later. Then
// the back end refuses to remove it, and nothing is lost.
func (h *Handle) deletable(ctx context.Context, ignoreReadonly bool) error {
	if !h.isNamed() && (h.link == nil || h.file.isRoot()) {
		return ntstatus.CannotDelete
	}
	attr, err := h.node.Attr(ctx)
	if err != nil {
		return err
	}
	if attr.Attributes&fscc.FileAttributeReadonly != 0 && !ignoreReadonly {
		return ntstatus.CannotDelete
	}
	if !h.isIndex() {
		return nil
	}
	empty, err := h.isEmpty(ctx)
	if err == nil && !empty {
		err = ntstatus.DirectoryNotEmpty
	}
	return err
}

func (h *Handle) isEmpty(ctx context.Context) (bool, error) {
	d, err := h.volume.fs.OpenDir(ctx, h.as, h.node)
	if err != nil {
		return false, err
	}
	defer d.Close()
	_, err = d.Next(ctx)
	if errors.Is(err, io.EOF) {
		return true, nil
	}
	return false, err
}

// deletesOnClose says whether h asked that the file be deleted when h is
// closed. A directory that is not empty then stays, without an error.
// [MS-FSA] 2.1.5.5, phase 1.
func (h *Handle) deletesOnClose(ctx context.Context) (bool, error) {
	if h.options&fscc.OptionDeleteOnClose == 0 {
		return false, nil
	}
	if !h.isIndex() {
		return true, nil
	}
	return h.isEmpty(context.WithoutCancel(ctx))
}

// remove removes the entry of l as d says. It is pending, so no new Handle
// gets in before remove is done. It does not end with ctx. If the back end
// refuses, the entry stays and can be opened again. by is the Handle that ends.
// [MS-FSA] 2.1.5.5, phase 3.
func (l *Link) remove(ctx context.Context, d *deletion, by *Handle) error {
	ctx = context.WithoutCancel(ctx)
	s := l.file.store
	parent, name, key, err := l.lockName(ctx)
	if errors.Is(err, ntstatus.FileDeleted) {
		return nil
	}
	if err != nil {
		return err
	}
	defer s.release(parent, nil)
	defer s.names.unlock(key, exclusive)

	v, dirNode, node, err := s.commonVolume(d.volume, parent, l.file)
	if err == nil {
		defer v.leave()
		err = v.fs.Remove(ctx, d.as, dirNode, name, node)
	}
	if err == nil || errors.Is(err, fs.ErrNotExist) {
		s.fullNames.removed(parent, name)
		l.removed()
		if key := by.parentKey(); key != nil && (d.parent == nil || *d.parent != *key) {
			parent.breakListing(nil) // who closes last may not know that it is deleted
		}
		s.changed(by, change{dir: parent, name: name, action: fscc.NotifyRemoved, filter: nameFilter(l.file.directory)})
		return nil
	}
	l.file.mu.Lock()
	defer l.file.mu.Unlock()
	l.pending = nil
	return err
}

// commonVolume returns a volume, preferably v, that knows both a directory and
// an entry of it, and its nodes. They can be known to different volumes when
// shares overlap: then that is ntstatus.CannotDelete. The caller leaves the
// volume.
func (s *Store) commonVolume(v *Volume, dir, f *File) (*Volume, vfs.Node, vfs.Node, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	known := func(v *Volume) bool { return dir.nodeLocked(v) != nil && f.nodeLocked(v) != nil }
	for i := 0; !known(v); i++ {
		if i == len(f.nodes) {
			return nil, nil, nil, ntstatus.CannotDelete
		}
		v = f.nodes[i].volume
	}
	v.users++
	return v, dir.nodeLocked(v), f.nodeLocked(v), nil
}
