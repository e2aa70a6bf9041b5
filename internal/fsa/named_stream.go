package fsa

import (
	"context"
	"errors"
	"io/fs"
	"slices"

	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/vfs"
)

// streamKeyOf is what a named stream is locked by. No file's name has a colon.
func streamKeyOf(f *File, name string) nameKey { return nameKey{f.id, ":" + vfs.Fold(name)} }

// hasOpenStreams says whether some named stream is open.
func (f *File) hasOpenStreams() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.named) > 0
}

// streamName returns the name of h's stream as it is now.
func (h *Handle) streamName() string {
	h.file.mu.Lock()
	defer h.file.mu.Unlock()
	return h.stream.name
}

// describeStream makes the attributes of the file those of h's stream.
func (h *Handle) describeStream(ctx context.Context, attr *vfs.Attr) error {
	for {
		name := h.streamName()
		s, err := h.volume.streams().LookupStream(ctx, h.node, name)
		if errors.Is(err, fs.ErrNotExist) && name != h.streamName() {
			continue // renamed this moment
		}
		attr.Attributes &^= fscc.FileAttributeDirectory
		attr.EndOfFile, attr.AllocationSize = s.EndOfFile, s.AllocationSize
		return err
	}
}

// Streams returns the streams of the file in order: the unnamed one first, whose
// name is "" and which a directory does not have. [MS-FSA] 2.1.5.12.29.
func (h *Handle) Streams(ctx context.Context) ([]vfs.Stream, error) {
	attr, err := h.node.Attr(ctx)
	if err != nil {
		return nil, err
	}
	var list []vfs.Stream
	if !attr.IsDir() {
		list = append(list, vfs.Stream{EndOfFile: attr.EndOfFile, AllocationSize: attr.AllocationSize})
	}
	if !attr.HasStreams || !h.volume.NamedStreams() {
		return list, nil
	}
	named, err := h.volume.streams().Streams(ctx, h.node)
	return append(list, named...), err
}

// endStream ends the open of a named stream, with deleteNow after the decision
// that it is to be deleted. The last Handle removes it if that was decided.
// What is to be closed when all is done, is returned, too. [MS-FSA] 2.1.5.5,
// phase 2.
func (h *Handle) endStream(ctx context.Context, deleteNow bool) (ended chan struct{}, err error) {
	d, ended := h.leaveStream(deleteNow)
	if d == nil {
		return ended, nil
	}
	// The stream is still one of f.named and pending: nobody opens it.
	ctx = context.WithoutCancel(ctx)
	f, key := h.file, streamKeyOf(h.file, h.streamName())
	if err := f.store.names.lock(ctx, key, exclusive); err != nil {
		return ended, err
	}
	defer f.store.names.unlock(key, exclusive)
	err = h.volume.streams().RemoveStream(ctx, d.as, h.node, h.streamName())
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	if err == nil {
		h.streamRemoved(h.streamName())
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.forgetLocked(h.stream)
	return ended, err
}

// leaveStream takes h from its stream. It returns how that is to be removed if
// it is to be now, and what leaveOplockLocked does.
func (h *Handle) leaveStream(deleteNow bool) (remove *deletion, ended chan struct{}) {
	f, s := h.file, h.stream
	f.mu.Lock()
	defer f.mu.Unlock()
	ended = h.leaveOplockLocked()
	s.leaveLocked(h)
	s.opens--
	if deleteNow && s.pending == nil {
		s.pending = &deletion{volume: h.volume, as: h.as}
		s.breakHandlesLocked(nil, h.oplock)
	}
	if s.opens > 0 {
		return nil, ended
	}
	if s.pending == nil {
		f.forgetLocked(s)
	}
	return s.pending, ended
}

// forgetLocked takes s from the streams that are open. The caller holds f.mu.
func (f *File) forgetLocked(s *Stream) {
	f.named = slices.DeleteFunc(f.named, func(other *Stream) bool { return other == s })
}

// removeStreams removes the named streams of a file that is overwritten. What
// somebody has open goes with its last Handle.
func (h *Handle) removeStreams(ctx context.Context) error {
	if !h.volume.NamedStreams() {
		return nil
	}
	list, err := h.volume.streams().Streams(ctx, h.node)
	if err != nil {
		return err
	}
	for _, s := range list {
		if err := h.removeUnlessOpen(ctx, s.Name); err != nil {
			return err
		}
	}
	return nil
}

func (h *Handle) removeUnlessOpen(ctx context.Context, name string) error {
	f, key := h.file, streamKeyOf(h.file, name)
	if err := f.store.names.lock(ctx, key, exclusive); err != nil {
		return err
	}
	defer f.store.names.unlock(key, exclusive)
	f.mu.Lock()
	open := f.namedLocked(name)
	if open != nil && open.pending == nil {
		open.pending = &deletion{volume: h.volume, as: h.as}
	}
	f.mu.Unlock()
	if open != nil {
		return nil
	}
	err := h.volume.streams().RemoveStream(ctx, h.as, h.node, name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		h.streamRemoved(name)
	}
	return err
}
