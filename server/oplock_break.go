package server

import (
	"github.com/signet-smb/signet/internal/fsa"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/ntstatus"
)

// oplockBreak handles OPLOCK_BREAK acknowledgments. [MS-SMB2] 3.3.5.22.
func oplockBreak(a *authenticated) (smb2.Message, error) {
	if smb2.IsLeaseBreak(a.message) && a.conn.negotiated.Load().dialect != smb2.Dialect202 {
		return acknowledgeLease(a)
	}
	if err := a.resolve(needsOpen); err != nil {
		return nil, err
	}
	return acknowledgeOplock(a)
}

// acknowledgeOplock handles the acknowledgment of an oplock break.
// [MS-SMB2] 3.3.5.22.1.
func acknowledgeOplock(a *authenticated) (smb2.Message, error) {
	var req smb2.OplockBreakAcknowledgment
	if err := a.decode(&req); err != nil {
		return nil, err
	}
	keeps, err := acknowledgedCaching(req.OplockLevel)
	if err != nil {
		return nil, err
	}
	if a.grant, err = a.open.handle.AcknowledgeOplock(keeps); err != nil {
		return nil, err
	}
	return &smb2.OplockBreakResponse{OplockLevel: oplockLevel(a.grant.Caching), FileID: req.FileID}, nil
}

// acknowledgedCaching is what a client keeps that acknowledges the break of an
// oplock to level.
//
// Deviation: a level that there is not breaks nothing, so that the client may
// try again, as with Samba.
func acknowledgedCaching(level smb2.OplockLevel) (fsa.Caching, error) {
	if level == smb2.OplockNone {
		return 0, nil
	}
	keeps, ok := oplockCaching[level]
	if !ok {
		return 0, ntstatus.InvalidParameter
	}
	return keeps, nil
}

// acknowledgeLease handles the acknowledgment of a lease break. It may come by
// any session of the client. [MS-SMB2] 3.3.5.22.2.
func acknowledgeLease(a *authenticated) (smb2.Message, error) {
	var req smb2.LeaseBreakAcknowledgment
	if err := a.decode(&req); err != nil {
		return nil, err
	}
	if req.LeaseState&^leaseStates != 0 {
		return nil, ntstatus.RequestNotAccepted
	}
	key := fsa.LeaseKey{Client: a.conn.negotiated.Load().clientGUID, Key: req.LeaseKey}
	var err error
	if a.grant, err = a.conn.server.store.AcknowledgeLease(key, fsa.Caching(req.LeaseState)); err != nil {
		return nil, err
	}
	return &smb2.LeaseBreakResponse{LeaseKey: req.LeaseKey, LeaseState: req.LeaseState}, nil
}
