package fsa

import (
	"context"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/ntstatus"
)

// ontoSameFile renames to a name that leads to the file already: the same
// entry in other case, or another hard link, which is merged with this one.
//
// Deviation: another hard link that is open is ntstatus.AccessDenied, so that
// no two Links stand for one entry.
func (r *renaming) ontoSameFile(ctx context.Context, other *Link) error {
	if other == r.link {
		return r.move(ctx, r.name, r.toName, false)
	}
	if other.isOpen() {
		return ntstatus.AccessDenied
	}
	// A rename of one hard link to another does nothing on Unix, so the
	// superfluous entry is removed instead.
	exact := other.name == r.toName
	dir, name := r.toDir, other.name
	if exact {
		dir, name = r.from, r.name
	}
	if err := r.volume.fs.Remove(ctx, r.as, dir.node(r.volume), name, r.node); err != nil {
		return err
	}
	r.over, r.merged = other.name, true
	other.removed()
	if exact {
		r.moved(r.toName)
		return nil
	}
	return r.move(ctx, r.name, r.toName, false)
}

// overFile renames to a name that leads to another file, which goes away.
func (r *renaming) overFile(ctx context.Context, target *File, link *Link) error {
	if !r.replace {
		return ntstatus.ObjectNameCollision
	}
	if err := r.checkReplaceable(ctx, target, link); err != nil {
		return err
	}
	if r.file.directory { // the back end cannot put a directory in the place of a file
		if err := r.volume.fs.Remove(ctx, r.as, r.toDir.node(r.volume), link.name, target.node(r.volume)); err != nil {
			return err
		}
		r.over = link.name
		link.removed()
		return r.move(ctx, r.name, r.toName, false)
	}
	// The back end replaces only what is called exactly so. A name that is to
	// be spelt differently is changed afterwards: no moment is without a file.
	stored := link.name
	r.over = stored
	if err := r.replaceEntry(ctx, stored, link); err != nil || stored == r.toName {
		return err
	}
	again := *r
	again.from = r.toDir
	return again.move(ctx, stored, r.toName, false)
}

// replaceEntry moves the file to where link is now.
func (r *renaming) replaceEntry(ctx context.Context, stored string, link *Link) error {
	err := r.volume.fs.Rename(ctx, r.as, r.from.node(r.volume), r.name, r.toDir.node(r.volume), stored, true)
	if err != nil {
		return err
	}
	link.removed()
	r.moved(stored)
	return nil
}

// checkReplaceable says whether the file may be replaced. No new open of it
// gets in: that takes the lock of the name.
func (r *renaming) checkReplaceable(ctx context.Context, target *File, link *Link) error {
	attr, err := target.node(r.volume).Attr(ctx)
	switch {
	case err != nil:
		return err
	case target.directory, attr.Attributes&fscc.FileAttributeReadonly != 0:
		return ntstatus.AccessDenied
	case link.deletePending():
		return ntstatus.DeletePending
	}
	access, err := r.volume.fs.Access(ctx, r.as, r.toDir.node(r.volume), target.node(r.volume))
	if err != nil {
		return err
	}
	if !(access & r.maximal).Has(dtyp.Delete) {
		return ntstatus.AccessDenied
	}
	return target.closeByBreak()
}
