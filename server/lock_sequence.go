package server

import (
	"sync"

	"github.com/signet-smb/signet/internal/smb2"
)

// lockSequences is Open.LockSequenceArray: which LOCK was the last to succeed
// under each index, so that one that the client repeats after it lost a
// channel is not done twice. [MS-SMB2] 3.3.1.10, 3.3.5.14. Safe for concurrent
// use; nil remembers nothing.
type lockSequences struct {
	mu      sync.Mutex
	entries [64]lockSequence // of indices 1 to 64
}

// lockSequence is an entry of lockSequences.
type lockSequence struct {
	number uint8 // 4 bits
	valid  bool
}

// lockSequencesOn returns o's lock sequences for a LOCK on a connection where
// n was settled; nil where a LOCK need not be known again: before dialect 3.0,
// and while the server does not offer a session several channels.
func (o *open) lockSequencesOn(n *negotiated) *lockSequences {
	if n.dialect < smb2.Dialect300 || n.capabilities&smb2.CapMultiChannel == 0 {
		return nil
	}
	return &o.lockSequences
}

// entryLocked returns what the LockSequence field of a LOCK names: number and
// entry. The entry is nil for an index out of bounds. The caller holds s.mu.
func (s *lockSequences) entryLocked(field uint32) (number uint8, e *lockSequence) {
	number = uint8(field & 0xF)
	index := field >> 4
	if index < 1 || index > uint32(len(s.entries)) {
		return number, nil
	}
	return number, &s.entries[index-1]
}

// replayed says whether the LOCK with that field was done before. If not, its
// entry is void until it is.
func (s *lockSequences) replayed(field uint32) bool {
	if s == nil {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	number, e := s.entryLocked(field)
	if e == nil || !e.valid {
		return false
	}
	e.valid = e.number == number
	return e.valid
}

// done notes that the LOCK with that field succeeded.
func (s *lockSequences) done(field uint32) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if number, e := s.entryLocked(field); e != nil {
		*e = lockSequence{number: number, valid: true}
	}
}
