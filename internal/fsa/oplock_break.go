package fsa

import (
	"time"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/ntstatus"
)

// BreakWait is the error of an operation that has done nothing yet, because
// others must give up first what they cache. The caller waits until all of
// Ended are closed, without a lock and as long as it likes, and begins the
// operation again from the start: by then everything may be different.
// [MS-FSA] 2.1.4.12.1.
type BreakWait struct {
	Ended []<-chan struct{}
}

func (w *BreakWait) Error() string { return "an oplock is being broken" }

// orNil is w as an error.
func (w *BreakWait) orNil() error {
	if w == nil {
		return nil
	}
	return w
}

// breakLocked takes lose from the oplock o, which its holder has to be told, and
// returns whether what is in awaited is still kept by then: who asks has to wait
// for the acknowledgment. [MS-FSA] 2.1.4.12. The caller holds file.mu.
func (o *oplock) breakLocked(lose, awaited Caching) (wait bool) {
	if o.state&(lose|awaited) == 0 {
		return false
	}
	most := o.state
	if o.breaking {
		most = o.required
	}
	left := most &^ lose
	if left&ReadCaching == 0 || !o.lease && left&WriteCaching == 0 {
		left &= ReadCaching // H alone means nothing, and an oplock has no H alone
	}
	switch {
	case left == most:
	case o.breaking:
		// Told step by step, with the acknowledgment.
		o.required = left
	case o.state == ReadCaching:
		o.epoch++
		o.tellLocked(noCaching, false)
		o.state = noCaching
		if !o.lease {
			o.detachLocked()
		}
	default:
		if !o.lease {
			left &= ReadCaching // an oplock breaks to level II or none
		}
		o.epoch++
		o.offerLocked(left)
		o.required = left
	}
	return o.state&awaited != 0
}

// offerLocked tells the holder that it may keep left, and waits for its
// acknowledgment. The caller holds file.mu.
func (o *oplock) offerLocked(left Caching) {
	o.breaking, o.offered = true, left
	o.breaks++
	o.tellLocked(left, true)
	number := o.breaks
	o.timer = time.AfterFunc(o.timeout, func() { o.expire(number) })
}

// endedLocked returns what is closed when the break that is waited for ends.
// The caller holds file.mu.
func (o *oplock) endedLocked() <-chan struct{} {
	if o.ended == nil {
		o.ended = make(chan struct{})
	}
	return o.ended
}

// endBreakLocked notes that nothing is waited for any more. Whoever does is to
// be told by closing what it returns, unless that is nil. The caller holds
// file.mu.
func (o *oplock) endBreakLocked() (ended chan struct{}) {
	o.breaking = false
	if o.timer != nil {
		o.timer.Stop()
		o.timer = nil
	}
	ended, o.ended = o.ended, nil
	return ended
}

// breakForOpenLocked breaks what the open h, which needs the given rights, is
// in the way of: write caching, all caching if it overwrites the file, and if
// the sharing of others denies it the open, their handle caching, for perhaps
// only a cache has the file open. [MS-FSA] 2.1.5.1.2. The caller holds
// file.mu.
func (o *opening) breakForOpenLocked(h *Handle, needed dtyp.AccessMask, denied bool) error {
	lose, awaited := WriteCaching, WriteCaching
	switch {
	case denied:
		lose, awaited = HandleCaching, HandleCaching
	case o.overwrites():
		lose = fullCaching
	}
	var wait *BreakWait
	key := o.Oplock.key()
	for l, next := h.stream.oplocks, (*oplock)(nil); l != nil; l = next {
		next = l.next // l may go
		stat := oplockStatRights
		if l.lease {
			stat = leaseStatRights
		}
		if l.isLeaseOf(key) || needed&^stat == 0 {
			continue
		}
		if o.has(fscc.OptionOpenRequiringOplock) && l.state&awaited != 0 {
			return ntstatus.CannotBreakOplock
		}
		wait = wait.add(l, l.breakLocked(lose, awaited))
	}
	return wait.orNil()
}

// add returns w with the break of o, if that is to be waited for.
func (w *BreakWait) add(o *oplock, wait bool) *BreakWait {
	if !wait {
		return w
	}
	if w == nil {
		w = new(BreakWait)
	}
	w.Ended = append(w.Ended, o.endedLocked())
	return w
}

// breakHandles breaks the handle caching of others, and returns a BreakWait
// until they have given it up. [MS-FSA] 2.1.5.15.
func (h *Handle) breakHandles() error {
	if h.stream.caching.Load() == 0 {
		return nil
	}
	h.file.mu.Lock()
	defer h.file.mu.Unlock()
	return h.stream.breakHandlesLocked(nil, h.oplock).orNil()
}

// breakHandlesLocked breaks the handle caching of all but own, and returns w
// with those breaks. The caller holds the mu of the file.
func (s *Stream) breakHandlesLocked(w *BreakWait, own *oplock) *BreakWait {
	for o := s.oplocks; o != nil; o = o.next {
		if o != own {
			w = w.add(o, o.breakLocked(HandleCaching, HandleCaching))
		}
	}
	return w
}

// written is called when data was written through h. [MS-FSA] 2.1.5.4.
func (h *Handle) written() {
	if !h.wrote.Load() {
		h.wrote.Store(true)
	}
	h.breakReaders()
}

// resized is called when the length of what h has open was set.
// [MS-FSA] 2.1.5.15.5.
func (h *Handle) resized() {
	h.breakReaders()
	h.breakParentListing()
}

// breakReaders breaks whatever others keep of what h has open: its data has
// changed. It is called after that, so that whoever begins to cache meanwhile
// loses it, too. Nobody else has write caching, so nothing is waited for.
func (h *Handle) breakReaders() {
	n := h.stream.caching.Load()
	if n == 0 || n == 1 && h.oplock != nil && h.oplock.lease {
		return
	}
	h.file.mu.Lock()
	defer h.file.mu.Unlock()
	h.breakReadersLocked()
}

// breakReadersLocked is breakReaders. The caller holds file.mu.
func (h *Handle) breakReadersLocked() {
	for o, next := h.stream.oplocks, (*oplock)(nil); o != nil; o = next {
		next = o.next // o may go
		// A level II oplock does not outlive even its holder's own writes.
		if o == h.oplock && (o.lease || o.state != ReadCaching) {
			continue
		}
		o.breakLocked(fullCaching, noCaching)
	}
}

// breakHandlesBelowLocked breaks the handle caching of all that is open below
// the directory f, and returns w with those breaks. [MS-FSA] 2.1.4.2. The
// caller holds store.mu.
func (f *File) breakHandlesBelowLocked(w *BreakWait) *BreakWait {
	for l := f.children; l != nil; l = l.nextSibling {
		w = l.file.breakAllHandles(w)
		if l.file.directory {
			w = l.file.breakHandlesBelowLocked(w)
		}
	}
	return w
}

// breakAllHandles breaks the handle caching of all Handles of f, and returns w
// with those breaks.
func (f *File) breakAllHandles(w *BreakWait) *BreakWait {
	f.mu.Lock()
	defer f.mu.Unlock()
	w = f.stream.breakHandlesLocked(w, nil)
	for _, s := range f.named {
		w = s.breakHandlesLocked(w, nil)
	}
	return w
}

// closeByBreak returns nil if nobody has f open, a BreakWait if breaking the
// handle caching may bring that about, and else ntstatus.AccessDenied.
func (f *File) closeByBreak() error {
	if !f.isOpen() {
		return nil
	}
	if w := f.breakAllHandles(nil); w != nil {
		return w
	}
	return ntstatus.AccessDenied
}
