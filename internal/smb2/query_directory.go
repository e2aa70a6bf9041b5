package smb2

import "github.com/signet-smb/signet/fscc"

// QueryDirectoryFlags is the Flags field of QUERY_DIRECTORY.
// [MS-SMB2] 2.2.33.
type QueryDirectoryFlags uint8

// Query directory flags.
const (
	RestartScans      QueryDirectoryFlags = 0x01
	ReturnSingleEntry QueryDirectoryFlags = 0x02
	IndexSpecified    QueryDirectoryFlags = 0x04
	Reopen            QueryDirectoryFlags = 0x10
)

// QueryDirectoryRequest is the SMB2 QUERY_DIRECTORY Request. [MS-SMB2] 2.2.33.
type QueryDirectoryRequest struct {
	FileInformationClass fscc.FileInformationClass
	Flags                QueryDirectoryFlags
	FileIndex            uint32
	FileID               FileID
	FileName             string // search pattern
	OutputBufferLength   uint32 // bytes
}

// QueryDirectoryResponse is the SMB2 QUERY_DIRECTORY Response.
// [MS-SMB2] 2.2.34.
type QueryDirectoryResponse struct {
	Output []byte
}
