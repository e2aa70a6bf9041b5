package smbtest

import (
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/smb2"
)

// CreateFile is a CREATE that makes or opens a file for everything.
func CreateFile(name string) *smb2.CreateRequest {
	return &smb2.CreateRequest{
		ImpersonationLevel: smb2.ImpersonationImpersonation,
		DesiredAccess:      dtyp.FileAllAccess &^ (dtyp.WriteDAC | dtyp.WriteOwner),
		ShareAccess:        fscc.ShareRead | fscc.ShareWrite | fscc.ShareDelete,
		CreateDisposition:  fscc.DispositionOpenIf,
		Name:               name,
	}
}

// Open creates or opens the file called name and returns its id.
func (p *Peer) Open(name string) smb2.FileID {
	p.t.Helper()
	var res smb2.CreateResponse
	p.MustDo(CreateFile(name), &res)
	return res.FileID
}

// Write writes data at off.
func (p *Peer) Write(id smb2.FileID, off uint64, data string) {
	p.t.Helper()
	p.MustDo(&smb2.WriteRequest{FileID: id, Offset: off, Data: []byte(data)}, nil)
}

// Read reads up to n bytes at off.
func (p *Peer) Read(id smb2.FileID, off uint64, n int) string {
	p.t.Helper()
	var res smb2.ReadResponse
	p.MustDo(&smb2.ReadRequest{FileID: id, Offset: off, Length: uint32(n)}, &res)
	return string(res.Data)
}

// CloseFile closes id.
func (p *Peer) CloseFile(id smb2.FileID) {
	p.t.Helper()
	p.MustDo(&smb2.CloseRequest{FileID: id}, nil)
}
