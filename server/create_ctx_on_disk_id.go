package server

import (
	"github.com/signet-smb/signet/internal/fsa"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/vfs"
)

// respondOnDiskID handles SMB2_CREATE_QUERY_ON_DISK_ID: the identities that
// FileInternalInformation and FileIdInformation show. [MS-SMB2] 3.3.5.9.9.
func respondOnDiskID(a *authenticated, _ smb2.CreateContext, h *fsa.Handle, _ *vfs.Attr) smb2.CreateContext {
	return smb2.OnDiskIDContext(smb2.OnDiskID{
		DiskFileID: h.FileID(),
		VolumeID:   uint64(a.tree.share.volume.SerialNumber()),
	})
}
