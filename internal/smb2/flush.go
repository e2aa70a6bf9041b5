package smb2

// FlushRequest is the SMB2 FLUSH Request. [MS-SMB2] 2.2.17.
type FlushRequest struct {
	FileID FileID
}

// FlushResponse is the SMB2 FLUSH Response. [MS-SMB2] 2.2.18.
type FlushResponse struct{ empty }
