package smb2

import "github.com/signet-smb/signet/dtyp"

// SetInfoRequest is the SMB2 SET_INFO Request. [MS-SMB2] 2.2.39.
type SetInfoRequest struct {
	InfoType              InfoType
	FileInfoClass         uint8 // meaning depends on InfoType
	AdditionalInformation dtyp.SecurityInformation
	FileID                FileID
	Input                 []byte
}

// SetInfoResponse is the SMB2 SET_INFO Response. [MS-SMB2] 2.2.40.
type SetInfoResponse struct{ empty }
