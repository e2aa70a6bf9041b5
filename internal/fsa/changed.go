package fsa

import (
	"context"

	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/vfs"
)

// change is something that has happened to an entry of a directory.
// [MS-FSA] 2.1.4.1.
type change struct {
	dir    *File  // the directory; the caller holds a reference
	name   string // of the entry, as stored; a colon and the name of a stream may follow
	action fscc.NotifyAction
	filter fscc.CompletionFilter // of what kinds it is
}

// changed is called by whatever has changed something, when it is done and
// before any lock of the name is given back: all that follows from a change for
// those who look at the directory begins here. by is the open through which it
// was done. Several changes are one step: who is told of one is told of all at
// once. The caller holds no mutex.
func (s *Store) changed(by *Handle, changes ...change) {
	if !s.observed() {
		return
	}
}

// observed says whether anybody wants to hear of changes at all, so that those
// that nobody looks at cost nothing.
func (s *Store) observed() bool { return false }

// changed tells that the file of h, or a stream of it, was changed. Each suffix
// follows the name of the file, and is empty or a colon and the name of a
// stream. A file without a name is no entry of anything.
func (h *Handle) changed(filter fscc.CompletionFilter, what ...changedPart) {
	s := h.volume.store
	if h.link == nil || filter == 0 || !s.observed() {
		return
	}
	dir, name := h.link.where()
	if dir == nil {
		return
	}
	defer s.release(dir, nil)
	changes := make([]change, len(what))
	for i, w := range what {
		changes[i] = change{dir, name + w.suffix, w.action, filter}
	}
	s.changed(h, changes...)
}

// changedPart is a part of a file, and what happened to it.
type changedPart struct {
	suffix string // "", or a colon and the name of a stream
	action fscc.NotifyAction
}

// attributesChanged tells that something about the file of h was changed that
// is not its data.
func (h *Handle) attributesChanged(filter fscc.CompletionFilter) {
	h.changed(filter, changedPart{"", fscc.NotifyModified})
}

// dataChanged tells that what h has open was written to, and whether its length
// may be another.
func (h *Handle) dataChanged(resized bool) {
	if !h.volume.store.observed() {
		return
	}
	if h.isNamed() {
		filter := fscc.NotifyChangeStreamWrite
		if resized {
			filter |= fscc.NotifyChangeStreamSize
		}
		h.changed(filter, changedPart{":" + h.streamName(), fscc.NotifyModifiedStream})
		return
	}
	filter := fscc.NotifyChangeLastWrite
	if resized {
		filter |= fscc.NotifyChangeSize
	}
	h.changed(filter, changedPart{"", fscc.NotifyModified})
}

// growsTo says whether writing up to end, in bytes, will make what h has open
// longer. Nobody is asked unless somebody is told.
func (h *Handle) growsTo(ctx context.Context, end uint64) bool {
	if !h.volume.store.observed() {
		return false
	}
	attr, err := h.attr(ctx)
	return err != nil || end > attr.EndOfFile
}

// streamAdded and streamRemoved tell that the file of h has, or no longer has,
// the stream called name.
func (h *Handle) streamAdded(name string) {
	h.changed(fscc.NotifyChangeStreamName, changedPart{":" + name, fscc.NotifyAddedStream})
}

func (h *Handle) streamRemoved(name string) {
	h.changed(fscc.NotifyChangeStreamName, changedPart{":" + name, fscc.NotifyRemovedStream})
}

// streamRenamed tells that a stream of the file of h has another name.
func (h *Handle) streamRenamed(old, name string) {
	h.changed(fscc.NotifyChangeStreamName,
		changedPart{":" + old, fscc.NotifyRemovedStream}, changedPart{":" + name, fscc.NotifyAddedStream})
}

// tell tells of a rename that is done. [MS-FSA] 2.1.5.15.12.
func (r *renaming) tell() {
	s := r.volume.store
	if !s.observed() {
		return
	}
	names := nameFilter(r.file.directory)
	gone, come := fscc.NotifyRenamedOldName, fscc.NotifyRenamedNewName
	if r.from != r.toDir {
		gone, come = fscc.NotifyRemoved, fscc.NotifyAdded
	}
	source, target := change{r.from, r.name, gone, names}, change{r.toDir, r.toName, come, names}
	switch r.over {
	case "":
		s.changed(r.Handle, source, target)
	case r.toName: // the new name stays, and leads to this file now
		source.action = fscc.NotifyRemoved
		if r.merged {
			s.changed(r.Handle, source)
			return
		}
		s.changed(r.Handle, source, change{r.toDir, r.toName, fscc.NotifyModified, replacedFilter})
	default: // the name that went was spelt differently
		s.changed(r.Handle, change{r.toDir, r.over, fscc.NotifyRemoved, fscc.NotifyChangeFileName}, source, target)
	}
}

// tell tells of a new hard link. [MS-FSA] 2.1.5.15.7.
func (l *linking) tell() {
	s, added := l.volume.store, change{l.toDir, l.toName, fscc.NotifyAdded, fscc.NotifyChangeFileName}
	switch {
	case l.merged:
	case l.over == "":
		s.changed(l.Handle, added)
	case l.over == l.toName:
		s.changed(l.Handle, change{l.toDir, l.toName, fscc.NotifyModified, replacedFilter})
	default:
		s.changed(l.Handle, change{l.toDir, l.over, fscc.NotifyRemoved, fscc.NotifyChangeFileName}, added)
	}
}

// replacedFilter is of which kinds it is that a name leads to another file.
// [MS-FSA] 2.1.5.15.12.
const replacedFilter = fscc.NotifyChangeAttributes | fscc.NotifyChangeSize | fscc.NotifyChangeLastWrite |
	fscc.NotifyChangeLastAccess | fscc.NotifyChangeCreation | fscc.NotifyChangeSecurity | fscc.NotifyChangeEA

// nameFilter is of which kind a change of names is.
func nameFilter(directory bool) fscc.CompletionFilter {
	if directory {
		return fscc.NotifyChangeDirName
	}
	return fscc.NotifyChangeFileName
}

// attributesFilter is of which kinds a change of attributes is. That of a time
// of change is of none.
func attributesFilter(set *vfs.SetAttr) (filter fscc.CompletionFilter) {
	for _, c := range [...]struct {
		is   bool
		kind fscc.CompletionFilter
	}{
		{set.Attributes != nil, fscc.NotifyChangeAttributes},
		{set.CreationTime != nil, fscc.NotifyChangeCreation},
		{set.LastAccessTime != nil, fscc.NotifyChangeLastAccess},
		{set.LastWriteTime != nil, fscc.NotifyChangeLastWrite},
	} {
		if c.is {
			filter |= c.kind
		}
	}
	return filter
}
