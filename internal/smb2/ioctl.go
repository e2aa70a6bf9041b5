package smb2

import (
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
)

// IoctlFlags is the Flags field of IOCTL. [MS-SMB2] 2.2.31.
type IoctlFlags uint32

// IoctlIsFSCTL must be set: other IOCTLs are not supported. [MS-SMB2] 3.3.5.15.
const IoctlIsFSCTL IoctlFlags = 0x00000001

// IoctlRequest is the SMB2 IOCTL Request. [MS-SMB2] 2.2.31.
type IoctlRequest struct {
	CtlCode           fscc.FSCTL
	FileID            FileID
	MaxInputResponse  uint32 // bytes
	MaxOutputResponse uint32 // bytes
	Flags             IoctlFlags
	Input             []byte
	Output            []byte // sent by no known client
}

// IoctlResponse is the SMB2 IOCTL Response. [MS-SMB2] 2.2.32.
type IoctlResponse struct {
	CtlCode fscc.FSCTL
	FileID  FileID
	Flags   IoctlFlags
	Input   []byte
	Output  []byte
}

// ValidateNegotiateInfoRequest is the input of FSCTL_VALIDATE_NEGOTIATE_INFO.
// [MS-SMB2] 2.2.31.4.
type ValidateNegotiateInfoRequest struct {
	Capabilities Capabilities
	GUID         dtyp.GUID
	SecurityMode SecurityMode
	Dialects     []Dialect
}

// ValidateNegotiateInfoResponse is its output. [MS-SMB2] 2.2.32.6.
type ValidateNegotiateInfoResponse struct {
	Capabilities Capabilities
	GUID         dtyp.GUID
	SecurityMode SecurityMode
	Dialect      Dialect
}
