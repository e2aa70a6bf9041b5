package fsa

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/signet-smb/signet/vfs"
)

// Store holds every file that is open, whatever share it was opened through,
// so that share modes and deletion are decided in one place. There is one per
// server. It is safe for concurrent use. Make one with [NewStore].
type Store struct {
	names     nameLocks
	moving    gate // held while a directory gets another parent
	fullNames fullNames
	watches   atomic.Int32 // how many there are; changes under mu
	leases    leaseTable
	breaks    breakQueue
	listings  atomic.Int32 // leases of directories
	onBreak   func()       // see OnBreak
	since     time.Time    // when it was made; immutable

	mu      sync.Mutex // guards what follows, and what File and Link say it does
	files   map[vfs.FileID]*File
	links   int // Links that have a parent
	handles int

	keptBytes int // of changes, by all watches
}

// NewStore makes an empty Store.
func NewStore() *Store {
	return &Store{
		names:  newNameLocks(),
		leases: newLeaseTable(),
		moving: newGate(),
		files:  make(map[vfs.FileID]*File),
		since:  time.Now(),
	}
}

// Stats counts what a Store holds, to find leaks.
type Stats struct {
	Handles   int // open
	Files     int // open or on the way to an open one; the root of each Volume
	Links     int // names of those Files
	NameLocks int // held or waited for
	Leases    int // of all clients
}

// Stats counts.
func (s *Store) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	return Stats{Handles: s.handles, Files: len(s.files), Links: s.links, NameLocks: s.names.count(), Leases: s.leases.count()}
}

// intern returns the one File that n refers to, and the Link by which it is
// the entry name of parent; no Link if parent is nil. It takes n over. The
// caller releases both, and holds the lock of that name.
//
// A directory has one Link. If n is a directory that was known under another
// name, somebody else moved it, and its Link is corrected; n must not be
// parent or above it, for such a tree (a bind mount of an ancestor) has no
// end: that is ntstatus.AccessDenied.
func (s *Store) intern(v *Volume, n vfs.Node, directory bool, parent *File, name string) (*File, *Link, error) {
	s.mu.Lock()
	f, surplus := s.internFileLocked(v, n, directory)
	l, unneeded, err := f.linkLocked(parent, name)
	if err != nil {
		unneeded = f
	} else if l != nil {
		l.refs++
	}
	dead := s.releaseLocked(unneeded, nil)
	s.mu.Unlock()
	if surplus {
		n.Close()
	}
	dead.close()
	if err != nil {
		return nil, nil, err
	}
	return f, l, nil
}

// internFileLocked returns the File of n with one reference more, and whether
// n is not needed because the File has a node of that volume already. The
// caller holds s.mu.
func (s *Store) internFileLocked(v *Volume, n vfs.Node, directory bool) (f *File, surplus bool) {
	f = s.files[n.ID()]
	if f == nil {
		f = newFile(s, n.ID(), directory)
		s.files[f.id] = f
	}
	f.refs++
	if f.nodeLocked(v) != nil {
		return f, true
	}
	f.nodes = append(f.nodes, volumeNode{v, n})
	return f, false
}

// retain counts one reference more to f and l, which the caller has.
func (s *Store) retain(f *File, l *Link) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f.refs++
	if l != nil {
		l.refs++
	}
}

// release gives back one reference to f and, unless it is nil, to its l.
func (s *Store) release(f *File, l *Link) {
	s.mu.Lock()
	dead := s.releaseLocked(f, l)
	s.mu.Unlock()
	dead.close()
}

// releaseLocked gives back one reference to f, which may be nil, and to its l,
// which may be nil. It returns the Files that died of it, which the caller
// closes without s.mu.
func (s *Store) releaseLocked(f *File, l *Link) (dead *File) {
	for f != nil {
		var parent *File
		f.refs--
		if l != nil {
			l.refs--
			// A directory keeps its Link: the names of its children need it.
			if l.refs == 0 && !f.directory {
				parent = l.detachLocked()
			}
		}
		if f.refs == 0 {
			if f.links != nil {
				parent = f.links.detachLocked()
			}
			delete(s.files, f.id)
			f.nextDead, dead = dead, f
		}
		f, l = parent, nil
	}
	return dead
}

func (s *Store) countHandle(delta int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.handles += delta
}
