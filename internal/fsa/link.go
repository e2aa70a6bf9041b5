package fsa

import (
	"context"

	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/vfs"
)

// Link is a name of a File: an entry of a directory. [MS-FSA] 2.1.1.4.
//
// A Link of a data file lives while a Handle or a call uses it, that of a
// directory while the directory does, for the names of its children need it.
type Link struct {
	file *File // immutable

	// Guarded by store.mu; parent and name change only under the lock of the
	// name, too.
	refs                     int    // Handles and calls under way
	parent                   *File  // held; nil once the entry is removed
	name                     string // as stored
	nextLink                 *Link  // of file.links
	nextSibling, prevSibling *Link  // of parent.children

	// Guarded by file.mu.
	handles int
	pending *deletion // IsDeleted: set when the entry is to go with the last Handle
}

// deletion says through which volume, and as whom, a Link is removed: the one
// who asked for it, not the one who happens to close last. Immutable.
type deletion struct {
	volume *Volume
	as     *vfs.Cred
	parent *LeaseKey // the lease of the directory whose client knows of it; nil: none
	atOnce bool      // when any Handle is closed, not the last: DeleteUsingPosixSemantics
}

// linkLocked returns the Link by which f is the entry name of parent, and a
// File whose reference is to be given back, or nil. The caller holds store.mu.
func (f *File) linkLocked(parent *File, name string) (l *Link, old *File, err error) {
	if parent == nil {
		return nil, nil, nil
	}
	for l := f.links; l != nil; l = l.nextLink {
		if l.parent == parent && l.name == name {
			return l, nil, nil
		}
	}
	if f.directory && f.isAboveLocked(parent) {
		return nil, nil, ntstatus.AccessDenied
	}
	if f.directory && f.links != nil {
		return f.links, f.links.moveLocked(parent, name), nil
	}
	l = &Link{file: f, nextLink: f.links}
	f.links = l
	l.attachLocked(parent, name)
	return l, nil, nil
}

// attachLocked makes l, which has no parent, the entry name of parent. The
// caller holds store.mu.
func (l *Link) attachLocked(parent *File, name string) {
	l.file.store.links++
	parent.refs++
	l.parent, l.name = parent, name
	l.nextSibling, l.prevSibling = parent.children, nil
	if parent.children != nil {
		parent.children.prevSibling = l
	}
	parent.children = l
}

// separateLocked takes l from its parent, whose reference the caller gives
// back; nil if it had none. The caller holds store.mu.
func (l *Link) separateLocked() (parent *File) {
	if l.parent == nil {
		return nil
	}
	parent = l.parent
	l.file.store.links--
	if l.prevSibling != nil {
		l.prevSibling.nextSibling = l.nextSibling
	} else {
		parent.children = l.nextSibling
	}
	if l.nextSibling != nil {
		l.nextSibling.prevSibling = l.prevSibling
	}
	l.parent, l.nextSibling, l.prevSibling = nil, nil, nil
	return parent
}

// moveLocked makes l the entry name of parent and returns its old parent,
// whose reference the caller gives back. The caller holds store.mu.
func (l *Link) moveLocked(parent *File, name string) (old *File) {
	old = l.separateLocked()
	l.attachLocked(parent, name)
	return old
}

// detachLocked takes l from its parent and its File. It returns the parent,
// whose reference the caller gives back. The caller holds store.mu.
func (l *Link) detachLocked() (parent *File) {
	for at := &l.file.links; *at != nil; at = &(*at).nextLink {
		if *at == l {
			*at = l.nextLink
			break
		}
	}
	l.nextLink = nil
	return l.separateLocked()
}

// removed notes that the entry of l is no longer there.
func (l *Link) removed() {
	s := l.file.store
	s.mu.Lock()
	dead := s.releaseLocked(l.detachLocked(), nil)
	s.mu.Unlock()
	dead.close()
}

// where returns the directory of l, with a reference the caller gives back,
// and the name; nil if the entry was removed.
func (l *Link) where() (parent *File, name string) {
	s := l.file.store
	s.mu.Lock()
	defer s.mu.Unlock()
	if l.parent != nil {
		l.parent.refs++
	}
	return l.parent, l.name
}

// is reports whether l is the entry name of parent now.
func (l *Link) is(parent *File, name string) bool {
	l.file.store.mu.Lock()
	defer l.file.store.mu.Unlock()
	return l.parent == parent && l.name == name
}

// lockName takes the lock of the name of l alone, so that it stays, and
// returns what where does. The caller unlocks key.
func (l *Link) lockName(ctx context.Context) (parent *File, name string, key nameKey, err error) {
	s := l.file.store
	for {
		parent, name = l.where()
		if parent == nil {
			return nil, "", nameKey{}, ntstatus.FileDeleted
		}
		key = nameKeyOf(parent, name)
		if err := s.names.lock(ctx, key, exclusive); err != nil {
			s.release(parent, nil)
			return nil, "", nameKey{}, err
		}
		if l.is(parent, name) {
			return parent, name, key, nil
		}
		s.names.unlock(key, exclusive)
		s.release(parent, nil)
	}
}

// deletePending says whether the entry goes with the last Handle. A nil Link,
// that of the root of a volume, never does.
func (l *Link) deletePending() bool {
	if l == nil {
		return false
	}
	l.file.mu.Lock()
	defer l.file.mu.Unlock()
	return l.pending != nil
}

// isOpen says whether there is a Handle on l.
func (l *Link) isOpen() bool {
	l.file.mu.Lock()
	defer l.file.mu.Unlock()
	return l.handles > 0
}
