package server

import (
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/fsa"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/vfs"
)

// checkMaximalAccess refuses a malformed
// SMB2_CREATE_QUERY_MAXIMAL_ACCESS_REQUEST.
func checkMaximalAccess(c smb2.CreateContext, _ *fsa.OpenRequest) error {
	_, err := c.QueryMaximalAccess()
	return err
}

// respondMaximalAccess handles SMB2_CREATE_QUERY_MAXIMAL_ACCESS_REQUEST: what
// the user could do with the file, unless the client knows it as it is now.
// [MS-SMB2] 3.3.5.9.5.
func respondMaximalAccess(a *authenticated, c smb2.CreateContext, h *fsa.Handle, attr *vfs.Attr) smb2.CreateContext {
	known, _ := c.QueryMaximalAccess() // checked by apply
	if known != 0 && known == dtyp.FileTimeOf(attr.ChangeTime) {
		return smb2.MaximalAccessContext(smb2.MaximalAccess{QueryStatus: ntstatus.NoneMapped})
	}
	access, err := h.MaximalAccess(a.ctx)
	if err != nil {
		return smb2.MaximalAccessContext(smb2.MaximalAccess{QueryStatus: a.statusOf(err)})
	}
	return smb2.MaximalAccessContext(smb2.MaximalAccess{MaximalAccess: access})
}
