package server

import (
	"context"
	"sync/atomic"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/fsa"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/ntstatus"
)

// object is what an open is of: a file's handle, or a pipe. Its methods are
// those that need not know which.
type object interface {
	Name() string // for logs
	GrantedAccess() dtyp.AccessMask
	Close(ctx context.Context) error
}

// open is the ADM's Open. [MS-SMB2] 3.3.1.10. References are counted: one for
// the session's table, one for each request at work on it. The last one that
// is given back closes the object.
type open struct {
	id      smb2.FileID
	tree    *treeConnect
	object  object
	handle  *fsa.Handle // the object, if it is a file; else nil
	pipe    *pipe       // the object, if it is a pipe; else nil
	refs    atomic.Int32
	closing chan struct{} // closed when close begins: a request that waits for the object must give up
	closed  chan struct{} // closed after the object is
	err     error         // of closing the object; read after closed
	slot    openSlot      // given back when the object is closed

	lockSequences lockSequences
	sequence      channelSequence

	eaIndex  atomic.Uint32 // CurrentEaIndex: how many extended attributes were returned
	position atomic.Uint64 // FilePositionInformation: kept for the client, used by nobody
}

// newOpen returns the open that the CREATE a makes of obj. Its one reference
// belongs to the session's table; it takes slot over.
func newOpen(a *authenticated, obj object, slot openSlot) *open {
	o := &open{
		slot:    slot,
		tree:    a.tree,
		object:  obj,
		closing: make(chan struct{}),
		closed:  make(chan struct{}),
	}
	o.handle, _ = obj.(*fsa.Handle)
	o.pipe, _ = obj.(*pipe)
	o.id.Persistent = a.conn.server.ids.nextOpen()
	o.id.Volatile = o.id.Persistent
	o.sequence.current = a.header.ChannelSequence()
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
	o.err = o.object.Close(context.Background())
	o.slot.giveBack()
	close(o.closed)
}

// close gives the table's reference back and waits until requests in progress
// have let go of o and its object is closed. The caller has taken o out of
// the table, so that it is the only one to close it, and holds no other
// reference.
func (o *open) close() error {
	close(o.closing)
	o.release()
	<-o.closed
	return o.err
}

// require returns AccessDenied unless the open was granted some right of
// rights.
func (o *open) require(rights dtyp.AccessMask) error {
	if !o.object.GrantedAccess().HasAny(rights) {
		return ntstatus.AccessDenied
	}
	return nil
}
