package fsa

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/vfs"
)

// maxIdle is how many directories of a volume are watched though nobody caches
// anything of them, for who comes back soon.
const maxIdle = 64

// guards are the directories of a volume that are watched because somebody
// caches what is in them: programs on the server's host break oplocks and leases
// as far as the back end sees what they do.
type guards struct {
	off   atomic.Bool            // the back end cannot watch at all
	blind atomic.Pointer[errBox] // why not everything is seen; nil: it is

	mu   sync.Mutex // a leaf
	of   map[*File]*guard
	idle []*guard // those that nobody uses, the oldest first
}

// errBox is an error to point to.
type errBox struct{ err error }

// errWhoever is a back end whose word would break what clients cache of what they
// write themselves.
var errWhoever = fmt.Errorf("the system does not say who has changed something (no fanotify): %w", errors.ErrUnsupported)

// guard is the watch of one directory.
type guard struct {
	volume *Volume // immutable
	dir    *File   // immutable; a reference is held
	begun  sync.Once
	watch  vfs.Watch // immutable once begun; nil if it failed

	uses int // Handles; guarded by guards.mu
}

// Blind says why programs on the server's host may change what clients cache
// without anybody being told; nil: nothing is known to be missing. A back end
// that nobody else can change tells of nothing.
func (v *Volume) Blind() error {
	if b := v.guards.blind.Load(); b != nil {
		return b.err
	}
	return nil
}

// beginGuard sees to it that h, which has an oplock or shares a lease, loses it
// when somebody else changes what it is on. From when it returns nothing is
// missed.
//
// Missing: what is changed by a hard link in another directory, and a file that
// was renamed into another directory since it was opened.
func (h *Handle) beginGuard(ctx context.Context) {
	v := h.volume
	backend, ok := v.fs.(vfs.Watcher)
	if !ok || v.guards.off.Load() {
		return
	}
	dir := h.guarded()
	if dir == nil {
		return
	}
	g := v.guards.use(v, dir)
	g.begun.Do(func() {
		n := dir.node(v)
		if n == nil {
			return // the directory is known by another volume only
		}
		watch, err := backend.Watch(context.WithoutCancel(ctx), n, false, g.changed)
		if err == nil && tellsOwn(watch) {
			_ = watch.Close() // of nothing that counts
			err = errWhoever
		}
		if err != nil {
			v.guards.blind.Store(&errBox{err})
			v.guards.off.CompareAndSwap(false, errors.Is(err, errors.ErrUnsupported))
			return
		}
		g.watch = watch
	})
	h.guard = g
}

// guarded returns the directory whose changes take the oplock of h: its own, or
// the one that it is in; nil if there is none. The caller releases it.
func (h *Handle) guarded() *File {
	if !h.oplock.isListing() && h.link != nil {
		dir, _ := h.link.where()
		return dir
	}
	if !h.file.directory {
		return nil
	}
	s := h.volume.store
	s.mu.Lock()
	defer s.mu.Unlock()
	h.file.refs++
	return h.file
}

// use returns the guard of dir, whose reference it takes over.
func (gs *guards) use(v *Volume, dir *File) *guard {
	gs.mu.Lock()
	g := gs.of[dir]
	known := g != nil
	if !known {
		g = &guard{volume: v, dir: dir}
		if gs.of == nil {
			gs.of = make(map[*File]*guard)
		}
		gs.of[dir] = g
	} else if g.uses == 0 {
		gs.idle = slices.DeleteFunc(gs.idle, func(other *guard) bool { return other == g })
	}
	g.uses++
	gs.mu.Unlock()
	if known {
		v.store.release(dir, nil)
	}
	return g
}

// endGuard undoes beginGuard.
func (h *Handle) endGuard() {
	g := h.guard
	if g == nil {
		return
	}
	h.guard = nil
	gs := &h.volume.guards
	gs.mu.Lock()
	g.uses--
	if g.uses > 0 {
		gs.mu.Unlock()
		return
	}
	gs.idle = append(gs.idle, g)
	var oldest *guard
	if len(gs.idle) > maxIdle {
		oldest = gs.idle[0]
		gs.idle = slices.Delete(gs.idle, 0, 1)
		delete(gs.of, oldest.dir)
	}
	gs.mu.Unlock()
	oldest.close()
}

// closeAll ends all guards; nobody uses them any more.
func (gs *guards) closeAll() {
	gs.mu.Lock()
	idle := gs.idle
	gs.of, gs.idle = nil, nil
	gs.mu.Unlock()
	for _, g := range idle {
		g.close()
	}
}

// close ends the watch of g, which may be nil and is known to nobody any more.
func (g *guard) close() {
	if g == nil {
		return
	}
	if g.watch != nil {
		_ = g.watch.Close() // there is nobody left to tell
	}
	g.volume.store.release(g.dir, nil)
}

// changed breaks what is cached of what somebody else has changed. It is done
// already, so nobody is waited for: who has cached writes sends them, and wins.
func (g *guard) changed(changes []vfs.Change) {
	s := g.volume.store
	for i := range changes {
		switch c := &changes[i]; {
		case c.Action == 0, c.Path == "": // anything may have happened
			s.breakFiles(g.dir, func(string) bool { return true })
		case c.Filter&^(fscc.NotifyChangeFileName|fscc.NotifyChangeDirName) == 0 && c.Action == fscc.NotifyAdded:
			// Nobody caches what was not there.
		default:
			s.breakFiles(g.dir, func(name string) bool { return name == c.Path })
		}
	}
	g.dir.breakListing(nil)
	s.tellOfBreaks()
}

// breakFiles breaks what is cached of those entries of dir that are meant.
func (s *Store) breakFiles(dir *File, meant func(name string) bool) {
	var files []*File
	s.mu.Lock()
	for l := dir.children; l != nil; l = l.nextSibling {
		if meant(l.name) {
			l.file.refs++
			files = append(files, l.file)
		}
	}
	s.mu.Unlock()
	for _, f := range files {
		f.breakAll()
		s.release(f, nil)
	}
}

// breakAll breaks whatever is cached of f and its streams. Nobody waits for it.
func (f *File) breakAll() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.stream.breakAllLocked()
	for _, s := range f.named {
		s.breakAllLocked()
	}
}

// breakAllLocked breaks whatever is cached of s. The caller holds the mu of the
// file.
func (s *Stream) breakAllLocked() {
	var next *oplock
	for o := s.oplocks; o != nil; o = next {
		next = o.next // o may go
		o.breakLocked(fullCaching, noCaching)
	}
}
