package smb2

// ChangeNotifyFlags is the Flags field of CHANGE_NOTIFY. [MS-SMB2] 2.2.35.
type ChangeNotifyFlags uint16

// WatchTree asks for changes below the directory too.
const WatchTree ChangeNotifyFlags = 0x0001

// CompletionFilter is which changes to report. [MS-SMB2] 2.2.35.
type CompletionFilter uint32

// ChangeNotifyRequest is the SMB2 CHANGE_NOTIFY Request. [MS-SMB2] 2.2.35.
type ChangeNotifyRequest struct {
	Flags              ChangeNotifyFlags
	OutputBufferLength uint32 // bytes
	FileID             FileID
	CompletionFilter   CompletionFilter
}

// ChangeNotifyResponse is the SMB2 CHANGE_NOTIFY Response. [MS-SMB2] 2.2.36.
type ChangeNotifyResponse struct {
	Output []byte // FILE_NOTIFY_INFORMATION records
}
