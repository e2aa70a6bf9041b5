package server

import (
	"math"
	"time"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/vfs"
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
	fscc.FileBasicInformation:       {dtyp.FileWriteAttributes, setBasic},
	fscc.FileRenameInformation:      {dtyp.Delete, setRename},
	fscc.FileDispositionInformation: {dtyp.Delete, setDisposition},
	fscc.FilePositionInformation:    {0, setPosition},
	fscc.FileModeInformation:        {0, setMode},
	fscc.FileAllocationInformation:  {dtyp.FileWriteData, setAllocation},
	fscc.FileEndOfFileInformation:   {dtyp.FileWriteData, setEndOfFile},
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
		return err
	}
	return info.set(a, value)
}

// setBasic changes times and attributes. A time of 0 stays as it is; so do
// the values -1 and -2, which turn automatic updates off and on.
//
// Missing: turning automatic updates off.
func setBasic(a *authenticated, value fscc.Information) error {
	v := value.(*fscc.BasicInformation)
	var set vfs.SetAttr
	for _, t := range []struct {
		to   **time.Time
		from dtyp.FileTime
	}{
		{&set.CreationTime, v.CreationTime},
		{&set.LastAccessTime, v.LastAccessTime},
		{&set.LastWriteTime, v.LastWriteTime},
	} {
		switch {
		case t.from == 0 || t.from >= math.MaxUint64-1:
		case t.from > math.MaxInt64:
			return ntstatus.InvalidParameter
		default:
			at := t.from.Time()
			*t.to = &at
		}
	}
	if v.FileAttributes != 0 {
		set.Attributes = &v.FileAttributes
	}
	if set == (vfs.SetAttr{}) {
		return nil
	}
	return a.open.handle.SetAttr(a.ctx, set)
}

func setRename(a *authenticated, value fscc.Information) error {
	v := value.(*fscc.RenameInformation)
	if v.RootDirectory != 0 {
		return ntstatus.InvalidParameter
	}
	return a.open.handle.Rename(a.ctx, v.FileName, v.ReplaceIfExists)
}

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
