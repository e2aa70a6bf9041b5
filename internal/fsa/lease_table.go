package fsa

import (
	"hash/maphash"
	"sync"
)

// leaseTable finds leases by their keys: the GlobalLeaseTableList of
// [MS-SMB2] 3.3.1.4. It is in parts, to keep many clients apart; their locks are
// leaves. Safe for concurrent use.
type leaseTable struct {
	seed   maphash.Seed
	shards *[16]leaseShard
}

// leaseShard is a part of the leases.
type leaseShard struct {
	mu     sync.Mutex
	leases map[LeaseKey]*oplock
}

func newLeaseTable() leaseTable {
	return leaseTable{seed: maphash.MakeSeed(), shards: new([16]leaseShard)}
}

func (t *leaseTable) shard(key LeaseKey) *leaseShard {
	return &t.shards[maphash.Comparable(t.seed, key)%uint64(len(t.shards))]
}

// find returns the lease called key, or nil.
func (t *leaseTable) find(key LeaseKey) *oplock {
	s := t.shard(key)
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.leases[key]
}

// add enters o, unless there is one of that key.
func (t *leaseTable) add(o *oplock) bool {
	s := t.shard(o.key)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.leases[o.key] != nil {
		return false
	}
	if s.leases == nil {
		s.leases = make(map[LeaseKey]*oplock)
	}
	s.leases[o.key] = o
	return true
}

// remove takes o out, if it is there.
func (t *leaseTable) remove(o *oplock) {
	s := t.shard(o.key)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.leases[o.key] == o {
		delete(s.leases, o.key)
	}
}

// count returns how many leases there are.
func (t *leaseTable) count() int {
	n := 0
	for i := range t.shards {
		s := &t.shards[i]
		s.mu.Lock()
		n += len(s.leases)
		s.mu.Unlock()
	}
	return n
}
