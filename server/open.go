package server

import (
	"context"
	"errors"
	"sync/atomic"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/fsa"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/ntstatus"
)

// errOpenClosed is why a wait ended whose open was closed.
var errOpenClosed = errors.New("the open was closed")

// open is the ADM's Open. [MS-SMB2] 3.3.1.10. References are counted: one for
// the session's table, one for each request at work on it. The last one that
// is given back closes the handle.
type open struct {
	id     smb2.FileID
	tree   *treeConnect
	handle *fsa.Handle
	refs   atomic.Int32
	ctx    context.Context // ends with errOpenClosed when o is to be closed
	end    context.CancelCauseFunc
	closed chan struct{} // closed after the handle is
	err    error         // of closing the handle; read after closed

	lockSequences lockSequences

	position atomic.Uint64 // FilePositionInformation: kept for the client, used by nobody
}

// newOpen returns an open whose one reference belongs to the session's table.
func newOpen(s *Server, t *treeConnect, h *fsa.Handle) *open {
	o := &open{
		tree:   t,
		handle: h,
		closed: make(chan struct{}),
	}
	o.ctx, o.end = context.WithCancelCause(context.Background())
	o.id.Persistent = s.ids.nextOpen()
	o.id.Volatile = o.id.Persistent
	o.refs.Store(1)
	return o
}

// release gives one reference back.
func (o *open) release() {
	if o.refs.Add(-1) > 0 {
		return
	}
	// Closing must finish whatever happened to the client: files are deleted
	// by it.
	o.err = o.handle.Close(context.Background())
	close(o.closed)
}

// whileOpen returns a context that ends with ctx, or with errOpenClosed when o
// is to be closed: closing waits for the requests at work on o, so none of
// them may wait longer than that. The caller calls stop.
func (o *open) whileOpen(ctx context.Context) (_ context.Context, stop func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	forget := context.AfterFunc(o.ctx, func() { cancel(errOpenClosed) })
	return ctx, func() {
		forget()
		cancel(nil)
	}
}

// close ends the waits of the requests at work on o, gives the table's
// reference back, and returns when they have let go of o and its handle is
// closed. The caller has taken o out of the table and holds no other reference.
func (o *open) close() error {
	o.end(errOpenClosed)
	o.release()
	<-o.closed
	return o.err
}

// require returns AccessDenied unless the open was granted some right of
// rights.
func (o *open) require(rights dtyp.AccessMask) error {
	if !o.handle.GrantedAccess().HasAny(rights) {
		return ntstatus.AccessDenied
	}
	return nil
}
