package localfs

import "github.com/signet-smb/signet/dtyp"

// Principals tells which SIDs the users and groups of the host have, and back.
// Safe for concurrent use, and quick: it is asked at every look at a descriptor.
type Principals interface {
	// SIDOfUID and SIDOfGID are never the zero SID.
	SIDOfUID(uid uint32) dtyp.SID
	SIDOfGID(gid uint32) dtyp.SID
	// Unix returns the users and groups of the host that are sid, or its members
	// if it is a group that the host does not have; none for what the host knows
	// nothing of. The caller does not change them.
	Unix(sid dtyp.SID) (uids, gids []uint32)
}

// UnixPrincipals are those of a host without accounts: S-1-22-1-uid and
// S-1-22-2-gid.
type UnixPrincipals struct{}

// SIDOfUID implements [Principals].
func (UnixPrincipals) SIDOfUID(uid uint32) dtyp.SID { return dtyp.SIDOfUID(uid) }

// SIDOfGID implements [Principals].
func (UnixPrincipals) SIDOfGID(gid uint32) dtyp.SID { return dtyp.SIDOfGID(gid) }

// Unix implements [Principals].
func (UnixPrincipals) Unix(sid dtyp.SID) (uids, gids []uint32) {
	if uid, ok := sid.UID(); ok {
		uids = []uint32{uid}
	}
	if gid, ok := sid.GID(); ok {
		gids = []uint32{gid}
	}
	return uids, gids
}
