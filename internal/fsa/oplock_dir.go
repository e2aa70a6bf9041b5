package fsa

// parentKey returns the key of the lease that the client of h has on the
// directory of its file, as far as h knows; nil if it does not.
func (h *Handle) parentKey() *LeaseKey {
	if h == nil || h.oplock == nil || !h.oplock.hasParent {
		return nil
	}
	return &LeaseKey{h.oplock.key.Client, h.oplock.parent}
}

// breakListings breaks what clients keep of directories in which something has
// changed: all but the one that did it through by, and says by its parent key
// that it knows. Nobody waits for it, as it is done; and the holder of such a
// lease is often the client itself. [MS-FSA] 2.1.4.12, PARENT_OBJECT.
func (s *Store) breakListings(by *Handle, changes []change) {
	if s.listings.Load() == 0 {
		return
	}
	key := by.parentKey()
	for i := range changes {
		if c := &changes[i]; !c.content && (i == 0 || changes[i-1].dir != c.dir || changes[i-1].content) {
			c.dir.breakListing(key)
		}
	}
}

// breakListing breaks what clients keep of the directory f, but for the lease
// called key; nil names none.
func (f *File) breakListing(key *LeaseKey) {
	if f.stream.caching.Load() == 0 {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for o, next := f.stream.oplocks, (*oplock)(nil); o != nil; o = next {
		next = o.next
		if !o.isLeaseOf(key) {
			o.breakLocked(fullCaching, noCaching)
		}
	}
}

// breakParentListing is breakListings for a change of the content of the file,
// when that shows in listings: at once if the length was set, and when h is
// closed if it wrote, as with Windows. [MS-FSA] 2.1.5.5, 2.1.5.15.5.
func (h *Handle) breakParentListing() {
	s := h.volume.store
	if h.link == nil || s.listings.Load() == 0 {
		return
	}
	dir, _ := h.link.where()
	if dir == nil {
		return
	}
	dir.breakListing(h.parentKey())
	s.release(dir, nil)
}
