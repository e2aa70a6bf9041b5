package srvsvc

import "time"

// Server is what the interface tells of. Safe for concurrent use.
type Server interface {
	// Name is the server's own name, without backslashes.
	Name() string
	// Comment describes the server to people; may be empty.
	Comment() string
	// Hidden is whether lists of servers shall leave it out.
	Hidden() bool
	// IdleMinutes is after how many minutes idle sessions are ended; 0: never.
	IdleMinutes() uint32
	// Started is when the server began to serve.
	Started() time.Time
	// Shares lists all shares, IPC$ included, always in the same order. The
	// slice belongs to the caller.
	Shares() []Share
	// TreeConnects lists the tree connects of those who are signed in, those of
	// a session one after the other. The slice belongs to the caller, who tells
	// only who may know.
	TreeConnects() []TreeConnect
}

// Share is the ADM's Share, as far as it is told. [MS-SRVS] 3.1.1.7.
type Share struct {
	Name        string // at most 80 characters
	Type        ShareType
	Remark      string
	MaxUses     uint32 // how many trees may be connected at a time; 0: as many as come
	CurrentUses uint32 // trees connected
	Flags       ShareFlags

	details *ShareDetails // what only who has a role is told; nil: it is not
}

// TreeConnect is the ADM's TreeConnect, as far as it is told. [MS-SRVS] 3.1.1.1.
type TreeConnect struct {
	ID      uint32 // in its session
	Session uint64
	Share   string
	Type    ShareType
	User    string
	Client  string // its address
	Opens   uint32
	Seconds uint32 // since it was made
}

// ShareType says what a share holds. [MS-SRVS] 2.2.2.4.
type ShareType uint32

// Share types, and the bit for shares that are not people's.
const (
	TypeDiskTree ShareType = 0
	TypeIPC      ShareType = 3
	TypeSpecial  ShareType = 0x8000_0000
)

// ShareFlags is shi1005_flags, the caching state included. [MS-SRVS] 2.2.4.29.
type ShareFlags uint32

// Flags of a share.
const (
	CacheManual            ShareFlags = 0x00 // CSC_CACHE_MANUAL_REINT
	CacheNone              ShareFlags = 0x30 // CSC_CACHE_NONE
	AccessBasedEnumeration ShareFlags = 0x0800
	EncryptData            ShareFlags = 0x8000
)

// told are the details of s as far as they are told.
func (s *Share) told() ShareDetails {
	if s.details == nil {
		return ShareDetails{}
	}
	return *s.details
}
