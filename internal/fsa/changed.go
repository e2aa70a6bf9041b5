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

	// unless are kinds: who wants to hear of any of them is not told of this.
	unless fscc.CompletionFilter
	// content says that data was written: leases of the directory last until
	// the file is closed, see breakParentListing.
	content bool
}

// changed is called by whatever has changed something, when it is done and
// before any lock of the name is given back: all that follows from a change for
// those who look at the directory begins here. by is the open through which it
// was done. Several changes are one step: who is told of one is told of all at
// once. The caller holds no mutex.
func (s *Store) changed(by *Handle, changes ...change) {
	if s.watched() {
		s.notify(changes)
	}
	s.breakListings(by, changes)
}

// observed says whether anybody wants to hear of changes at all, so that those
// that nobody looks at cost next to nothing.
func (s *Store) observed() bool { return s.watched() || s.listings.Load() > 0 }

// watched says whether anybody wants to hear of what is written, too.
func (s *Store) watched() bool { return s.watches.Load() > 0 }

// changed tells that the file of h, or a stream of it, was changed. Each suffix
// follows the name of the file, and is empty or a colon and the name of a
// stream. A file without a name is no entry of anything.
func (h *Handle) changed(filter fscc.CompletionFilter, what ...changedPart) {
	h.partsChanged(false, filter, what...)
}

// partsChanged is changed that says whether it is the content that was.
func (h *Handle) partsChanged(content bool, filter fscc.CompletionFilter, what ...changedPart) {
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
		changes[i] = change{dir: dir, name: name + w.suffix, action: w.action, filter: filter, content: content}
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
	if !h.volume.store.watched() {
		return
	}
	if h.isNamed() {
		filter := fscc.NotifyChangeStreamWrite
		if resized {
			filter |= fscc.NotifyChangeStreamSize
		}
		h.partsChanged(true, filter, changedPart{":" + h.streamName(), fscc.NotifyModifiedStream})
		return
	}
	filter := fscc.NotifyChangeLastWrite
	if resized {
		filter |= fscc.NotifyChangeSize
	}
	h.partsChanged(true, filter, changedPart{"", fscc.NotifyModified})
}

// growsTo says whether writing up to end, in bytes, will make what h has open
// longer. Nobody is asked unless somebody is told.
func (h *Handle) growsTo(ctx context.Context, end uint64) bool {
	if !h.volume.store.watched() {
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
	source := change{dir: r.from, name: r.name, action: gone, filter: names}
	target := change{dir: r.toDir, name: r.toName, action: come, filter: names}
	modified := change{dir: r.toDir, name: r.toName, action: fscc.NotifyModified}
	changes := make([]change, 0, 4)
	switch {
	case r.over == r.toName: // the new name stays, and leads to this file now
		source.action = fscc.NotifyRemoved
		changes = append(changes, source)
		if !r.merged {
			modified.filter = replacedFilter
			changes = append(changes, modified)
		}
	case r.over != "": // what went was spelt differently
		changes = append(changes, change{dir: r.toDir, name: r.over, action: fscc.NotifyRemoved, filter: fscc.NotifyChangeFileName})
		fallthrough
	default:
		changes = append(changes, source, target)
		if !r.file.directory {
			// As on Windows, and in Samba, who does not hear of names hears
			// that something about the file is new.
			modified.filter = fscc.NotifyChangeAttributes | fscc.NotifyChangeCreation
			modified.unless = names
			changes = append(changes, modified)
		}
	}
	s.changed(r.Handle, changes...)
}

// tell tells of a new hard link. [MS-FSA] 2.1.5.15.7.
func (l *linking) tell() {
	s := l.volume.store
	added := change{dir: l.toDir, name: l.toName, action: fscc.NotifyAdded, filter: fscc.NotifyChangeFileName}
	switch {
	case l.merged:
	case l.over == "":
		s.changed(l.Handle, added)
	case l.over == l.toName:
		added.action, added.filter = fscc.NotifyModified, replacedFilter
		s.changed(l.Handle, added)
	default:
		removed := added
		removed.name, removed.action = l.over, fscc.NotifyRemoved
		s.changed(l.Handle, removed, added)
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
