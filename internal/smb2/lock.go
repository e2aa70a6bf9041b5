package smb2

// LockFlags is the Flags field of one lock element. [MS-SMB2] 2.2.26.1.
type LockFlags uint32

// Lock flags.
const (
	LockShared          LockFlags = 0x00000001
	LockExclusive       LockFlags = 0x00000002
	LockUnlock          LockFlags = 0x00000004
	LockFailImmediately LockFlags = 0x00000010
)

// LockElement is one byte range of a LOCK request. [MS-SMB2] 2.2.26.1.
type LockElement struct {
	Offset uint64 // bytes from the start of the file
	Length uint64 // bytes
	Flags  LockFlags
}

// LockRequest is the SMB2 LOCK Request. [MS-SMB2] 2.2.26.
type LockRequest struct {
	LockSequence uint32 // number in the low 4 bits, index in the rest
	FileID       FileID
	Locks        []LockElement // at least one, at most MaxLocks
}

// LockResponse is the SMB2 LOCK Response. [MS-SMB2] 2.2.27.
type LockResponse struct{ empty }
