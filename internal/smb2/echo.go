package smb2

// EchoRequest is the SMB2 ECHO Request. [MS-SMB2] 2.2.28.
type EchoRequest struct{ empty }

// EchoResponse is the SMB2 ECHO Response. [MS-SMB2] 2.2.29.
type EchoResponse struct{ empty }

func (*EchoRequest) id() messageID  { return echoRequest }
func (*EchoResponse) id() messageID { return echoResponse }
