package server

import (
	"context"

	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/fsa"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/ntstatus"
)

// changeNotify handles CHANGE_NOTIFY: it waits until something changes in a
// directory. Requests on one open are answered in the order in which they came.
// [MS-SMB2] 3.3.5.19, 3.3.1.3.
func changeNotify(a *authenticated) (smb2.Message, error) {
	var req smb2.ChangeNotifyRequest
	if err := a.decode(&req); err != nil {
		return nil, err
	}
	if err := a.checkCharge(req.OutputBufferLength); err != nil {
		return nil, err
	}
	if err := a.awaitEarlier(a.ctx); err != nil {
		return nil, err
	}
	pending, err := a.open.handle.Changes(a.ctx, fsa.ChangesRequest{
		Filter: req.CompletionFilter,
		Tree:   req.Flags&smb2.WatchTree != 0,
		Limit:  int(req.OutputBufferLength),
	})
	a.seekEnds()
	if err != nil {
		return nil, err
	}
	if err := a.open.handle.Blind(); err != nil {
		a.conn.warnOf("changes by others are not told", "clients that watch a directory are not told of all that other programs change in it", "share", a.tree.share.Name, "err", err)
	}
	if err := awaitChanges(a, pending); err != nil {
		return nil, err
	}
	changes, err := pending.Result()
	if err == ntstatus.NotifyEnumDir {
		return &smb2.ChangeNotifyResponse{}, err
	}
	if err != nil {
		return nil, err
	}
	info := fscc.NotifyInformation{Changes: changes}
	return &smb2.ChangeNotifyResponse{Output: fscc.AppendInformation(nil, &info)}, nil
}

// awaitChanges returns when p has an answer. Waiting ends with CANCEL and the
// connection, with whatever closes the open, and when the server shuts down
// (NOTIFY_CLEANUP): what happens from then on is kept for the next request.
func awaitChanges(a *authenticated, p *fsa.PendingChanges) error {
	select {
	case <-p.Done():
		return nil
	default:
	}
	err := a.pending()
	if err == nil {
		select {
		case <-p.Done():
			return nil
		case <-a.ctx.Done():
			err = context.Cause(a.ctx)
		case <-a.open.closing:
			err = ntstatus.NotifyCleanup
		case <-a.conn.drained:
			err = ntstatus.NotifyCleanup
		}
	}
	if !p.Withdraw() { // answered at the same moment
		return nil
	}
	return err
}
