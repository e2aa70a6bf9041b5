package client

import (
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/smb2"
)

// repeatable reports whether a file may be opened twice by req: what the first
// has made of it, the second makes of it again. One that must not exist yet, or
// goes away when it is closed, is not there the second time.
func repeatable(req *smb2.CreateRequest) bool {
	return req.CreateDisposition != fscc.DispositionCreate && req.CreateOptions&fscc.OptionDeleteOnClose == 0
}

// fixed reports whether m, which is about an open, must not be done twice: once
// and twice are not the same, or what it answers depends on what went before.
func fixed(m smb2.Message) bool {
	switch m := m.(type) {
	case *smb2.ReadRequest, *smb2.WriteRequest, *smb2.QueryInfoRequest, *smb2.FlushRequest, *smb2.CloseRequest:
		return false
	case *smb2.SetInfoRequest:
		switch fscc.FileInformationClass(m.FileInfoClass) {
		case fscc.FileBasicInformation, fscc.FileEndOfFileInformation, fscc.FileAllocationInformation, fscc.FileFullEaInformation:
			return m.InfoType != smb2.InfoFile
		}
		return m.InfoType != smb2.InfoSecurity
	}
	return true
}
