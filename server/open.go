package server

import (
	"context"
	"sync/atomic"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/fsa"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/ntstatus"
)

// open is the ADM's Open. [MS-SMB2] 3.3.1.10. References are counted: one for
// the session's table, one for each request at work on it. The last one that
// is given back closes the handle.
type open struct {
	id     smb2.FileID
	tree   *treeConnect
	handle *fsa.Handle
	refs   atomic.Int32
	closed chan struct{} // closed after the handle is
	err    error         // of closing the handle; read after closed

	position atomic.Uint64 // FilePositionInformation: kept for the client, used by nobody
}

// newOpen returns an open whose one reference belongs to the session's table.
func newOpen(s *Server, t *treeConnect, h *fsa.Handle) *open {
	o := &open{
		tree:   t,
		handle: h,
		closed: make(chan struct{}),
	}
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

// close gives the table's reference back and waits until requests in progress
// have let go of o and its handle is closed. The caller has taken o out of
// the table and holds no other reference.
func (o *open) close() error {
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
