package server

import (
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/fsa"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/ntstatus"
)

// queryDirectory handles QUERY_DIRECTORY. [MS-SMB2] 3.3.5.18.
func queryDirectory(a *authenticated) (smb2.Message, error) {
	var req smb2.QueryDirectoryRequest
	if err := a.decode(&req); err != nil {
		return nil, err
	}
	if !a.open.handle.IsDir() {
		return nil, ntstatus.InvalidParameter
	}
	if err := a.checkCharge(req.OutputBufferLength); err != nil {
		return nil, err
	}
	if err := a.open.require(dtyp.FileListDirectory); err != nil {
		return nil, err
	}
	row, ok := req.FileInformationClass.Row()
	if !ok || row.Uses&fscc.UseDirectory == 0 {
		return nil, ntstatus.InvalidInfoClass
	}
	if int(req.OutputBufferLength) < row.MinimumOutput {
		return nil, ntstatus.InfoLengthMismatch
	}
	packer, err := fscc.NewDirectoryPacker(req.FileInformationClass, nil, int(req.OutputBufferLength))
	if err != nil {
		return nil, err
	}
	single := req.Flags&smb2.ReturnSingleEntry != 0
	err = a.open.handle.ReadDir(a.ctx, fsa.ReadDirRequest{
		Pattern:  req.FileName,
		Restart:  req.Flags&(smb2.RestartScans|smb2.Reopen) != 0,
		NeedAttr: req.FileInformationClass != fscc.FileNamesInformation,
		Readable: a.tree.share.AccessBasedEnumeration,
	}, func(e fsa.DirEntry) bool {
		if single && packer.Count() == 1 {
			return false
		}
		return packer.Add(&fscc.DirectoryEntry{
			CreationTime:   dtyp.FileTimeOf(e.Attr.CreationTime),
			LastAccessTime: dtyp.FileTimeOf(e.Attr.LastAccessTime),
			LastWriteTime:  dtyp.FileTimeOf(e.Attr.LastWriteTime),
			ChangeTime:     dtyp.FileTimeOf(e.Attr.ChangeTime),
			EndOfFile:      e.Attr.EndOfFile,
			AllocationSize: e.Attr.AllocationSize,
			FileAttributes: attributesOf(&e.Attr),
			EaSize:         e.Attr.EASize,
			FileID:         e.FileID,
			FileID128:      fileID128(e.FileID),
			ShortName:      fsa.ShortName(e.Name),
			FileName:       e.Name,
		})
	})
	if err != nil {
		return nil, err
	}
	if packer.Count() == 0 {
		// Not even one entry fits. [MS-FSA] 2.1.5.6.3
		return nil, ntstatus.InfoLengthMismatch
	}
	return &smb2.QueryDirectoryResponse{Output: packer.Finish()}, nil
}
