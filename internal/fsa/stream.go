package fsa

import (
	"sync/atomic"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/vfs"
)

// Stream is the data of a file, the index of a directory, or a named stream of
// either that is open. [MS-FSA] 2.1.1.5. It is guarded by the mu of its File.
type Stream struct {
	sharing sharing
	locks   rangeLocks
	oplocks *oplock      // a list by oplock.next: those that keep something, and all leases
	caching atomic.Int32 // how many those are; read without the lock, too
	active  int          // Handles that are no stat opens

	name    string    // as stored; "" for the unnamed stream; changes under the lock of the stream, too
	opens   int       // Handles; counted of named streams only
	pending *deletion // of a named stream: set when it is to go with the last Handle
}

// leaveLocked takes back what h has of s. The caller holds the mu of the file.
func (s *Stream) leaveLocked(h *Handle) {
	s.sharing.remove(h.granted, h.share)
	s.locks.removeAll(h)
	if isActive(h.granted) {
		s.active--
	}
}

// isNamed says whether s is a named stream.
func (h *Handle) isNamed() bool { return h.stream != &h.file.stream }

// isIndex says whether h has no data, being open on a directory itself.
func (h *Handle) isIndex() bool { return h.file.directory && !h.isNamed() }

// namedLocked returns the open stream called name, without regard to case, or
// nil. The caller holds f.mu.
func (f *File) namedLocked(name string) *Stream {
	if len(f.named) == 0 {
		return nil
	}
	folded := vfs.Fold(name)
	for _, s := range f.named {
		if vfs.Fold(s.name) == folded {
			return s
		}
	}
	return nil
}

// checkSharingLocked says whether h may be opened with the rights needed: its
// stream has to tolerate it, and where the whole file may be deleted, every
// other stream, too. [MS-FSA] 2.1.5.1.2.1, second half, and 2.1.5.1.2.2. The
// caller holds file.mu.
func (h *Handle) checkSharingLocked(needed dtyp.AccessMask) error {
	f := h.file
	if err := h.stream.sharing.check(needed, h.share); err != nil {
		return err
	}
	if h.isNamed() {
		if needed.HasAny(sharedRights) && h.share&fscc.ShareDelete == 0 && f.stream.sharing.deleters > 0 {
			return ntstatus.SharingViolation
		}
		return nil
	}
	if !needed.HasAny(deleteRights) {
		return nil
	}
	for _, s := range f.named {
		if s.sharing.deleteSharers < s.sharing.opens {
			return ntstatus.SharingViolation
		}
	}
	return nil
}

// The rights that sharing is about, by the share access that permits them.
const (
	readRights   = dtyp.FileReadData | dtyp.FileExecute
	writeRights  = dtyp.FileWriteData | dtyp.FileAppendData
	deleteRights = dtyp.Delete

	sharedRights = readRights | writeRights | deleteRights
)

// sharing counts the opens of a stream that have some of sharedRights, so that
// a new one need not be compared with each. Opens for attributes alone do not
// count and conflict with nothing.
type sharing struct {
	opens                                    int
	readers, writers, deleters               int // opens that have such rights
	readSharers, writeSharers, deleteSharers int // opens that permit such rights
}

// check says whether an open that needs access and permits share is compatible
// with all there are; if not, ntstatus.SharingViolation.
// [MS-FSA] 2.1.5.1.2.2.
func (s *sharing) check(access dtyp.AccessMask, share fscc.ShareAccess) error {
	if !access.HasAny(sharedRights) {
		return nil
	}
	if access.HasAny(readRights) && s.readSharers < s.opens ||
		access.HasAny(writeRights) && s.writeSharers < s.opens ||
		access.HasAny(deleteRights) && s.deleteSharers < s.opens ||
		share&fscc.ShareRead == 0 && s.readers > 0 ||
		share&fscc.ShareWrite == 0 && s.writers > 0 ||
		share&fscc.ShareDelete == 0 && s.deleters > 0 {
		return ntstatus.SharingViolation
	}
	return nil
}

// add counts an open that was checked; remove forgets it.
func (s *sharing) add(access dtyp.AccessMask, share fscc.ShareAccess) { s.count(access, share, +1) }

func (s *sharing) remove(access dtyp.AccessMask, share fscc.ShareAccess) { s.count(access, share, -1) }

func (s *sharing) count(access dtyp.AccessMask, share fscc.ShareAccess, delta int) {
	if !access.HasAny(sharedRights) {
		return
	}
	s.opens += delta
	for _, c := range [...]struct {
		counter *int
		applies bool
	}{
		{&s.readers, access.HasAny(readRights)},
		{&s.writers, access.HasAny(writeRights)},
		{&s.deleters, access.HasAny(deleteRights)},
		{&s.readSharers, share&fscc.ShareRead != 0},
		{&s.writeSharers, share&fscc.ShareWrite != 0},
		{&s.deleteSharers, share&fscc.ShareDelete != 0},
	} {
		if c.applies {
			*c.counter += delta
		}
	}
}
