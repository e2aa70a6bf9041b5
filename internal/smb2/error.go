package smb2

// ErrorResponse is the SMB2 ERROR Response, the body of any command's failed
// reply. [MS-SMB2] 2.2.2.
type ErrorResponse struct {
	ContextCount uint8 // dialect 3.1.1
	Data         []byte
}
