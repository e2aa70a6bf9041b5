package smb2

import (
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
)

// FileID is SMB2_FILEID. [MS-SMB2] 2.2.14.1.
type FileID struct {
	Persistent uint64
	Volatile   uint64
}

// RelatedFileID, all bits set, names the open of the element before in a
// chain of related requests. [MS-SMB2] 3.3.5.2.7.2.
var RelatedFileID = FileID{0xFFFFFFFFFFFFFFFF, 0xFFFFFFFFFFFFFFFF}

// OplockLevel is a requested or granted oplock. [MS-SMB2] 2.2.13.
type OplockLevel uint8

// Oplock levels.
const (
	OplockNone      OplockLevel = 0x00
	OplockII        OplockLevel = 0x01
	OplockExclusive OplockLevel = 0x08
	OplockBatch     OplockLevel = 0x09
	OplockLease     OplockLevel = 0xFF
)

// ImpersonationLevel is how far the server may act for the client.
// [MS-SMB2] 2.2.13.
type ImpersonationLevel uint32

// Impersonation levels.
const (
	ImpersonationAnonymous      ImpersonationLevel = 0
	ImpersonationIdentification ImpersonationLevel = 1
	ImpersonationImpersonation  ImpersonationLevel = 2
	ImpersonationDelegate       ImpersonationLevel = 3
)

// CreateRequest is the SMB2 CREATE Request. [MS-SMB2] 2.2.13.
type CreateRequest struct {
	RequestedOplockLevel OplockLevel
	ImpersonationLevel   ImpersonationLevel
	DesiredAccess        dtyp.AccessMask
	FileAttributes       fscc.FileAttributes
	ShareAccess          fscc.ShareAccess
	CreateDisposition    fscc.CreateDisposition
	CreateOptions        fscc.CreateOptions
	Name                 string          // relative to the share, backslashes between components; "" is the root
	Contexts             []CreateContext // at most MaxCreateContexts
}

// CreateResponse is the SMB2 CREATE Response. [MS-SMB2] 2.2.14.
type CreateResponse struct {
	OplockLevel    OplockLevel
	CreateAction   fscc.CreateAction
	CreationTime   dtyp.FileTime
	LastAccessTime dtyp.FileTime
	LastWriteTime  dtyp.FileTime
	ChangeTime     dtyp.FileTime
	AllocationSize uint64 // bytes
	EndOfFile      uint64 // bytes
	FileAttributes fscc.FileAttributes
	FileID         FileID
	Contexts       []CreateContext
}

// CreateContext is one element of a create context list, its data still
// encoded. [MS-SMB2] 2.2.13.2.
type CreateContext struct {
	Name string // the tag's bytes: "MxAc", or 16 bytes of a GUID
	Data []byte
}
