package dtyp

// Well-known SIDs. [MS-DTYP] 2.4.2.4. They are constants in spirit: nobody
// assigns to them.
var (
	SIDEveryone              = NewSID(1, 0)       // S-1-1-0
	SIDCreatorOwner          = NewSID(3, 0)       // S-1-3-0
	SIDCreatorGroup          = NewSID(3, 1)       // S-1-3-1
	SIDOwnerRights           = NewSID(3, 4)       // S-1-3-4
	SIDNetwork               = NewSID(5, 2)       // S-1-5-2
	SIDAnonymous             = NewSID(5, 7)       // S-1-5-7
	SIDAuthenticatedUsers    = NewSID(5, 11)      // S-1-5-11
	SIDLocalSystem           = NewSID(5, 18)      // S-1-5-18
	SIDBuiltinAdministrators = NewSID(5, 32, 544) // S-1-5-32-544
	SIDBuiltinUsers          = NewSID(5, 32, 545) // S-1-5-32-545
	SIDBuiltinGuests         = NewSID(5, 32, 546) // S-1-5-32-546
)

// Authority and first subauthorities under which Samba, and others after it,
// show Unix users and groups that have no SID of their own.
const (
	unixAuthority = 22
	unixUser      = 1
	unixGroup     = 2
)

// SIDOfUID is the SID of a Unix user that has no other: S-1-22-1-uid.
func SIDOfUID(uid uint32) SID { return NewSID(unixAuthority, unixUser, uid) }

// SIDOfGID is the SID of a Unix group that has no other: S-1-22-2-gid.
func SIDOfGID(gid uint32) SID { return NewSID(unixAuthority, unixGroup, gid) }

// UID is the Unix user that s names, if it is of the form S-1-22-1-uid.
func (s SID) UID() (uint32, bool) { return s.RID(), s == SIDOfUID(s.RID()) }

// GID is the Unix group that s names, if it is of the form S-1-22-2-gid.
func (s SID) GID() (uint32, bool) { return s.RID(), s == SIDOfGID(s.RID()) }
