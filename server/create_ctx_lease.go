package server

import (
	"slices"

	"github.com/signet-smb/signet/internal/fsa"
	"github.com/signet-smb/signet/internal/smb2"
)

// wantedLease completes r by the lease that the first SMB2_CREATE_REQUEST_LEASE
// or SMB2_CREATE_REQUEST_LEASE_V2 asks for. It reports false if there is none to
// be had. [MS-SMB2] 3.3.5.9.8, 3.3.5.9.11.
//
// Deviation: version 2 below dialect 3.0 is passed over, as with Samba; the
// specification has INVALID_PARAMETER.
func (a *authenticated) wantedLease(contexts []smb2.CreateContext, r *fsa.OplockRequest) (bool, error) {
	n := a.conn.negotiated.Load()
	i := slices.IndexFunc(contexts, func(c smb2.CreateContext) bool { return c.Name == smb2.CreateLease })
	if i < 0 || n.capabilities&smb2.CapLeasing == 0 {
		return false, nil
	}
	l, err := contexts[i].Lease()
	if err != nil || l.V2 && n.dialect < smb2.Dialect300 {
		return false, err
	}
	r.Lease = true
	r.Want = fsa.Caching(l.LeaseState & leaseStates)
	r.Key = fsa.LeaseKey{Client: n.clientGUID, Key: l.LeaseKey}
	r.Directories = l.V2 && n.capabilities&smb2.CapDirectoryLeasing != 0
	if l.V2 {
		r.V2, r.Epoch = true, l.Epoch
		r.HasParent = l.Flags&smb2.LeaseParentLeaseKeySet != 0
		if r.HasParent {
			r.Parent = l.ParentLeaseKey
		}
	}
	return true, nil
}

// leaseStates are those that there are; they have the values of fsa.Caching.
const leaseStates = smb2.LeaseReadCaching | smb2.LeaseHandleCaching | smb2.LeaseWriteCaching

// respondLease tells of the lease that was granted to r: in the version in which
// the client asked for it first.
func respondLease(r *fsa.OplockRequest) smb2.CreateContext {
	g := &r.Granted
	l := smb2.Lease{V2: g.V2, LeaseKey: r.Key.Key, LeaseState: smb2.LeaseState(g.Caching)}
	if g.Breaking {
		l.Flags |= smb2.LeaseBreakInProgress
	}
	if g.V2 {
		l.Epoch = g.Epoch
		if g.HasParent {
			l.Flags |= smb2.LeaseParentLeaseKeySet
			l.ParentLeaseKey = g.Parent
		}
	}
	return smb2.LeaseContext(l)
}
