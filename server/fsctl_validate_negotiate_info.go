package server

import (
	"slices"

	"github.com/signet-smb/signet/event"
	"github.com/signet-smb/signet/internal/smb2"
)

// validateNegotiateInfo handles FSCTL_VALIDATE_NEGOTIATE_INFO: a client asks,
// over its signed session, whether the NEGOTIATE that the server saw is the
// one that it sent. Any difference means that somebody changed it on the way,
// and ends the connection. [MS-SMB2] 3.3.5.15.12.
func validateNegotiateInfo(a *authenticated, req *smb2.IoctlRequest) ([]byte, error) {
	const section = "3.3.5.15.12"
	n := a.conn.negotiated.Load()
	if n.dialect == smb2.Dialect311 {
		return nil, &Disconnect{section, "VALIDATE_NEGOTIATE_INFO at dialect 3.1.1"}
	}
	var info smb2.ValidateNegotiateInfoRequest
	if err := info.Decode(req.Input); err != nil {
		return nil, &Disconnect{section, err.Error()}
	}
	res := smb2.ValidateNegotiateInfoResponse{
		Capabilities: n.capabilities,
		GUID:         a.conn.server.guid,
		SecurityMode: n.securityMode,
		Dialect:      n.dialect,
	}
	out := res.Append(nil)
	altered := info.GUID != n.clientGUID ||
		info.SecurityMode != n.clientSecurityMode ||
		info.Capabilities != n.clientCapabilities ||
		!slices.Equal(info.Dialects, n.clientDialects)
	if altered {
		return nil, a.conn.raiseAnd(a.session.event(event.NegotiateValidationFailed), &Disconnect{section, "the negotiation was altered on its way"})
	}
	if len(out) > int(req.MaxOutputResponse) {
		return nil, &Disconnect{section, "no room for the answer to VALIDATE_NEGOTIATE_INFO"}
	}
	return out, nil
}
