package smb2

// LogoffRequest is the SMB2 LOGOFF Request. [MS-SMB2] 2.2.7.
type LogoffRequest struct{ empty }

// LogoffResponse is the SMB2 LOGOFF Response. [MS-SMB2] 2.2.8.
type LogoffResponse struct{ empty }

func (*LogoffRequest) id() messageID  { return logoffRequest }
func (*LogoffResponse) id() messageID { return logoffResponse }
