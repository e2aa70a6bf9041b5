package smb2

import (
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/wire"
)

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

// CreateFlags is the Flags field of a CREATE response. [MS-SMB2] 2.2.14.
type CreateFlags uint8

// CreateFlagReparsePoint says that the last component is a reparse point.
const CreateFlagReparsePoint CreateFlags = 0x01

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
	Flags          CreateFlags // dialects 3.x
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

func (*CreateRequest) id() messageID { return createRequest }

func (m *CreateRequest) decode(r *wire.Reader) {
	r.Skip(1) // SecurityFlags
	m.RequestedOplockLevel = OplockLevel(r.U8())
	m.ImpersonationLevel = ImpersonationLevel(r.U32())
	r.Skip(8) // SmbCreateFlags
	r.Skip(8) // Reserved
	m.DesiredAccess = dtyp.AccessMask(r.U32())
	m.FileAttributes = fscc.FileAttributes(r.U32())
	m.ShareAccess = fscc.ShareAccess(r.U32())
	m.CreateDisposition = fscc.CreateDisposition(r.U32())
	m.CreateOptions = fscc.CreateOptions(r.U32())
	name := r.Ref(uint64(r.U16()), uint64(r.U16()))
	offset, length := r.U32(), r.U32()
	m.Name = r.UTF16At(name)
	m.Contexts = decodeCreateContexts(r, offset, length)
}

func (m *CreateRequest) append(w *wire.Writer) {
	w.U8(0) // SecurityFlags
	w.U8(uint8(m.RequestedOplockLevel))
	w.U32(uint32(m.ImpersonationLevel))
	w.U64(0) // SmbCreateFlags
	w.U64(0) // Reserved
	w.U32(uint32(m.DesiredAccess))
	w.U32(uint32(m.FileAttributes))
	w.U32(uint32(m.ShareAccess))
	w.U32(uint32(m.CreateDisposition))
	w.U32(uint32(m.CreateOptions))
	nameOffset, nameLength := w.Hole(2), w.Hole(2)
	contexts := createContextsHole(w)
	name := w.Offset()
	w.Fill(nameOffset, name)
	w.UTF16(m.Name)
	w.Fill(nameLength, w.Offset()-name)
	contexts.append(w, m.Contexts)
}

func (*CreateResponse) id() messageID { return createResponse }

func (m *CreateResponse) decode(r *wire.Reader) {
	m.OplockLevel = OplockLevel(r.U8())
	m.Flags = CreateFlags(r.U8())
	m.CreateAction = fscc.CreateAction(r.U32())
	m.CreationTime = dtyp.FileTime(r.U64())
	m.LastAccessTime = dtyp.FileTime(r.U64())
	m.LastWriteTime = dtyp.FileTime(r.U64())
	m.ChangeTime = dtyp.FileTime(r.U64())
	m.AllocationSize = r.U64()
	m.EndOfFile = r.U64()
	m.FileAttributes = fscc.FileAttributes(r.U32())
	r.Skip(4) // Reserved2
	m.FileID.decode(r)
	offset, length := r.U32(), r.U32()
	m.Contexts = decodeCreateContexts(r, offset, length)
}

func (m *CreateResponse) append(w *wire.Writer) {
	w.U8(uint8(m.OplockLevel))
	w.U8(uint8(m.Flags))
	w.U32(uint32(m.CreateAction))
	w.U64(uint64(m.CreationTime))
	w.U64(uint64(m.LastAccessTime))
	w.U64(uint64(m.LastWriteTime))
	w.U64(uint64(m.ChangeTime))
	w.U64(m.AllocationSize)
	w.U64(m.EndOfFile)
	w.U32(uint32(m.FileAttributes))
	w.U32(0) // Reserved2
	m.FileID.append(w)
	createContextsHole(w).append(w, m.Contexts)
}
