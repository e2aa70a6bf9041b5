package server

import (
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/ntstatus"
)

// queryInfo handles QUERY_INFO. [MS-SMB2] 3.3.5.20.
func queryInfo(a *authenticated) (smb2.Message, error) {
	var req smb2.QueryInfoRequest
	if err := a.decode(&req); err != nil {
		return nil, err
	}
	if req.OutputBufferLength > maxTransfer {
		return nil, ntstatus.InvalidParameter
	}
	if err := a.checkCharge(max(int(req.OutputBufferLength), len(req.Input))); err != nil {
		return nil, err
	}
	switch req.InfoType {
	case smb2.InfoFile:
		return queryFile(a, &req)
	case smb2.InfoFileSystem:
		return queryFileSystem(a, &req)
	case smb2.InfoSecurity, smb2.InfoQuota:
		// Missing: security descriptors. The volume says so by its attributes.
		return nil, ntstatus.NotSupported
	default:
		return nil, ntstatus.InvalidParameter
	}
}

// fileInfo is a row of the table of file information classes that can be
// queried.
type fileInfo struct {
	needs dtyp.AccessMask // right that the open must have been granted
	query func(*authenticated) (fscc.Information, error)
}

// fileInfos is the table of file information classes that are answered.
var fileInfos = map[fscc.FileInformationClass]fileInfo{
	fscc.FileBasicInformation:          {dtyp.FileReadAttributes, fromAttr(basicInformation)},
	fscc.FileStandardInformation:       {0, standardInformation},
	fscc.FileInternalInformation:       {0, internalInformation},
	fscc.FileEaInformation:             {0, eaInformation},
	fscc.FileAccessInformation:         {0, accessInformation},
	fscc.FilePositionInformation:       {0, positionInformation},
	fscc.FileModeInformation:           {0, modeInformation},
	fscc.FileAlignmentInformation:      {0, alignmentInformation},
	fscc.FileAllInformation:            {dtyp.FileReadAttributes, allInformation},
	fscc.FileNetworkOpenInformation:    {dtyp.FileReadAttributes, fromAttr(networkOpenInformation)},
	fscc.FileAttributeTagInformation:   {dtyp.FileReadAttributes, fromAttr(attributeTagInformation)},
	fscc.FileStreamInformation:         {0, fromAttr(streamInformation)},
	fscc.FileCompressionInformation:    {0, fromAttr(compressionInformation)},
	fscc.FileNormalizedNameInformation: {0, normalizedNameInformation},
	fscc.FileIDInformation:             {0, idInformation},
}

// queryFile handles SMB2_0_INFO_FILE. [MS-SMB2] 3.3.5.20.1.
func queryFile(a *authenticated, req *smb2.QueryInfoRequest) (smb2.Message, error) {
	class := fscc.FileInformationClass(req.FileInfoClass)
	row, ok := class.Row()
	if !ok {
		return nil, ntstatus.InvalidInfoClass
	}
	info, ok := fileInfos[class]
	if !ok {
		return nil, ntstatus.NotSupported
	}
	if info.needs != 0 {
		if err := a.open.require(info.needs); err != nil {
			return nil, err
		}
	}
	if int(req.OutputBufferLength) < row.MinimumOutput {
		return nil, ntstatus.InfoLengthMismatch
	}
	got, err := info.query(a)
	if err != nil {
		return nil, err
	}
	return queryInfoResponse(got, req)
}

// queryInfoResponse encodes info, cut off at the length that the client has
// room for.
func queryInfoResponse(info fscc.Information, req *smb2.QueryInfoRequest) (smb2.Message, error) {
	out := fscc.AppendInformation(nil, info)
	if len(out) > int(req.OutputBufferLength) {
		return &smb2.QueryInfoResponse{Output: out[:req.OutputBufferLength]}, ntstatus.BufferOverflow
	}
	return &smb2.QueryInfoResponse{Output: out}, nil
}
