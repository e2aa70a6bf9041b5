package fsa

import (
	"context"
	"errors"
	"io/fs"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/vfs"
)

// createNew creates a file in dir and opens it. The caller holds the lock of
// the name and has seen that it is free. [MS-FSA] 2.1.5.1.1.
//
// If dir is deleted meanwhile, either it is gone, or the back end finds it not
// empty and keeps it.
func (o *opening) createNew(ctx context.Context, dir *File) (*Handle, fscc.CreateAction, error) {
	directory := o.has(fscc.OptionDirectoryFile) || o.path.index
	if err := o.checkNew(directory); err != nil {
		return nil, 0, err
	}
	if err := o.checkSpace(ctx); err != nil {
		return nil, 0, err
	}
	v := o.volume
	n, data, err := v.fs.Create(ctx, o.As, dir.node(v), o.path.last, directory)
	switch {
	case errors.Is(err, fs.ErrNotExist): // dir itself was removed
		return nil, 0, ntstatus.ObjectPathNotFound
	case errors.Is(err, fs.ErrExist): // somebody else made it just now
		return nil, 0, ntstatus.ObjectNameCollision
	case err != nil:
		return nil, 0, err
	}
	h, err := o.openCreated(ctx, dir, n, data, directory)
	if err != nil {
		return nil, 0, err
	}
	v.store.changed(h, change{dir: dir, name: o.path.last, action: fscc.NotifyAdded, filter: nameFilter(directory)})
	if h.isNamed() {
		h.streamAdded(h.streamName())
	}
	return h, fscc.ActionCreated, o.tellCreated(ctx, h)
}

// checkNew says whether the file may be created as far as the back end has no
// say in it.
func (o *opening) checkNew(directory bool) error {
	add := dtyp.FileAddFile
	if directory {
		add = dtyp.FileAddSubdirectory
	}
	wanted := o.desired&^dtyp.MaximumAllowed | add
	switch {
	case directory && o.path.data:
		return ntstatus.NotADirectory
	case !directory && o.path.trailing:
		return ntstatus.ObjectNameInvalid
	case directory && o.attributes&fscc.FileAttributeTemporary != 0:
		return ntstatus.InvalidParameter
	case o.attributes&fscc.FileAttributeReadonly != 0 && o.has(fscc.OptionDeleteOnClose):
		return ntstatus.CannotDelete
	case !(o.MaximalAccess & dtyp.FileAllAccess).Has(wanted),
		o.has(fscc.OptionDeleteOnClose) && !o.MaximalAccess.Has(dtyp.Delete):
		return ntstatus.AccessDenied
	}
	if len(o.EAs) > 0 && !o.volume.info.StoresEAs {
		return ntstatus.EAsNotSupported
	}
	if err := checkEAs(o.EAs); err != nil {
		return err
	}
	if !directory {
		o.attributes |= fscc.FileAttributeArchive
	}
	return nil
}

// openCreated opens what Create returned, which it takes over. On error it
// undoes the creation.
func (o *opening) openCreated(ctx context.Context, dir *File, n vfs.Node, data vfs.File, directory bool) (_ *Handle, err error) {
	v := o.volume
	f, l, err := v.store.intern(v, n, directory, dir, o.path.last)
	if err != nil {
		if data != nil {
			data.Close()
		}
		return nil, err
	}
	h := o.newHandle(f, l)
	h.data = data
	// Whoever creates a file gets what was asked for. [MS-FSA] 2.1.5.1.1.
	h.granted = o.desired &^ dtyp.MaximumAllowed
	if o.desired.Has(dtyp.MaximumAllowed) {
		h.granted |= o.MaximalAccess & dtyp.FileAllAccess
	}
	if data != nil && o.mode(h.granted) == 0 {
		err = data.Close()
		h.data = nil
	}
	if err == nil {
		err = o.initialize(ctx, h)
	}
	if err == nil && o.path.stream != "" {
		err = vfs.ActingIn(ctx).End()
	}
	if err == nil && o.path.stream != "" {
		err = o.createStream(ctx, h)
	}
	if err == nil {
		err = o.admit(h, h.granted, false)
	}
	if err != nil {
		if h.data != nil {
			h.data.Close()
		}
		_ = vfs.ActingIn(ctx).End() // who cannot fails again
		_ = v.fs.Remove(context.WithoutCancel(ctx), o.As, dir.node(v), o.path.last, h.node)
		l.removed()
		v.store.release(f, l)
		return nil, err
	}
	return h, nil
}

// initialize gives a new file its attributes, and its extended ones.
func (o *opening) initialize(ctx context.Context, h *Handle) error {
	v := o.volume
	attr, err := v.lookedAttr(ctx, h.node)
	if err != nil {
		return err
	}
	o.found = &attr
	if v.info.StoresAttributes && attr.Attributes&settableAttributes != o.attributes {
		o.found = nil
		if err := v.fs.SetAttr(ctx, o.As, h.node, vfs.SetAttr{Attributes: &o.attributes}); err != nil {
			return err
		}
		if o.attributes&fscc.FileAttributeArchive != 0 && !h.file.directory {
			h.file.archived.Store(true) // nobody else has the file yet
		}
	}
	if len(o.EAs) == 0 {
		return nil
	}
	o.found = nil
	if err := vfs.ActingIn(ctx).End(); err != nil {
		return err
	}
	return v.setEAs(ctx, o.As, h.node, o.EAs)
}

// tellCreated is tell for a file that initialize has made what it is.
func (o *opening) tellCreated(ctx context.Context, h *Handle) error {
	if o.found == nil && o.Attr != nil && len(o.EAs) == 0 {
		attr, err := o.volume.lookedAttr(ctx, h.node)
		if err != nil {
			return err
		}
		o.found = &attr
	}
	return o.tell(ctx, h)
}
