package smb2

// TreeDisconnectRequest is the SMB2 TREE_DISCONNECT Request. [MS-SMB2] 2.2.11.
type TreeDisconnectRequest struct{ empty }

// TreeDisconnectResponse is the SMB2 TREE_DISCONNECT Response.
// [MS-SMB2] 2.2.12.
type TreeDisconnectResponse struct{ empty }

func (*TreeDisconnectRequest) id() messageID  { return treeDisconnectRequest }
func (*TreeDisconnectResponse) id() messageID { return treeDisconnectResponse }
