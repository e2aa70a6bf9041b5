package server

import (
	"log/slog"
	"time"

	"github.com/signet-smb/signet/internal/fsa"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/policy"
)

// oplockCaching is what the levels of oplocks let a client keep.
// [MS-SMB2] 2.2.13.
var oplockCaching = map[smb2.OplockLevel]fsa.Caching{
	smb2.OplockII:        fsa.ReadCaching,
	smb2.OplockExclusive: fsa.ReadCaching | fsa.WriteCaching,
	smb2.OplockBatch:     fsa.ReadCaching | fsa.WriteCaching | fsa.HandleCaching,
}

// oplockLevel is the level of an oplock that lets a client keep c.
func oplockLevel(c fsa.Caching) smb2.OplockLevel {
	for level, caching := range oplockCaching {
		if caching == c {
			return level
		}
	}
	return smb2.OplockNone
}

// oplockHolder is who holds an oplock, to be told of its break.
type oplockHolder struct {
	session *session
	open    *open
}

// wantedOplock returns what the client wants to cache of the file that req
// opens, as far as it may have it; nil for nothing. [MS-SMB2] 3.3.5.9, "Oplock
// Acquisition".
func (a *authenticated) wantedOplock(req *smb2.CreateRequest) (*fsa.OplockRequest, error) {
	mode := a.tree.share.LeasingMode
	if mode == LeasingNone {
		return nil, nil
	}
	r := &fsa.OplockRequest{
		Timeout: time.Duration(policy.Get(a.tree.policy, policy.OplockBreakWait)) * time.Second,
	}
	switch req.RequestedOplockLevel {
	case smb2.OplockII, smb2.OplockExclusive, smb2.OplockBatch:
		if !policy.Get(a.tree.policy, policy.EnableOplocks) {
			return nil, nil
		}
		r.Want = oplockCaching[req.RequestedOplockLevel]
	case smb2.OplockLease:
		if ok, err := a.wantedLease(req.Contexts, r); !ok {
			return nil, err
		}
	default:
		return nil, nil
	}
	r.Want = mode.allowed(r.Want)
	return r, nil
}

// tellGrant notes what the CREATE a, which has made o, was granted, and returns
// the oplock level of its reply.
func (a *authenticated) tellGrant(r *fsa.OplockRequest, o *open) smb2.OplockLevel {
	if r == nil {
		return smb2.OplockNone
	}
	a.grant = r.Granted
	a.tree.share.warnIfBlind(a.conn.server.log)
	switch {
	case a.grant.Lease:
		a.holder = a.session
		return smb2.OplockLease
	case a.grant.Caching == 0:
		return smb2.OplockNone
	}
	a.holder = &oplockHolder{a.session, o}
	return oplockLevel(a.grant.Caching)
}

// told notes that the reply which tells the client what it was granted is in
// the send queue, or will never be: breaks may follow.
func (r *request) told() { r.grant.Told(r.holder) }

// warnIfBlind says in the log, once, that what clients cache of the share may be
// changed by programs on this machine without their being told.
func (m *mountedShare) warnIfBlind(log *slog.Logger) {
	if err := m.volume.Blind(); err != nil && m.blind.CompareAndSwap(false, true) {
		log.Warn("clients may go on with old data when other programs on this machine change files of the share", "share", m.Name, "err", err)
	}
}
