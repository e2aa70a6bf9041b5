package memfs

import (
	"slices"
	"sync"
	"time"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/vfs"
)

// inode is one file or directory. It lives while an entry or a reference leads
// to it; what it held is given back to FS.used then.
type inode struct {
	id vfs.FileID // immutable

	// Guarded by FS.mu.
	parent  *inode              // of a directory; nil for the root
	links   uint32              // entries that lead here; the root has one of its own
	entries map[string]*inode   // of a directory, by exact name; whether it is nil is immutable
	folded  map[string][]string // of a directory: the exact names, sorted, behind each folded one

	mu         sync.RWMutex // guards what follows
	references int          // open Nodes and Files
	linked     bool         // links is not 0: kept here for release
	attributes fscc.FileAttributes
	pages      pages
	eas        []fscc.EA // in order of names; immutable, replaced as a whole
	streams    map[string]*stream
	descriptor *dtyp.SecurityDescriptor // nil: none was set; immutable, replaced as a whole

	creationTime, lastAccessTime, lastWriteTime, changeTime time.Time
}

// newInode makes an inode without links or references.
func (f *FS) newInode(directory bool) *inode {
	now := time.Now()
	i := &inode{
		id:             vfs.FileID{Volume: f.volume, File: f.lastFile.Add(1)},
		linked:         true,
		creationTime:   now,
		lastAccessTime: now,
		lastWriteTime:  now,
		changeTime:     now,
	}
	if directory {
		i.entries = make(map[string]*inode)
		i.folded = make(map[string][]string)
	}
	return i
}

// insertLocked makes name an entry of i that leads to child. The caller holds
// FS.mu and has seen that there is no such entry.
func (i *inode) insertLocked(name string, child *inode) {
	i.entries[name] = child
	key := vfs.Fold(name)
	names := append(i.folded[key], name)
	slices.Sort(names)
	i.folded[key] = names
	child.links++
	if child.entries != nil {
		child.parent = i
	}
}

// deleteLocked removes the entry name of i, which exists. The caller holds
// FS.mu.
func (i *inode) deleteLocked(name string) {
	child := i.entries[name]
	delete(i.entries, name)
	key := vfs.Fold(name)
	names := i.folded[key]
	if at := slices.Index(names, name); len(names) > 1 {
		i.folded[key] = slices.Delete(names, at, at+1)
	} else {
		delete(i.folded, key)
	}
	child.links--
}

// findLocked returns the entry of i that is called name without regard to
// case, and its name as stored; nil if there is none. The caller holds FS.mu.
func (i *inode) findLocked(name string) (*inode, string) {
	if child, ok := i.entries[name]; ok {
		return child, name
	}
	if names := i.folded[vfs.Fold(name)]; len(names) > 0 {
		return i.entries[names[0]], names[0]
	}
	return nil, ""
}

// attr returns the attributes. links is as read under FS.mu.
func (i *inode) attr(links uint32) vfs.Attr {
	i.mu.RLock()
	defer i.mu.RUnlock()
	a := vfs.Attr{
		ID:             i.id,
		Attributes:     i.attributes,
		CreationTime:   i.creationTime,
		LastAccessTime: i.lastAccessTime,
		LastWriteTime:  i.lastWriteTime,
		ChangeTime:     i.changeTime,
		EndOfFile:      uint64(i.pages.size),
		AllocationSize: uint64(i.pages.allocated()),
		NumberOfLinks:  links,
		HasStreams:     len(i.streams) > 0,
		HasDescriptor:  i.descriptor != nil,
	}
	for n := range i.eas {
		a.EASize += uint32(i.eas[n].Size())
	}
	if i.entries != nil {
		a.Attributes |= fscc.FileAttributeDirectory
	}
	return a
}

// touch notes that an entry of the directory i changed.
func (i *inode) touch() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.lastWriteTime = time.Now()
	i.changeTime = i.lastWriteTime
}

// changed notes that i got another name.
func (i *inode) changed() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.changeTime = time.Now()
}

// unlinkedLocked notes that an entry leading to i is gone, and frees its data
// if no other is left and no reference either. The caller holds FS.mu.
func (f *FS) unlinkedLocked(i *inode) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.linked = i.links > 0
	i.changeTime = time.Now()
	f.releaseLocked(i)
}

// acquire counts a reference to i.
func (f *FS) acquire(i *inode) {
	f.references.Add(1)
	i.mu.Lock()
	defer i.mu.Unlock()
	i.references++
}

// release gives a reference back.
func (f *FS) release(i *inode) {
	f.references.Add(-1)
	i.mu.Lock()
	defer i.mu.Unlock()
	i.references--
	f.releaseLocked(i)
}

// releaseLocked frees the data of i if nothing leads to it any more. The
// caller holds i.mu.
func (f *FS) releaseLocked(i *inode) {
	if !i.linked && i.references == 0 {
		f.used.Add(-i.pages.allocated())
		i.pages = pages{}
		for name := range i.streams {
			f.dropStreamLocked(i, name)
		}
	}
}
