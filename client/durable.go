package client

import (
	"context"
	"crypto/rand"
	"slices"
	"strings"
	"sync"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/policy"
)

// durability is what gets an open back after its connection was lost. Servers
// promise that to whoever holds a lease or an oplock that lets it keep the file
// open; nothing else is done with those: nothing is cached. [MS-SMB2]
// 3.2.4.3.5, 3.2.4.4.
//
// Missing: one lease for all opens of a file. Two opens of one file, of which
// one writes, take the promise from each other.
type durability struct {
	request  smb2.CreateRequest // without contexts
	v2       bool               // dialects 3.x
	guid     dtyp.GUID          // of version 2
	leased   bool               // or there is an oplock
	leaseKey smb2.LeaseKey

	// Guarded by opens.mu.
	tree    *treeConnect
	id      smb2.FileID
	granted bool
	lease   smb2.LeaseState // as far as is known: never more than the server thinks
	epoch   uint16
	oplock  smb2.OplockLevel
}

// opens are those opens of a session that hold leases and oplocks. Safe for
// concurrent use.
type opens struct {
	mu     sync.Mutex
	leases map[smb2.LeaseKey]*durability
	files  map[smb2.FileID]*durability
	early  []smb2.OplockBreakNotification // of opens that nobody has told of yet
}

// wantsDurable reports whether an open of req in t can be given back by the
// server: files alone are, and of those none that are deleted when closed.
func (t *treeConnect) wantsDurable(req *smb2.CreateRequest) bool {
	const never = fscc.OptionDirectoryFile | fscc.OptionDeleteOnClose | fscc.OptionOpenReparsePoint
	const data = dtyp.FileReadData | dtyp.FileWriteData | dtyp.FileAppendData | dtyp.GenericRead | dtyp.GenericWrite | dtyp.GenericAll | dtyp.MaximumAllowed
	return t.kind == smb2.ShareTypeDisk && t.session.identity == policy.User && req.CreateOptions&never == 0 && req.DesiredAccess&data != 0 &&
		!strings.Contains(req.Name, ":") && !slices.ContainsFunc(req.Contexts, func(c smb2.CreateContext) bool { return c.Name == smb2.CreateTimewarpToken })
}

// durability asks in req, of which it returns a copy, for a durable open.
func (t *treeConnect) durability(req *smb2.CreateRequest) (*durability, *smb2.CreateRequest) {
	n := &t.session.conn.negotiated
	d := &durability{
		tree: t, request: *req, v2: n.dialect >= smb2.Dialect300, leased: n.serverCaps&smb2.CapLeasing != 0 && n.dialect >= smb2.Dialect210,
	}
	d.request.Contexts = nil
	asking := *req
	asking.Contexts = slices.Clone(req.Contexts)
	if d.v2 {
		d.guid = dtyp.NewGUID()
		asking.Contexts = append(asking.Contexts, smb2.DurableHandleRequestV2Context(smb2.DurableHandleRequestV2{CreateGUID: d.guid}))
	} else {
		asking.Contexts = append(asking.Contexts, smb2.DurableHandleRequestContext())
	}
	d.oplock = smb2.OplockBatch
	if d.leased {
		d.oplock = smb2.OplockLease
		d.lease = smb2.LeaseReadCaching | smb2.LeaseHandleCaching
		rand.Read(d.leaseKey[:])
		asking.Contexts = append(asking.Contexts, d.leaseContext())
	}
	asking.RequestedOplockLevel = d.oplock
	return d, &asking
}

// leaseContext asks for the lease. opens.mu is held, or nobody else has d.
func (d *durability) leaseContext() smb2.CreateContext {
	return smb2.LeaseContext(smb2.Lease{V2: d.v2, LeaseKey: d.leaseKey, LeaseState: d.lease, Epoch: d.epoch})
}

// expect enters d, whose lease may be broken before its owner has been told
// that there is one.
func (o *opens) expect(d *durability) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.leases == nil {
		o.leases, o.files = make(map[smb2.LeaseKey]*durability), make(map[smb2.FileID]*durability)
	}
	if d.leased {
		o.leases[d.leaseKey] = d
	}
}

// opened notes what the server has answered to the CREATE of d in t.
func (o *opens) opened(d *durability, t *treeConnect, res *smb2.CreateResponse) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.files, d.id)
	d.tree, d.id = t, res.FileID
	var lease smb2.LeaseState
	for _, c := range res.Contexts {
		var err error
		switch c.Name {
		case smb2.CreateDurableHandleV2:
			_, err = c.DurableHandleResponseV2()
			d.granted = d.v2
		case smb2.CreateDurableHandle:
			err = c.DurableHandleResponse()
			d.granted = !d.v2
		case smb2.CreateLease:
			var l smb2.Lease
			if l, err = c.Lease(); err == nil && (!d.leased || l.LeaseKey != d.leaseKey) {
				return violation("3.2.5.7.4", "a lease that was not asked for")
			}
			lease, d.epoch = l.LeaseState, l.Epoch
		}
		if err != nil {
			return violation("3.2.5.7", "%v", err)
		}
	}
	if d.leased {
		d.lease &= lease // it may have been broken since
		d.granted = d.granted && d.lease&smb2.LeaseHandleCaching != 0
		return nil
	}
	d.oplock = res.OplockLevel
	o.files[d.id] = d
	for i, n := range o.early {
		if n.FileID == d.id {
			o.early = slices.Delete(o.early, i, i+1)
			o.breakLocked(d, n.OplockLevel)
			break
		}
	}
	d.granted = d.granted && d.oplock == smb2.OplockBatch
	return nil
}

// forget is told that d is closed, or was never opened; nil is nothing.
func (o *opens) forget(d *durability) {
	if d == nil {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.leases[d.leaseKey] == d {
		delete(o.leases, d.leaseKey)
	}
	if o.files[d.id] == d {
		delete(o.files, d.id)
	}
	d.granted = false
}

// durable reports whether there is an open to get back.
func (o *opens) durable() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, d := range o.leases {
		if d.granted {
			return true
		}
	}
	for _, d := range o.files {
		if d.granted {
			return true
		}
	}
	return false
}

// reconnect is the CREATE that asks for d back; nil if the server has promised
// nothing. [MS-SMB2] 3.2.4.4.
func (o *opens) reconnect(d *durability) *smb2.CreateRequest {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !d.granted {
		return nil
	}
	req := d.request
	req.RequestedOplockLevel = d.oplock
	if d.v2 {
		req.Contexts = append(req.Contexts, smb2.DurableHandleReconnectV2Context(smb2.DurableHandleReconnectV2{FileID: d.id, CreateGUID: d.guid}))
	} else {
		req.Contexts = append(req.Contexts, smb2.DurableHandleReconnectContext(d.id))
	}
	if d.leased {
		req.Contexts = append(req.Contexts, d.leaseContext())
	}
	return &req
}

// back gets the open back in t, which another connection has brought. A server
// that is another one has nothing to give, whatever it says.
func (s *shared) back(ctx context.Context, t *treeConnect, was *open) (*open, error) {
	d, table := s.durability, &s.share.session.opens
	if d == nil || t.session.conn.negotiated.serverGUID != was.tree.session.conn.negotiated.serverGUID {
		return nil, &LostError{Name: s.name}
	}
	req := table.reconnect(d)
	if req == nil {
		return nil, &LostError{Name: s.name}
	}
	q := t.request(req)
	q.orphan = t.closeLate
	replies, err := t.session.conn.do(ctx, q)
	if err != nil {
		return nil, err
	}
	r := &replies[0]
	defer r.release()
	if status := r.header.Status; status == ntstatus.NetworkSessionExpired {
		return nil, r.failure()
	} else if status != ntstatus.Success {
		return nil, &LostError{Name: s.name, Err: status}
	}
	var res smb2.CreateResponse
	if err := r.decode(&res); err != nil {
		return nil, r.broken(err)
	}
	if err := table.opened(d, t, &res); err != nil {
		return nil, r.broken(err)
	}
	return &open{tree: t, id: res.FileID}, nil
}
