package fsa

import (
	"context"
	"errors"
	"io/fs"
	"strings"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/vfs"
)

// Rename gives the entry by which the file was opened another name. target is
// a path from the root of the volume, as in OpenRequest.Name; the directory it
// leads to exists. With replace, an existing file of that name is replaced.
//
// What it returns as an ntstatus.Status, besides what opening the target's
// directory does. [MS-FSA] 2.1.5.15.12.
//
//   - InvalidParameter: target is empty or begins with a backslash; the file is
//     the root; a directory would become an entry of itself or below;
//   - ObjectNameInvalid: target is no name;
//   - AccessDenied: the right to delete the file, to add an entry to the
//     directory, or to delete the file to be replaced is missing; the file is
//     being deleted; a stream of it, or a file below the directory, is open; the file to be
//     replaced is open, read-only, or a directory;
//   - ObjectNameCollision: the name is in use and replace is not set;
//   - DeletePending: the file to be replaced, or the directory, is being deleted;
//   - SharingViolation: who has the directory open does not tolerate writing; or
//     h is open on a named stream, and target does not begin with a colon.
//
// A target that begins with a colon renames the stream that is open.
func (h *Handle) Rename(ctx context.Context, target string, replace bool) error {
	if !h.granted.Has(dtyp.Delete) {
		return ntstatus.AccessDenied
	}
	switch {
	case strings.HasPrefix(target, ":"):
		return h.renameStream(ctx, target, replace)
	case h.isNamed():
		return ntstatus.SharingViolation
	case h.link == nil:
		return ntstatus.InvalidParameter
	}
	r := renaming{Handle: h, replace: replace}
	if err := r.locate(ctx, target); err != nil {
		return err
	}
	defer r.volume.store.release(r.toDir, r.toDirLink)
	return r.run(ctx)
}

// renaming is a rename under way. Owned by the call.
type renaming struct {
	*Handle
	from      *File // the directory it is in; held
	name      string
	toDir     *File // held, and toDirLink with it
	toDirLink *Link // nil for the root of the volume
	toName    string
	replace   bool

	// What has gone for the new name, for who is told.
	over   string // the name, as stored, that led to what was replaced or merged; "": the new name was free
	merged bool   // over led to the file itself: another hard link
}

// locate finds the directory of target, which the caller releases, and the
// name in it.
func (r *renaming) locate(ctx context.Context, target string) error {
	if target == "" || strings.HasPrefix(target, `\`) {
		return ntstatus.InvalidParameter
	}
	path, err := parseName(target)
	if err != nil {
		return err
	}
	if path.data || path.index || path.trailing {
		return ntstatus.ObjectNameInvalid
	}
	r.toDir, r.toDirLink, err = r.volume.walk(ctx, r.as, path.dirs)
	if err != nil {
		return err
	}
	r.toName = r.volume.fullName(ctx, r.as, r.toDir, path.last)
	return nil
}

func (r *renaming) run(ctx context.Context) error {
	s := r.volume.store
	if err := r.checkTargetDirectory(ctx); err != nil {
		return err
	}
	unlock, err := r.lockNames(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	defer s.release(r.from, nil)

	if r.file.directory && r.from != r.toDir {
		if err := s.moving.enter(ctx); err != nil {
			return err
		}
		defer s.moving.leave()
	}
	if err := r.checkSource(); err != nil {
		return err
	}
	if err := r.breakHandles(); err != nil {
		return err
	}
	if r.from == r.toDir && r.name == r.toName {
		return nil
	}
	if err := r.change(ctx); err != nil {
		return err
	}
	r.tell()
	r.markArchive(ctx)
	return nil
}

// change does the rename, by what is there under the new name.
func (r *renaming) change(ctx context.Context) error {
	old, oldLink, err := r.volume.lookup(ctx, r.as, r.toDir, r.toName)
	if errors.Is(err, fs.ErrNotExist) {
		return r.move(ctx, r.name, r.toName, false)
	}
	if err != nil {
		return err
	}
	defer r.volume.store.release(old, oldLink)
	if old == r.file {
		return r.ontoSameFile(ctx, oldLink)
	}
	return r.overFile(ctx, old, oldLink)
}

// checkTargetDirectory does what opening the directory for adding an entry
// would do.
//
// Deviation: that open does not share deletion, as in Windows before 11 24H2
// and Windows Server 2025, and as in Samba ([MS-FSA] <183>, <185>): whoever may
// delete the directory is not surprised by a new entry.
func (r *renaming) checkTargetDirectory(ctx context.Context) error {
	add := dtyp.FileAddFile
	if r.file.directory {
		add = dtyp.FileAddSubdirectory
	}
	var above vfs.Node
	if r.toDirLink != nil {
		parent, _ := r.toDirLink.where()
		if parent == nil {
			return ntstatus.ObjectPathNotFound
		}
		defer r.volume.store.release(parent, nil)
		above = parent.node(r.volume)
	}
	access, err := r.volume.fs.Access(ctx, r.as, above, r.toDir.node(r.volume))
	if err != nil {
		return err
	}
	if !(access & r.maximal).Has(add) {
		return ntstatus.AccessDenied
	}
	r.toDir.mu.Lock()
	defer r.toDir.mu.Unlock()
	return r.toDir.stream.sharing.check(add, fscc.ShareRead|fscc.ShareWrite)
}

// lockNames takes the locks of the old and the new name, and sets from and
// name to what they are now. The caller releases from.
func (r *renaming) lockNames(ctx context.Context) (unlock func(), err error) {
	s := r.volume.store
	to := nameKeyOf(r.toDir, r.toName)
	for {
		r.from, r.name = r.link.where()
		if r.from == nil {
			return nil, ntstatus.FileDeleted
		}
		from := nameKeyOf(r.from, r.name)
		err := r.volume.reach(ctx, r.as, r.from)
		if err == nil {
			err = s.names.lockTwo(ctx, from, to)
		}
		if err == nil && r.link.is(r.from, r.name) {
			return func() { s.names.unlockTwo(from, to) }, nil
		}
		s.release(r.from, nil)
		if err != nil {
			return nil, err
		}
		s.names.unlockTwo(from, to)
	}
}

// checkSource says whether the entry may be moved to where it is to go.
//
// A file that is opened below the directory from now on does no harm: its
// name is that of its links.
func (r *renaming) checkSource() error {
	if r.link.deletePending() {
		return ntstatus.AccessDenied
	}
	if r.file.hasOpenStreams() {
		return ntstatus.AccessDenied
	}
	if !r.file.directory {
		return nil
	}
	s := r.volume.store
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.file.isAboveLocked(r.toDir) {
		return ntstatus.InvalidParameter
	}
	if !r.file.hasOpensBelowLocked() {
		return nil
	}
	// Perhaps caches only have them open.
	if wait := r.file.breakHandlesBelowLocked(nil); wait != nil {
		return wait
	}
	return ntstatus.AccessDenied
}

// move renames the entry name of from on the back end, and then the link.
func (r *renaming) move(ctx context.Context, name, toName string, replace bool) error {
	err := r.volume.fs.Rename(ctx, r.as, r.from.node(r.volume), name, r.toDir.node(r.volume), toName, replace)
	switch {
	case errors.Is(err, fs.ErrExist):
		return ntstatus.ObjectNameCollision
	case errors.Is(err, fs.ErrNotExist):
		return ntstatus.ObjectNameNotFound
	case err != nil:
		return err
	}
	r.moved(toName)
	return nil
}

// moved notes that the link is the entry toName of the new directory.
func (r *renaming) moved(toName string) {
	s := r.volume.store
	s.mu.Lock()
	old := r.link.moveLocked(r.toDir, toName)
	dead := s.releaseLocked(old, nil)
	s.mu.Unlock()
	dead.close()
}
