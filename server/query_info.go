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
	if err := a.checkCharge(max(req.OutputBufferLength, uint32(len(req.Input)))); err != nil {
		return nil, err
	}
	switch req.InfoType {
	case smb2.InfoFile:
		return queryFile(a, &req)
	case smb2.InfoFileSystem:
		if a.open.pipe != nil {
			return nil, ntstatus.InvalidDeviceRequest // there is no volume
		}
		return queryFileSystem(a, &req)
	case smb2.InfoSecurity:
		return querySecurity(a, &req)
	case smb2.InfoQuota:
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
	since smb2.Dialect // the first dialect that has it

	// respond, instead of query, makes the whole answer of a class that does
	// not depend on the open alone.
	respond func(*authenticated, *smb2.QueryInfoRequest) (smb2.Message, error)
}

// fileInfos is the table of file information classes that are answered.
var fileInfos = map[fscc.FileInformationClass]fileInfo{
	fscc.FileBasicInformation:          {needs: dtyp.FileReadAttributes, query: fromAttr(basicInformation)},
	fscc.FileStandardInformation:       {query: standardInformation},
	fscc.FileInternalInformation:       {query: internalInformation},
	fscc.FileEaInformation:             {query: fromAttr(eaInformation)},
	fscc.FileFullEaInformation:         {needs: dtyp.FileReadEA, respond: queryEAs},
	fscc.FileAccessInformation:         {query: accessInformation},
	fscc.FilePositionInformation:       {query: positionInformation},
	fscc.FileModeInformation:           {query: modeInformation},
	fscc.FileAlignmentInformation:      {query: alignmentInformation},
	fscc.FileAllInformation:            {needs: dtyp.FileReadAttributes, query: allInformation},
	fscc.FileNetworkOpenInformation:    {needs: dtyp.FileReadAttributes, query: fromAttr(networkOpenInformation)},
	fscc.FileAttributeTagInformation:   {needs: dtyp.FileReadAttributes, query: fromAttr(attributeTagInformation)},
	fscc.FileAlternateNameInformation:  {query: alternateNameInformation},
	fscc.FileStreamInformation:         {respond: queryStreams},
	fscc.FileCompressionInformation:    {query: fromAttr(compressionInformation)},
	fscc.FileNormalizedNameInformation: {query: normalizedNameInformation, since: smb2.Dialect311},
	fscc.FileIDInformation:             {query: idInformation, since: smb2.Dialect300},
}

// queryFile handles SMB2_0_INFO_FILE. [MS-SMB2] 3.3.5.20.1.
func queryFile(a *authenticated, req *smb2.QueryInfoRequest) (smb2.Message, error) {
	class := fscc.FileInformationClass(req.FileInfoClass)
	row, ok := class.Row()
	if !ok {
		return nil, ntstatus.InvalidInfoClass
	}
	infos := fileInfos
	if a.open.pipe != nil {
		infos = pipeInfos
	}
	info, ok := infos[class]
	if !ok || a.conn.negotiated.Load().dialect < info.since {
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
	if info.respond != nil {
		return info.respond(a, req)
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
