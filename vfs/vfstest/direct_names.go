package vfstest

import (
	"context"
	"errors"
	"io/fs"
	"slices"

	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/vfs"
)

// open opens a file or a stream, or makes it. [MS-FSA] 2.1.5.1.
func (d *Direct) open(ctx context.Context, step *Step) error {
	p, err := d.walk(ctx, step.Path)
	if err != nil {
		return err
	}
	s, err := d.openAt(ctx, p, step.Disposition)
	if err = errors.Join(err, p.close()); err != nil {
		return errors.Join(err, s.close())
	}
	d.slots[step.Slot] = s
	return nil
}

// overwrites and creates say what a disposition does to what is there, and to
// what is not.
func overwrites(d fscc.CreateDisposition) bool {
	return d == fscc.DispositionOverwrite || d == fscc.DispositionOverwriteIf || d == fscc.DispositionSupersede
}

func creates(d fscc.CreateDisposition) bool {
	return d != fscc.DispositionOpen && d != fscc.DispositionOverwrite
}

// openAt returns what it has opened by p, which it leaves to the caller.
func (d *Direct) openAt(ctx context.Context, p *place, disposition fscc.CreateDisposition) (s directSlot, err error) {
	existed := p.node != nil
	if !existed {
		if !creates(disposition) {
			return s, ntstatus.ObjectNameNotFound
		}
		s.node, s.file, err = d.fs.Create(ctx, nil, p.dir, p.name, false)
	} else {
		s.node, _, err = d.fs.Lookup(ctx, nil, p.dir, p.name)
	}
	if err != nil {
		return directSlot{}, err
	}
	attr, err := s.node.Attr(ctx)
	switch {
	case err != nil:
	case p.stream != "":
		var file vfs.File
		if file, err = d.openStream(ctx, s.node, p.stream, disposition); err == nil && s.file != nil {
			err = s.file.Close()
		}
		if err == nil {
			s.file = file
		}
	case !existed:
		err = d.fs.SetAttr(ctx, nil, s.node, vfs.SetAttr{Attributes: &archive})
	case attr.IsDir():
		err = ntstatus.FileIsADirectory
	case disposition == fscc.DispositionCreate:
		err = ntstatus.ObjectNameCollision
	case overwrites(disposition) && attr.Attributes&(fscc.FileAttributeHidden|fscc.FileAttributeSystem) != 0:
		// [MS-FSA] 2.1.5.1.2: who does not name these attributes does not know.
		err = ntstatus.AccessDenied
	default:
		s.file, err = d.fs.Open(ctx, nil, s.node, vfs.ModeRead|vfs.ModeWrite)
		if err == nil && overwrites(disposition) {
			err = d.overwrite(ctx, &s)
		}
	}
	if err == nil {
		return s, nil
	}
	if s.file != nil {
		err = errors.Join(err, s.file.Close())
	}
	return directSlot{}, errors.Join(err, s.node.Close())
}

// archive is what new and emptied files are marked with.
var archive = fscc.FileAttributeArchive

// overwrite empties a file and removes its streams.
func (d *Direct) overwrite(ctx context.Context, s *directSlot) error {
	if err := s.file.Truncate(ctx, 0); err != nil {
		return err
	}
	streams := d.fs.(vfs.Streams)
	list, err := streams.Streams(ctx, s.node)
	for i := range list {
		err = errors.Join(err, streams.RemoveStream(ctx, nil, s.node, list[i].Name))
	}
	return errors.Join(err, d.fs.SetAttr(ctx, nil, s.node, vfs.SetAttr{Attributes: &archive}))
}

func (d *Direct) openStream(ctx context.Context, n vfs.Node, name string, disposition fscc.CreateDisposition) (vfs.File, error) {
	streams := d.fs.(vfs.Streams)
	found, err := streams.LookupStream(ctx, n, name)
	switch {
	case err == nil && disposition == fscc.DispositionCreate:
		return nil, ntstatus.ObjectNameCollision
	case err == nil:
		name = found.Name
	case !errors.Is(err, fs.ErrNotExist):
		return nil, err
	case !creates(disposition):
		return nil, ntstatus.ObjectNameNotFound
	default:
		if err := streams.CreateStream(ctx, nil, n, name); err != nil {
			return nil, err
		}
	}
	file, err := streams.OpenStream(ctx, nil, n, name, vfs.ModeRead|vfs.ModeWrite)
	if err == nil && overwrites(disposition) {
		err = file.Truncate(ctx, 0)
	}
	return file, err
}

func (d *Direct) mkdir(ctx context.Context, name string) (err error) {
	p, err := d.walk(ctx, name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.close()) }()
	switch {
	case name == "": // [MS-FSA] 2.1.5.1: the root is nobody's to make
		return ntstatus.AccessDenied
	case p.node != nil:
		return ntstatus.ObjectNameCollision
	}
	n, _, err := d.fs.Create(ctx, nil, p.dir, p.name, true)
	if err != nil {
		return err
	}
	return n.Close()
}

// move gives what is at p, with attr, another name, or one more. [MS-FSA]
// 2.1.5.15.11 and 2.1.5.15.6.
func (d *Direct) move(ctx context.Context, step *Step, p *place, attr *vfs.Attr) (err error) {
	links := step.Op == OpLink
	if links && attr.IsDir() {
		return ntstatus.FileIsADirectory
	}
	to, err := d.walk(ctx, step.To)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, to.close()) }()
	// The name as it was asked for, to whose letters the old one is changed.
	wanted := step.To[len(step.To)-len(to.name):]
	switch {
	case !links && p.node.ID() == to.dir.ID():
		// To add to a directory it is opened so that nobody may delete or rename
		// it, and whoever renames it has it open for that.
		return ntstatus.SharingViolation
	case !links && slices.Contains(to.path, p.node.ID()):
		return ntstatus.InvalidParameter
	case to.node == nil:
	case !links && to.node.ID() == p.node.ID() && to.dir.ID() == p.dir.ID() && to.name == p.name:
		// Itself: at most its letters change.
	case links:
		return ntstatus.ObjectNameCollision
	default:
		return d.moveOver(ctx, step, p, to, wanted)
	}
	if links {
		return d.fs.(vfs.Linker).Link(ctx, nil, p.node, to.dir, wanted, false)
	}
	if to.node != nil && wanted == to.name {
		return nil
	}
	return d.fs.Rename(ctx, nil, p.dir, p.name, to.dir, wanted, false)
}

// moveOver puts what is at p in the place of what is at to.
func (d *Direct) moveOver(ctx context.Context, step *Step, p, to *place, wanted string) error {
	source, err := p.node.Attr(ctx)
	if err != nil {
		return err
	}
	over, err := to.node.Attr(ctx)
	same := to.node.ID() == p.node.ID()
	switch {
	case err != nil:
		return err
	case !same && !step.Replace:
		return ntstatus.ObjectNameCollision
	case over.IsDir():
		return ntstatus.AccessDenied
	}
	name := p.name
	dir := p.dir
	switch {
	case same: // another of its own names: one of the two goes
		err = d.fs.Remove(ctx, nil, to.dir, to.name, to.node)
	case source.IsDir():
		err = d.fs.Remove(ctx, nil, to.dir, to.name, to.node)
	default:
		err = d.fs.Rename(ctx, nil, p.dir, p.name, to.dir, to.name, true)
		dir, name = to.dir, to.name
	}
	if err != nil || dir == to.dir && name == wanted {
		return err
	}
	return d.fs.Rename(ctx, nil, dir, name, to.dir, wanted, false)
}
