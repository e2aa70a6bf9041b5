package smb2

import (
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/wire"
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

func (*CreateRequest) id() messageID  { return messageID{CommandCreate, request} }
func (*CreateResponse) id() messageID { return messageID{CommandCreate, response} }

func (id *FileID) decode(r *wire.Reader) {
	id.Persistent = r.U64()
	id.Volatile = r.U64()
}

func (id FileID) append(w *wire.Writer) {
	w.U64(id.Persistent)
	w.U64(id.Volatile)
}

func (m *CreateRequest) decode(r *wire.Reader) {
	r.Skip(1) // SecurityFlags
	m.RequestedOplockLevel = OplockLevel(r.U8())
	m.ImpersonationLevel = ImpersonationLevel(r.U32())
	r.Skip(16) // SmbCreateFlags, Reserved
	m.DesiredAccess = dtyp.AccessMask(r.U32())
	m.FileAttributes = fscc.FileAttributes(r.U32())
	m.ShareAccess = fscc.ShareAccess(r.U32())
	m.CreateDisposition = fscc.CreateDisposition(r.U32())
	m.CreateOptions = fscc.CreateOptions(r.U32())
	name := r.Ref(uint64(r.U16()), uint64(r.U16()))
	contexts := r.Ref(uint64(r.U32()), uint64(r.U32()))
	m.Name = r.UTF16At(name)
	m.Contexts = decodeCreateContexts(r, contexts)
}

func (m *CreateRequest) append(w *wire.Writer) {
	w.Zero(1) // SecurityFlags
	w.U8(uint8(m.RequestedOplockLevel))
	w.U32(uint32(m.ImpersonationLevel))
	w.Zero(16) // SmbCreateFlags, Reserved
	w.U32(uint32(m.DesiredAccess))
	w.U32(uint32(m.FileAttributes))
	w.U32(uint32(m.ShareAccess))
	w.U32(uint32(m.CreateDisposition))
	w.U32(uint32(m.CreateOptions))
	w.U16(uint16(w.Offset() + 12)) // NameOffset: behind the fixed part
	w.U16(uint16(wire.UTF16Len(m.Name)))
	offset, length := w.Hole(4), w.Hole(4)
	w.UTF16(m.Name)
	if m.Name == "" && len(m.Contexts) == 0 {
		w.Zero(1)
	}
	appendCreateContexts(w, offset, length, m.Contexts)
}

func (m *CreateResponse) decode(r *wire.Reader) {
	m.OplockLevel = OplockLevel(r.U8())
	r.Skip(1) // Flags
	m.CreateAction = fscc.CreateAction(r.U32())
	m.CreationTime = dtyp.FileTime(r.U64())
	m.LastAccessTime = dtyp.FileTime(r.U64())
	m.LastWriteTime = dtyp.FileTime(r.U64())
	m.ChangeTime = dtyp.FileTime(r.U64())
	m.AllocationSize = r.U64()
	m.EndOfFile = r.U64()
	m.FileAttributes = fscc.FileAttributes(r.U32())
	r.Skip(4)
	m.FileID.decode(r)
	m.Contexts = decodeCreateContexts(r, r.Ref(uint64(r.U32()), uint64(r.U32())))
}

func (m *CreateResponse) append(w *wire.Writer) {
	w.U8(uint8(m.OplockLevel))
	w.Zero(1) // Flags
	w.U32(uint32(m.CreateAction))
	w.U64(uint64(m.CreationTime))
	w.U64(uint64(m.LastAccessTime))
	w.U64(uint64(m.LastWriteTime))
	w.U64(uint64(m.ChangeTime))
	w.U64(m.AllocationSize)
	w.U64(m.EndOfFile)
	w.U32(uint32(m.FileAttributes))
	w.Zero(4)
	m.FileID.append(w)
	offset, length := w.Hole(4), w.Hole(4)
	appendCreateContexts(w, offset, length, m.Contexts)
}

// decodeCreateContexts reads the list that f points to. [MS-SMB2] 2.2.13.2.
func decodeCreateContexts(r *wire.Reader, f wire.Ref) []CreateContext {
	b := r.At(f)
	if len(b) == 0 {
		return nil
	}
	var contexts []CreateContext
	list := wire.NewReader(b)
	for e := range list.List(8, MaxCreateContexts) {
		name := e.Ref(uint64(e.U16()), uint64(e.U16()))
		e.Skip(2)
		data := e.Ref(uint64(e.U16()), uint64(e.U32()))
		contexts = append(contexts, CreateContext{Name: string(e.At(name)), Data: e.At(data)})
	}
	if list.Err() != nil {
		r.Fail("create contexts")
	}
	return contexts
}

// appendCreateContexts writes the list at the next multiple of 8, and its
// place and length into offset and length.
func appendCreateContexts(w *wire.Writer, offset, length wire.Hole, contexts []CreateContext) {
	if len(contexts) == 0 {
		return
	}
	const nameOffset = 16 // from the start of the entry
	w.Align(8)
	begin := w.Offset()
	w.Fill(offset, begin)
	for i, ctx := range contexts {
		start := w.Offset()
		next := w.Hole(4)
		w.U16(nameOffset)
		w.U16(uint16(len(ctx.Name)))
		w.Zero(2)
		dataOffset := w.Hole(2)
		w.U32(uint32(len(ctx.Data)))
		w.Bytes([]byte(ctx.Name))
		if len(ctx.Data) > 0 {
			w.Align(8)
			w.Fill(dataOffset, w.Offset()-start)
			w.Bytes(ctx.Data)
		}
		if i < len(contexts)-1 {
			w.Align(8)
			w.Fill(next, w.Offset()-start)
		}
	}
	w.Fill(length, w.Offset()-begin)
}
