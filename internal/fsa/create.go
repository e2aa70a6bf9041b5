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
	if err := vfs.ActingIn(ctx).End(); err != nil {
		n.Close()
		if data != nil {
			data.Close()
		}
		return nil, 0, err
	}
	h, err := o.openCreated(ctx, dir, n, data, directory)
	if err != nil {
		return nil, 0, err
	}
	return h, fscc.ActionCreated, nil
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
		err = o.createStream(ctx, h)
	}
	if err == nil {
		err = h.admit(h.granted)
	}
	if err != nil {
		if h.data != nil {
			h.data.Close()
		}
		_ = v.fs.Remove(context.WithoutCancel(ctx), o.As, dir.node(v), o.path.last, h.node)
		l.removed()
		v.store.release(f, l)
		return nil, err
	}
	return h, nil
}

// initialize gives a new file its attributes, and its extended ones.
func (o *opening) initialize(ctx context.Context, h *Handle) error {
	attr, err := h.node.Attr(ctx)
	if err != nil {
		return err
	}
	if err := o.setAttributes(ctx, h.node, attr); err != nil || len(o.EAs) == 0 {
		return err
	}
	return o.volume.setEAs(ctx, o.As, h.node, o.EAs)
}
