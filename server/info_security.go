package server

import (
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/ntstatus"
)

// knownSecurity are the parts of security descriptors that are understood; the
// other bits are ignored. [MS-SMB2] 2.2.37, 2.2.39.
const knownSecurity = dtyp.OwnerSecurityInformation | dtyp.GroupSecurityInformation |
	dtyp.DACLSecurityInformation | dtyp.SACLSecurityInformation | dtyp.LabelSecurityInformation

// querySecurity handles SMB2_0_INFO_SECURITY. [MS-SMB2] 3.3.5.20.3.
func querySecurity(a *authenticated, req *smb2.QueryInfoRequest) (smb2.Message, error) {
	if a.open.pipe != nil {
		return nil, ntstatus.NotSupported // pipes have none
	}
	sd, err := a.open.handle.Security(a.ctx, req.AdditionalInformation&knownSecurity)
	if err != nil {
		return nil, err
	}
	out, err := sd.AppendBinary(nil)
	if err != nil {
		return nil, err
	}
	if len(out) > int(req.OutputBufferLength) {
		return smb2.BufferTooSmallError(uint32(len(out)), a.conn.negotiated.Load().dialect), ntstatus.BufferTooSmall
	}
	return &smb2.QueryInfoResponse{Output: out}, nil
}

// setSecurity handles SMB2_0_INFO_SECURITY. [MS-SMB2] 3.3.5.21.3.
//
// Missing: resource attributes and central access policies, which are entries
// of the SACL and are set with that.
func setSecurity(a *authenticated, req *smb2.SetInfoRequest) error {
	if a.open.pipe != nil {
		return ntstatus.NotSupported
	}
	sd := new(dtyp.SecurityDescriptor)
	if err := sd.UnmarshalBinary(req.Input); err != nil {
		return ntstatus.InvalidSecurityDescr
	}
	return a.open.handle.SetSecurity(a.ctx, req.AdditionalInformation&knownSecurity, sd)
}
