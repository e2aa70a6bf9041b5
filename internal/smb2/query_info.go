package smb2

import "github.com/signet-smb/signet/dtyp"

// InfoType is what QUERY_INFO and SET_INFO are about. [MS-SMB2] 2.2.37.
type InfoType uint8

// Info types.
const (
	InfoFile       InfoType = 0x01
	InfoFileSystem InfoType = 0x02
	InfoSecurity   InfoType = 0x03
	InfoQuota      InfoType = 0x04
)

// QueryInfoFlags is the Flags field of QUERY_INFO. [MS-SMB2] 2.2.37.
type QueryInfoFlags uint32

// QueryInfoRequest is the SMB2 QUERY_INFO Request. [MS-SMB2] 2.2.37.
type QueryInfoRequest struct {
	InfoType              InfoType
	FileInfoClass         uint8  // meaning depends on InfoType
	OutputBufferLength    uint32 // bytes
	AdditionalInformation dtyp.SecurityInformation
	Flags                 QueryInfoFlags
	FileID                FileID
	Input                 []byte
}

// QueryInfoResponse is the SMB2 QUERY_INFO Response. [MS-SMB2] 2.2.38.
type QueryInfoResponse struct {
	Output []byte
}
