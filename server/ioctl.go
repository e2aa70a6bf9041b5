package server

import (
	"math"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/ntstatus"
)

// fsctl is a row of the FSCTL table.
type fsctl struct {
	needs   needs           // needsTree, or needsOpen; needsSession works on any TreeId
	pipe    bool            // the open must be a pipe, else a file
	access  dtyp.AccessMask // the open must have been granted one of them; 0: any open will do
	section string          // of [MS-SMB2], or of [MS-FSA] for what goes to the object store

	// handle returns the output. With an error there is none, but where the
	// specification has one: then it is sent with the error's status. nil:
	// the FSCTL is known, but not allowed here.
	handle func(*authenticated, *smb2.IoctlRequest) ([]byte, error)
}

// fsctls is the table of the FSCTLs that the server itself answers. All others
// would go to the file system.
var fsctls = map[fscc.FSCTL]fsctl{
	fscc.FSCTLValidateNegotiateInfo: {needs: needsSession, handle: validateNegotiateInfo, section: "3.3.5.15.12"},
	fscc.FSCTLDFSGetReferrals:       {needs: needsSession, handle: getDFSReferrals, section: "3.3.5.15.2"},
	fscc.FSCTLDFSGetReferralsEx:     {needs: needsSession, handle: getDFSReferrals, section: "3.3.5.15.2"},

	fscc.FSCTLQueryNetworkInterfaceInfo: {needs: needsSession, handle: queryNetworkInterfaceInfo, section: "3.3.5.15.11"},

	fscc.FSCTLPipePeek:       {needs: needsOpen, pipe: true, handle: pipePeek, section: "3.3.5.15.4"},
	fscc.FSCTLPipeTransceive: {needs: needsOpen, pipe: true, handle: pipeTransceive, section: "3.3.5.15.3"},
	fscc.FSCTLPipeWait:       {needs: needsTree, handle: pipeWait, section: "3.3.5.15.10"},

	fscc.FSCTLSrvRequestResumeKey: {needs: needsOpen, handle: requestResumeKey, section: "3.3.5.15.5"},
	fscc.FSCTLSrvCopychunk:        {needs: needsOpen, handle: copychunk, section: "3.3.5.15.6"},
	fscc.FSCTLSrvCopychunkWrite:   {needs: needsOpen, handle: copychunk, section: "3.3.5.15.6"},

	fscc.FSCTLCreateOrGetObjectID:  {needs: needsOpen, handle: getObjectID, section: "2.1.5.10.1"},
	fscc.FSCTLFileLevelTrim:        {needs: needsOpen, access: dtyp.FileWriteData, handle: fileLevelTrim, section: "2.1.5.10.6"},
	fscc.FSCTLGetCompression:       {needs: needsOpen, handle: getCompression, section: "2.1.5.10.9"},
	fscc.FSCTLGetObjectID:          {needs: needsOpen, handle: getObjectID, section: "2.1.5.10.13"},
	fscc.FSCTLGetReparsePoint:      {needs: needsOpen, handle: getReparsePoint, section: "2.1.5.10.14"},
	fscc.FSCTLQueryAllocatedRanges: {needs: needsOpen, access: dtyp.FileReadData, handle: queryAllocatedRanges, section: "2.1.5.10.22"},
	fscc.FSCTLSetCompression:       {needs: needsOpen, access: dtyp.FileWriteData, handle: setCompression, section: "2.1.5.10.30"},
	fscc.FSCTLSetSparse:            {needs: needsOpen, handle: setSparse, section: "2.1.5.10.38"},
	fscc.FSCTLSetZeroData:          {needs: needsOpen, access: dtyp.FileWriteData, handle: setZeroData, section: "2.1.5.10.39"},
}

// ioctl handles IOCTL. [MS-SMB2] 3.3.5.15.
func ioctl(a *authenticated) (smb2.Message, error) {
	var req smb2.IoctlRequest
	if err := a.decode(&req); err != nil {
		return nil, err
	}
	if req.Flags != smb2.IoctlIsFSCTL {
		return nil, ntstatus.NotSupported
	}
	replies := uint64(req.MaxInputResponse) + uint64(req.MaxOutputResponse)
	if err := a.checkCharge(uint32(min(max(uint64(len(req.Input)), replies), math.MaxUint32))); err != nil {
		return nil, err
	}
	row, ok := fsctls[req.CtlCode]
	if !ok {
		row, ok = tortureFSCTLs[req.CtlCode]
	}
	if !ok || row.handle == nil {
		return nil, refuseFSCTL(a, ok)
	}
	if err := a.resolve(row.needs); err != nil {
		return nil, err
	}
	switch {
	case row.needs == needsOpen && row.pipe != (a.open.pipe != nil):
		return nil, ntstatus.InvalidDeviceRequest // <385>, <389>
	case row.needs < needsOpen && req.FileID != smb2.RelatedFileID:
		return nil, ntstatus.InvalidParameter
	}
	if row.access != 0 {
		if err := a.open.require(row.access); err != nil {
			return nil, err
		}
	}
	out, err := row.handle(a, &req)
	if err != nil && out == nil {
		return nil, err
	}
	res := &smb2.IoctlResponse{CtlCode: req.CtlCode, FileID: req.FileID, Output: out}
	if row.needs == needsOpen {
		res.FileID = a.open.id
	}
	return res, err
}

// refuseFSCTL answers an FSCTL without a handler: the one place that chooses
// between the two refusals. One that is the server's to answer is not allowed
// here: NOT_SUPPORTED. All others would go to the file system of their
// open, which does not offer them: INVALID_DEVICE_REQUEST. [MS-SMB2] 3.3.5.15, <376>.
func refuseFSCTL(a *authenticated, ours bool) error {
	if ours {
		return ntstatus.NotSupported
	}
	if err := a.resolve(needsOpen); err != nil {
		return err
	}
	return ntstatus.InvalidDeviceRequest
}
