package fsa

import (
	"sync"
	"sync/atomic"

	"github.com/signet-smb/signet/vfs"
)

// File is a file or directory that is open, or on the way to one that is.
// There is one per identity. [MS-FSA] 2.1.1.3.
type File struct {
	store     *Store
	id        vfs.FileID // immutable
	directory bool       // immutable

	// Guarded by store.mu.
	refs     int          // Handles, Links of children, volumes whose root it is, calls under way
	nodes    []volumeNode // what back ends know it by; each stays open while the File lives
	oneNode  [1]volumeNode
	links    *Link // a list by Link.nextLink; a directory has at most one
	children *Link // a list by Link.nextSibling: the Links whose parent it is
	nextDead *File // used once refs is 0
	watches  []*watch

	archived atomic.Bool // FileAttributeArchive is set, unless another program cleared it

	mu     sync.Mutex // guards what follows, and what Link and Handle say it does
	opens  int        // Handles
	roots  int        // volumes whose root it is
	stream Stream     // the unnamed one
	named  []*Stream  // those that are open
}

// volumeNode is a File's node on the back end of one volume: the node of one
// back end means nothing to another, even if it leads to the same file.
type volumeNode struct {
	volume *Volume
	node   vfs.Node
}

func newFile(s *Store, id vfs.FileID, directory bool) *File {
	f := &File{store: s, id: id, directory: directory}
	f.nodes = f.oneNode[:0]
	return f
}

// node returns what the back end of v knows f by, or nil. It stays open while
// the caller holds a reference to f and v is mounted.
func (f *File) node(v *Volume) vfs.Node {
	f.store.mu.Lock()
	defer f.store.mu.Unlock()
	return f.nodeLocked(v)
}

func (f *File) nodeLocked(v *Volume) vfs.Node {
	for i := range f.nodes {
		if f.nodes[i].volume == v {
			return f.nodes[i].node
		}
	}
	return nil
}

// dropNodeLocked removes the node of v, which the caller closes, or returns
// nil. The caller holds store.mu.
func (f *File) dropNodeLocked(v *Volume) vfs.Node {
	for i := range f.nodes {
		if f.nodes[i].volume == v {
			n := f.nodes[i].node
			last := len(f.nodes) - 1
			f.nodes[i], f.nodes[last] = f.nodes[last], volumeNode{}
			f.nodes = f.nodes[:last]
			return n
		}
	}
	return nil
}

// link returns the one link of a directory, or nil.
func (f *File) link() *Link {
	f.store.mu.Lock()
	defer f.store.mu.Unlock()
	return f.links
}

// close closes the nodes of a list of dead Files. Nobody else knows them any
// more, so no lock is held.
func (f *File) close() {
	for ; f != nil; f = f.nextDead {
		for _, n := range f.nodes {
			n.node.Close()
		}
	}
}

// setRoot notes that f became, or is no longer, the root of a volume.
func (f *File) setRoot(delta int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.roots += delta
}

// isRoot says whether some volume begins at f: it cannot be deleted.
func (f *File) isRoot() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.roots > 0
}

// isOpen says whether there is a Handle on f.
func (f *File) isOpen() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.opens > 0
}

// isAboveLocked says whether f is g or a directory above it. The caller holds
// store.mu.
func (f *File) isAboveLocked(g *File) bool {
	if f.children == nil {
		return f == g
	}
	for g != nil {
		if g == f {
			return true
		}
		if g.links == nil {
			return false
		}
		g = g.links.parent
	}
	return false
}

// hasOpensBelowLocked says whether some file below f is open.
// [MS-FSA] 2.1.4.2. The caller holds store.mu.
func (f *File) hasOpensBelowLocked() bool {
	for l := f.children; l != nil; l = l.nextSibling {
		if l.isOpen() || l.file.directory && l.file.hasOpensBelowLocked() {
			return true
		}
	}
	return false
}
