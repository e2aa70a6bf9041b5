package fsa

import (
	"context"
	"errors"
	"io/fs"

	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/vfs"
)

// maxLinks is the most names of one file. [MS-FSA] 2.1.5.15.7.
const maxLinks = 1024

// HardLinks says whether files of the volume can have several names.
func (v *Volume) HardLinks() bool {
	_, ok := v.fs.(vfs.Linker)
	return ok
}

// AddLink gives the file another name. target is a path as in Rename. With
// replace, an existing file of that name is replaced. [MS-FSA] 2.1.5.15.7.
//
// What it returns as an ntstatus.Status is what Rename does, but for the
// right to delete, and:
//
//   - FileIsADirectory: a directory has one name only;
//   - NotSupported: so has every file of this back end;
//   - TooManyLinks.
//
// Deviation: a name that leads to the file already is not spelt anew.
func (h *Handle) AddLink(ctx context.Context, target string, replace bool) error {
	linker, ok := h.volume.fs.(vfs.Linker)
	switch {
	case h.isNamed():
		return ntstatus.InvalidParameter
	case h.file.directory:
		return ntstatus.FileIsADirectory
	case !ok:
		return ntstatus.NotSupported
	}
	l := linking{renaming{Handle: h, replace: replace}, linker}
	if err := l.locate(ctx, target); err != nil {
		return err
	}
	defer l.volume.store.release(l.toDir, l.toDirLink)
	return l.run(ctx)
}

// linking is a new hard link under way: a rename that keeps the old name.
// Owned by the call.
type linking struct {
	renaming
	linker vfs.Linker
}

func (l *linking) run(ctx context.Context) error {
	if err := l.checkTargetDirectory(ctx); err != nil {
		return err
	}
	unlock, err := l.lockNames(ctx) // the old one, too: it is not to be deleted meanwhile
	if err != nil {
		return err
	}
	defer unlock()
	defer l.volume.store.release(l.from, nil)

	if l.link.deletePending() {
		return ntstatus.AccessDenied
	}
	if err := l.breakHandles(); err != nil {
		return err
	}
	attr, err := l.node.Attr(ctx)
	if err != nil {
		return err
	}
	if attr.NumberOfLinks >= maxLinks {
		return ntstatus.TooManyLinks
	}
	old, oldLink, err := l.volume.lookup(ctx, l.as, l.toDir, l.toName)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		err = l.add(ctx, l.toName, false)
	case err == nil:
		defer l.volume.store.release(old, oldLink)
		err = l.overFile(ctx, old, oldLink)
	}
	if err == nil {
		l.tell()
		l.markArchive(ctx)
	}
	return err
}

// add makes the new entry on the back end. Its Link is made when it is opened.
func (l *linking) add(ctx context.Context, name string, replace bool) error {
	err := l.linker.Link(ctx, l.as, l.node, l.toDir.node(l.volume), name, replace)
	switch {
	case errors.Is(err, fs.ErrExist):
		return ntstatus.ObjectNameCollision
	case errors.Is(err, fs.ErrNotExist):
		return ntstatus.ObjectNameNotFound
	}
	return err
}

// overFile makes the new entry where there is one.
func (l *linking) overFile(ctx context.Context, old *File, oldLink *Link) error {
	if !l.replace {
		return ntstatus.ObjectNameCollision
	}
	if old == l.file {
		l.merged = true
		return nil
	}
	if err := l.checkReplaceable(ctx, old, oldLink); err != nil {
		return err
	}
	// The back end replaces only what is called exactly so.
	stored := oldLink.name
	if err := l.add(ctx, stored, true); err != nil {
		return err
	}
	oldLink.removed()
	l.over = stored
	if stored == l.toName {
		return nil
	}
	dir := l.toDir.node(l.volume)
	return l.volume.fs.Rename(ctx, l.as, dir, stored, dir, l.toName, false)
}
