package fsa

import (
	"cmp"
	"context"
	"hash/maphash"
	"slices"
	"sync"

	"github.com/signet-smb/signet/vfs"
)

// nameKey is a name of a directory, whatever its case. Comparable.
type nameKey struct {
	dir  vfs.FileID
	name string // folded
}

func nameKeyOf(dir *File, name string) nameKey { return nameKey{dir.id, vfs.Fold(name)} }

// compare gives the order in which two names are locked.
func (k nameKey) compare(l nameKey) int {
	return cmp.Or(
		cmp.Compare(k.dir.Volume, l.dir.Volume),
		cmp.Compare(k.dir.File, l.dir.File),
		cmp.Compare(k.dir.Generation, l.dir.Generation),
		cmp.Compare(k.name, l.name),
	)
}

// lockMode is how a name is locked.
type lockMode bool

const (
	shared    lockMode = false // among others who look the name up
	exclusive lockMode = true  // alone
)

// nameLocks locks names of directories. A name costs memory only while it is
// locked. Locks are granted in the order they were asked for, so that nobody
// starves. Safe for concurrent use.
type nameLocks struct {
	seed   maphash.Seed
	shards *[64]nameShard
}

// nameShard is a part of the names, to keep many callers apart.
type nameShard struct {
	mu    sync.Mutex
	locks map[nameKey]*nameLock
	spare *nameLock // unused; saves most allocations
}

// nameLock is the lock of one name, guarded by nameShard.mu.
type nameLock struct {
	sharers   int
	exclusive bool
	waiting   []*nameWaiter // the first asked first
}

// nameWaiter is who waits for a lock.
type nameWaiter struct {
	mode    lockMode
	granted chan struct{} // closed when it has the lock
}

func newNameLocks() nameLocks {
	n := nameLocks{seed: maphash.MakeSeed(), shards: new([64]nameShard)}
	for i := range n.shards {
		n.shards[i].locks = make(map[nameKey]*nameLock)
	}
	return n
}

func (n *nameLocks) shard(k nameKey) *nameShard {
	return &n.shards[maphash.Comparable(n.seed, k)%uint64(len(n.shards))]
}

// lock waits for the lock of k. The error is the cause of ctx's end.
func (n *nameLocks) lock(ctx context.Context, k nameKey, mode lockMode) error {
	s := n.shard(k)
	s.mu.Lock()
	l := s.locks[k]
	if l == nil {
		if l, s.spare = s.spare, nil; l == nil {
			l = new(nameLock)
		}
		s.locks[k] = l
	}
	if len(l.waiting) == 0 && l.grant(mode) {
		s.mu.Unlock()
		return nil
	}
	w := &nameWaiter{mode, make(chan struct{})}
	l.waiting = append(l.waiting, w)
	s.mu.Unlock()
	// Nobody keeps a thread while he waits. Should it fail, what is asked of
	// the back end next does.
	_ = vfs.ActingIn(ctx).End()

	select {
	case <-w.granted:
		return nil
	case <-ctx.Done():
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := slices.Index(l.waiting, w); i >= 0 {
		l.waiting = slices.Delete(l.waiting, i, i+1)
	} else { // granted at the same moment
		l.drop(mode)
	}
	s.wakeLocked(k, l)
	return context.Cause(ctx)
}

// unlock gives the lock of k back.
func (n *nameLocks) unlock(k nameKey, mode lockMode) {
	s := n.shard(k)
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.locks[k]
	l.drop(mode)
	s.wakeLocked(k, l)
}

// lockTwo locks a and b, which may be equal, alone.
func (n *nameLocks) lockTwo(ctx context.Context, a, b nameKey) error {
	if a.compare(b) > 0 {
		a, b = b, a
	}
	if err := n.lock(ctx, a, exclusive); err != nil {
		return err
	}
	if a == b {
		return nil
	}
	if err := n.lock(ctx, b, exclusive); err != nil {
		n.unlock(a, exclusive)
		return err
	}
	return nil
}

func (n *nameLocks) unlockTwo(a, b nameKey) {
	n.unlock(a, exclusive)
	if a != b {
		n.unlock(b, exclusive)
	}
}

// count returns how many names are locked or waited for.
func (n *nameLocks) count() int {
	total := 0
	for i := range n.shards {
		s := &n.shards[i]
		s.mu.Lock()
		total += len(s.locks)
		s.mu.Unlock()
	}
	return total
}

// wakeLocked grants l, the lock of k, to the first who wait for it, and
// forgets it if nobody wants it. The caller holds s.mu.
func (s *nameShard) wakeLocked(k nameKey, l *nameLock) {
	for len(l.waiting) > 0 && l.grant(l.waiting[0].mode) {
		close(l.waiting[0].granted)
		l.waiting = slices.Delete(l.waiting, 0, 1)
	}
	if l.sharers == 0 && !l.exclusive && len(l.waiting) == 0 {
		delete(s.locks, k)
		s.spare = l
	}
}

// grant takes the lock if it is free for mode.
func (l *nameLock) grant(mode lockMode) bool {
	switch {
	case l.exclusive, mode == exclusive && l.sharers > 0:
		return false
	case mode == exclusive:
		l.exclusive = true
	default:
		l.sharers++
	}
	return true
}

// drop undoes grant.
func (l *nameLock) drop(mode lockMode) {
	if mode == exclusive {
		l.exclusive = false
	} else {
		l.sharers--
	}
}

// gate lets one in at a time, and lets those who wait give up.
type gate chan struct{}

func newGate() gate { return make(gate, 1) }

// enter waits until the gate is free. The error is the cause of ctx's end.
func (g gate) enter(ctx context.Context) error {
	select {
	case g <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (g gate) leave() { <-g }
