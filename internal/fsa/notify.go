package fsa

import (
	"context"
	"slices"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/ntstatus"
)

// ChangesRequest asks for what changes in a directory. [MS-FSA] 2.1.5.11.
type ChangesRequest struct {
	// Of the first request of a Handle; from then on they hold for all.
	Filter fscc.CompletionFilter // which kinds; bits without meaning are left out
	Tree   bool                  // below the directory, too

	// Limit is how many bytes of output the caller can take. That of the first
	// request is also how much is kept while nobody asks.
	Limit int
}

// How many bytes of changes are kept at most while nobody asks: for a Handle,
// and for all.
const (
	maxKept      = 64 << 10
	maxKeptInAll = 64 << 20
)

// Changes asks for the changes of the directory since the last request was
// answered, or for the next ones: requests of one Handle are answered one after
// the other, each with all there is by then. What happens between two requests
// is kept.
//
// It returns ntstatus.InvalidParameter for what is no directory,
// ntstatus.AccessDenied without the right to list it, and
// ntstatus.DeletePending if it is being deleted. [MS-FSA] 2.1.5.11.
func (h *Handle) Changes(ctx context.Context, r ChangesRequest) (*PendingChanges, error) {
	switch {
	case !h.isIndex():
		return nil, ntstatus.InvalidParameter
	case !h.granted.Has(dtyp.FileListDirectory):
		return nil, ntstatus.AccessDenied
	case h.options&fscc.OptionDeleteOnClose != 0:
		return nil, ntstatus.DeletePending
	}
	p, first, err := h.enqueue(r)
	if first {
		h.watchOthers(ctx, r.Tree)
	}
	return p, err
}

// enqueue puts a request in the queue, and says whether it is the first of h.
func (h *Handle) enqueue(r ChangesRequest) (p *PendingChanges, first bool, err error) {
	s := h.volume.store
	s.mu.Lock()
	defer s.mu.Unlock()
	// Seen under store.mu: whoever decides so later finds the watch.
	if h.link.deletePending() {
		return nil, false, ntstatus.DeletePending
	}
	w := h.watch
	if w == nil {
		w = &watch{handle: h, filter: r.Filter & fscc.NotifyChangeAny, tree: r.Tree, limit: min(r.Limit, maxKept)}
		h.watch = w
		h.file.watches = append(h.file.watches, w)
		s.watches.Add(1)
	}
	first, h.others.begun = !h.others.begun, true
	p = &PendingChanges{watch: w, limit: r.Limit, done: make(chan struct{})}
	w.waiting = append(w.waiting, p)
	w.answerLocked()
	return p, first, nil
}

// PendingChanges is a request for changes. Safe for concurrent use.
type PendingChanges struct {
	watch *watch // immutable
	limit int    // immutable

	done    chan struct{} // closed under store.mu, when it leaves the queue
	changes []fscc.Change // immutable once done is closed
	err     error         // likewise
}

// Done is closed when there is an answer.
func (p *PendingChanges) Done() <-chan struct{} { return p.done }

// Result returns the answer. ntstatus.NotifyEnumDir says that more has
// happened than can be told, ntstatus.NotifyCleanup that the Handle was closed,
// ntstatus.DeletePending that the directory is being deleted.
func (p *PendingChanges) Result() ([]fscc.Change, error) {
	<-p.done
	return p.changes, p.err
}

// Withdraw gives up waiting: what happens from now on is kept for the next
// request. It reports false if there is an answer already.
func (p *PendingChanges) Withdraw() bool {
	s := p.watch.handle.volume.store
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.Index(p.watch.waiting, p)
	if i < 0 {
		return false
	}
	p.watch.waiting = slices.Delete(p.watch.waiting, i, i+1)
	return true
}

// answerWith ends the wait. The caller holds store.mu and has taken p from the
// queue.
func (p *PendingChanges) answerWith(changes []fscc.Change, err error) {
	p.changes, p.err = changes, err
	close(p.done)
}

// watch is what a Handle is told of and has not been told yet: a
// ChangeNotifyEntry. [MS-FSA] 2.1.1.8. It begins with the first request of the
// Handle, and is guarded by store.mu.
type watch struct {
	handle *Handle               // immutable
	filter fscc.CompletionFilter // immutable
	tree   bool                  // immutable
	limit  int                   // bytes that are kept; immutable

	kept    []fscc.Change
	size    int  // bytes of kept, as they are sent
	lost    bool // more has happened than is kept, which is nothing then
	waiting []*PendingChanges
}

// addLocked keeps a change. A file that is modified several times without
// anything in between is told of once, as on Windows.
func (w *watch) addLocked(c fscc.Change) {
	if w.lost {
		return
	}
	if n := len(w.kept); n > 0 && w.kept[n-1] == c &&
		(c.Action == fscc.NotifyModified || c.Action == fscc.NotifyModifiedStream) {
		return
	}
	s, size := w.handle.volume.store, c.Size()
	if w.size+size > w.limit || len(w.waiting) == 0 && s.keptBytes+size > maxKeptInAll {
		w.loseLocked()
		return
	}
	w.kept = append(w.kept, c)
	w.size += size
	s.keptBytes += size
}

// loseLocked notes that something has happened that cannot be told.
func (w *watch) loseLocked() {
	w.clearLocked()
	w.lost = true
}

// clearLocked forgets what is kept.
func (w *watch) clearLocked() {
	w.handle.volume.store.keptBytes -= w.size
	w.kept, w.size, w.lost = nil, 0, false
}

// answerLocked gives all there is to who has waited longest.
func (w *watch) answerLocked() {
	if len(w.waiting) == 0 || len(w.kept) == 0 && !w.lost {
		return
	}
	p := w.waiting[0]
	w.waiting = slices.Delete(w.waiting, 0, 1)
	if w.lost || w.size > p.limit {
		p.answerWith(nil, ntstatus.NotifyEnumDir)
	} else {
		p.answerWith(w.kept, nil)
	}
	w.clearLocked()
}

// notify tells those who watch of changes made in one step.
// [MS-FSA] 2.1.4.1.
func (s *Store) notify(changes []change) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var told []*watch
	for i := range changes {
		told = s.keepLocked(&changes[i], told)
	}
	for _, w := range told {
		w.answerLocked()
	}
}

// keepLocked adds c to the watches of its directory, and of those above it that
// want to know what happens below. It returns told with these watches added.
func (s *Store) keepLocked(c *change, told []*watch) []*watch {
	name, below := c.name, false
	for dir := c.dir; dir != nil; below = true {
		for _, w := range dir.watches {
			if w.filter&c.filter == 0 || w.filter&c.unless != 0 || below && !w.tree {
				continue
			}
			step := fscc.Change{Action: c.action, FileName: name}
			if w.handle.others.echoes != nil && w.handle.others.echoes.isEcho(step, true, s.clock()) {
				continue
			}
			w.addLocked(step)
			if !slices.Contains(told, w) {
				told = append(told, w)
			}
		}
		if dir.links == nil {
			break
		}
		name, dir = dir.links.name+`\`+name, dir.links.parent
	}
	return told
}

// unwatch ends the watch of h, which is being closed.
func (h *Handle) unwatch() {
	if !h.isIndex() {
		return
	}
	s := h.volume.store
	s.mu.Lock()
	if h.watch != nil {
		h.watch.endLocked(ntstatus.NotifyCleanup)
	}
	hears := h.others.watch
	s.mu.Unlock()
	if hears != nil {
		_ = hears.Close() // there is nobody left to tell
	}
}

// endLocked ends the watch, and with err whoever waits.
func (w *watch) endLocked(err error) {
	f := w.handle.file
	f.watches = slices.DeleteFunc(f.watches, func(other *watch) bool { return other == w })
	f.store.watches.Add(-1)
	w.handle.watch = nil
	w.clearLocked()
	for _, p := range w.waiting {
		p.answerWith(nil, err)
	}
	w.waiting = nil
}

// doomed ends the watches of a directory that was marked for deletion.
// [MS-FSA] 2.1.5.15.3.
func (s *Store) doomed(f *File) {
	if !f.directory || s.watches.Load() == 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(f.watches) > 0 {
		f.watches[0].endLocked(ntstatus.DeletePending)
	}
}
