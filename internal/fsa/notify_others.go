package fsa

import (
	"context"

	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/vfs"
)

// others is what a Handle hears of changes made by others than this process:
// programs on the server's host. It begins with the first request for changes.
// Guarded by store.mu.
type others struct {
	begun bool
	watch vfs.Watch // nil: the back end tells of none
	err   error     // why it does not, though it could

	echoes *echoes // nil: the back end does not tell of what this process does
}

// watchOthers begins to watch, if the back end can. That it may not be able to
// is no failure of who asks for changes: see Blind. It is called once, by who
// has set begun.
func (h *Handle) watchOthers(ctx context.Context, tree bool) {
	backend, ok := h.volume.fs.(vfs.Watcher)
	if !ok {
		return
	}
	watch, err := backend.Watch(ctx, h.node, tree, h.othersChanged)
	s := h.volume.store
	s.mu.Lock()
	defer s.mu.Unlock()
	h.others.watch, h.others.err = watch, err
	if tellsOwn(watch) {
		h.others.echoes = new(echoes)
	}
}

// tellsOwn says whether w, which may be nil, may tell of what this process does.
func tellsOwn(w vfs.Watch) bool {
	own, ok := w.(vfs.OwnWatch)
	return ok && own.TellsOwn()
}

// Blind says why who has asked for Changes does not hear of everything that
// others than this process change; nil: nothing is known to be missing.
func (h *Handle) Blind() error {
	s := h.volume.store
	s.mu.Lock()
	w, err := h.others.watch, h.others.err
	s.mu.Unlock()
	if w != nil {
		return w.Blind()
	}
	return err
}

// othersChanged is told of one step of somebody else.
func (h *Handle) othersChanged(changes []vfs.Change) {
	s := h.volume.store
	s.mu.Lock()
	defer s.mu.Unlock()
	w := h.watch
	if w == nil {
		return
	}
	for i := range changes {
		switch c := &changes[i]; {
		case c.Action == 0:
			w.loseLocked()
		case c.Path == "":
			w.endLocked(ntstatus.DeletePending)
			return
		case w.filter&c.Filter != 0:
			step := fscc.Change{Action: c.Action, FileName: c.Path}
			if h.others.echoes == nil || !h.others.echoes.isEcho(step, false, s.clock()) {
				w.addLocked(step)
			}
		}
	}
	w.answerLocked()
}
