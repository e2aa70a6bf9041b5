package server

import (
	"math"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/ntstatus"
)

// setInfo handles SET_INFO. [MS-SMB2] 3.3.5.21.
func setInfo(a *authenticated) (smb2.Message, error) {
	var req smb2.SetInfoRequest
	if err := a.decode(&req); err != nil {
		return nil, err
	}
	if len(req.Input) == 0 {
		return nil, ntstatus.InvalidParameter
	}
	if err := a.checkCharge(uint32(len(req.Input))); err != nil {
		return nil, err
	}
	if req.InfoType != smb2.InfoFile {
		// Missing: security descriptors, quotas, volume labels.
		return nil, ntstatus.NotSupported
	}
	if err := setFile(a, &req); err != nil {
		return nil, err
	}
	return &smb2.SetInfoResponse{}, nil
}

// setFileInfo is a row of the table of file information classes that can be
// set.
type setFileInfo struct {
	needs dtyp.AccessMask // right that the open must have been granted
	set   func(*authenticated, fscc.Information) error
}

// setFileInfos is the table of file information classes that can be set.
var setFileInfos = map[fscc.FileInformationClass]setFileInfo{
	fscc.FileBasicInformation:           {dtyp.FileWriteAttributes, setBasic},
	fscc.FileRenameInformation:          {dtyp.Delete, setRename},
	fscc.FileRenameInformationEx:        {dtyp.Delete, setRenameEx},
	fscc.FileLinkInformation:            {0, setLink},
	fscc.FileDispositionInformation:     {dtyp.Delete, setDisposition},
	fscc.FileDispositionInformationEx:   {dtyp.Delete, setDispositionEx},
	fscc.FilePositionInformation:        {0, setPosition},
	fscc.FileModeInformation:            {0, setMode},
	fscc.FileAllocationInformation:      {dtyp.FileWriteData, setAllocation},
	fscc.FileEndOfFileInformation:       {dtyp.FileWriteData, setEndOfFile},
	fscc.FileValidDataLengthInformation: {dtyp.FileWriteData, setValidDataLength},
	fscc.FileFullEaInformation:          {dtyp.FileWriteEA, setEAs},
}

// setFile handles SMB2_0_INFO_FILE. [MS-SMB2] 3.3.5.21.1.
func setFile(a *authenticated, req *smb2.SetInfoRequest) error {
	class := fscc.FileInformationClass(req.FileInfoClass)
	row, ok := class.Row()
	if !ok || row.Uses&fscc.UseSet == 0 {
		return ntstatus.InvalidInfoClass
	}
	infos := setFileInfos
	if a.open.pipe != nil {
		infos = setPipeInfos
	}
	info, ok := infos[class]
	if !ok {
		return ntstatus.NotSupported
	}
	if info.needs != 0 {
		if err := a.open.require(info.needs); err != nil {
			return err
		}
	}
	if len(req.Input) < row.Size {
		return ntstatus.InfoLengthMismatch
	}
	value := row.New()
	if err := fscc.DecodeInformation(req.Input, value); err != nil {
		if class == fscc.FileFullEaInformation { // 3.3.5.21.1 has a word for it
			return ntstatus.EAListInconsistent
		}
		return err
	}
	return a.afterBreaks(func() error { return info.set(a, value) })
}

func setBasic(a *authenticated, value fscc.Information) error {
	return a.open.handle.SetBasic(a.ctx, value.(*fscc.BasicInformation))
}

func setRename(a *authenticated, value fscc.Information) error {
	v := value.(*fscc.RenameInformation)
	if v.RootDirectory != 0 {
		return ntstatus.InvalidParameter
	}
	return a.open.handle.Rename(a.ctx, v.FileName, v.ReplaceIfExists)
}

// setRenameEx is setRename with flags, of which one is understood. Whoever
// asks for more has to do with NOT_SUPPORTED, as from Windows before 10 v1709.
// [MS-FSCC] 2.4.43.
//
// Missing: POSIX semantics, ignoring the attribute Readonly.
func setRenameEx(a *authenticated, value fscc.Information) error {
	v := value.(*fscc.RenameInformationEx)
	if v.Flags&^fscc.RenameReplaceIfExists != 0 {
		return ntstatus.NotSupported
	}
	return setRename(a, &fscc.RenameInformation{
		ReplaceIfExists: v.Flags&fscc.RenameReplaceIfExists != 0,
		RootDirectory:   v.RootDirectory,
		FileName:        v.FileName,
	})
}

// setLink makes a hard link. No right to the file itself is needed, as with
// Windows; the right to add a file to the directory is. [MS-FSA] 2.1.5.15.7.
func setLink(a *authenticated, value fscc.Information) error {
	v := value.(*fscc.LinkInformation)
	if v.RootDirectory != 0 {
		return ntstatus.InvalidParameter
	}
	return a.open.handle.AddLink(a.ctx, v.FileName, v.ReplaceIfExists)
}

func setDispositionEx(a *authenticated, value fscc.Information) error {
	return a.open.handle.SetDisposition(a.ctx, value.(*fscc.DispositionInformationEx).Flags)
}

// setValidDataLength would show what the disk held before: nobody has the
// privilege. [MS-FSA] 2.1.5.15.15.
func setValidDataLength(*authenticated, fscc.Information) error { return ntstatus.PrivilegeNotHeld }

func setDisposition(a *authenticated, value fscc.Information) error {
	return a.open.handle.SetDeletePending(a.ctx, value.(*fscc.DispositionInformation).DeletePending)
}

func setPosition(a *authenticated, value fscc.Information) error {
	v := value.(*fscc.PositionInformation)
	if v.CurrentByteOffset > math.MaxInt64 {
		return ntstatus.InvalidParameter
	}
	a.open.position.Store(v.CurrentByteOffset)
	return nil
}

// setMode accepts modes that change nothing of what the server does: how the
// client's own calls wait.
func setMode(_ *authenticated, value fscc.Information) error {
	const local = fscc.OptionWriteThrough | fscc.OptionSequentialOnly |
		fscc.OptionSynchronousIOAlert | fscc.OptionSynchronousIONonAlert
	if value.(*fscc.ModeInformation).Mode&^local != 0 {
		return ntstatus.InvalidParameter
	}
	return nil
}

func setAllocation(a *authenticated, value fscc.Information) error {
	v := value.(*fscc.AllocationInformation)
	if v.AllocationSize > math.MaxInt64 {
		return ntstatus.InvalidParameter
	}
	return a.open.handle.SetAllocation(a.ctx, v.AllocationSize)
}

func setEndOfFile(a *authenticated, value fscc.Information) error {
	v := value.(*fscc.EndOfFileInformation)
	if v.EndOfFile > math.MaxInt64 {
		return ntstatus.InvalidParameter
	}
	return a.open.handle.SetEndOfFile(a.ctx, v.EndOfFile)
}
