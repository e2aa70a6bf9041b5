package smb2

// CancelRequest is the SMB2 CANCEL Request; it has no response.
// [MS-SMB2] 2.2.30.
type CancelRequest struct{ empty }

func (*CancelRequest) id() messageID { return cancelRequest }
