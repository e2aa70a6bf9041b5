package smb2

import (
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
)

// CloseFlags is the Flags field of CLOSE. [MS-SMB2] 2.2.15.
type CloseFlags uint16

// ClosePostQueryAttrib asks for the attributes after the close.
const ClosePostQueryAttrib CloseFlags = 0x0001

// CloseRequest is the SMB2 CLOSE Request. [MS-SMB2] 2.2.15.
type CloseRequest struct {
	Flags  CloseFlags
	FileID FileID
}

// CloseResponse is the SMB2 CLOSE Response; all but Flags is zero unless
// ClosePostQueryAttrib is set. [MS-SMB2] 2.2.16.
type CloseResponse struct {
	Flags          CloseFlags
	CreationTime   dtyp.FileTime
	LastAccessTime dtyp.FileTime
	LastWriteTime  dtyp.FileTime
	ChangeTime     dtyp.FileTime
	AllocationSize uint64 // bytes
	EndOfFile      uint64 // bytes
	FileAttributes fscc.FileAttributes
}
