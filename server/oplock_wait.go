package server

import (
	"context"
	"errors"

	"github.com/signet-smb/signet/internal/fsa"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/ntstatus"
)

// afterBreaks does something that may have to wait until others give up what
// they cache, again and again until it need not. Each time it begins from the
// start. [MS-FSA] 2.1.4.12.1.
func (a *authenticated) afterBreaks(do func() error) error {
	for {
		err := do()
		wait, ok := errors.AsType[*fsa.BreakWait](err)
		if !ok {
			return err
		}
		if err := a.awaitBreaks(wait); err != nil {
			return err
		}
	}
}

// awaitBreaks returns when all that w names has ended. Waiting ends with CANCEL
// and the connection, with whatever closes the open or what it would be part of,
// and when the server shuts down (CANCELLED).
func (a *authenticated) awaitBreaks(w *fsa.BreakWait) error {
	a.conn.server.tellBreaks()
	if a.asyncID == 0 {
		if err := a.pending(); err != nil {
			return err
		}
	}
	var closing chan struct{}
	if a.open != nil {
		closing = a.open.closing
	}
	for _, ended := range w.Ended {
		select {
		case <-ended:
		case <-a.ctx.Done():
			return context.Cause(a.ctx)
		case <-closing:
			return ntstatus.FileClosed
		case <-a.conn.drained:
			return ntstatus.Cancelled
		}
	}
	return nil
}

// cancelCreates ends what a CREATE of the session waits for, by whatever channel
// it came, or only one in the given tree connect: it would open a file in what
// is going to be no more.
func (ss *session) cancelCreates(channels []*connection, tree smb2.TreeID) {
	for _, c := range channels {
		c.mu.Lock()
		var ends []context.CancelCauseFunc
		for _, r := range c.asyncs {
			if r.header.Command == smb2.CommandCreate && r.sessionID == ss.id && (tree == 0 || r.treeID == tree) {
				ends = append(ends, r.cancel)
			}
		}
		c.mu.Unlock()
		for _, end := range ends {
			end(errCancelled)
		}
	}
}
