package client

import (
	"context"
	"errors"

	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/ntstatus"
)

// errAltered ends a connection whose NEGOTIATE was not the server's.
var errAltered = errors.New("the negotiation was altered on its way: the server has seen, or said, something else ([MS-SMB2] 3.2.5.14.12)")

// validateNegotiate asks the server, under the session's signature, whether the
// NEGOTIATE that it saw and answered is the one that we did. At dialect 3.1.1
// the keys prove that already. Guests have no key to ask with. Once for each
// session. [MS-SMB2] 3.2.5.5, 3.2.5.14.12.
func (s *session) validateNegotiate(ctx context.Context, t *treeConnect) error {
	n := &s.conn.negotiated
	highest := n.dialects[len(n.dialects)-1]
	if n.dialect == smb2.Dialect311 || highest < smb2.Dialect300 || !s.proved() || s.validated.Load() {
		return nil
	}
	info := smb2.ValidateNegotiateInfoRequest{
		Capabilities: n.clientCaps, GUID: n.clientGUID, SecurityMode: n.clientMode, Dialects: n.dialects,
	}
	q := t.request(&smb2.IoctlRequest{
		CtlCode:           fscc.FSCTLValidateNegotiateInfo,
		FileID:            smb2.RelatedFileID,
		MaxOutputResponse: uint32(len((&smb2.ValidateNegotiateInfoResponse{}).Append(nil))),
		Flags:             smb2.IoctlIsFSCTL,
		Input:             info.Append(nil),
	})
	if !q.protect.seal {
		q.protect = s.protectAlways()
	}
	replies, err := s.conn.do(ctx, q)
	if err != nil {
		return err
	}
	r := &replies[0]
	defer r.release()
	if r.unverified || r.header.Status == ntstatus.AccessDenied {
		s.conn.fail(errAltered)
		return errAltered
	}
	if r.header.Status == ntstatus.Success {
		var res smb2.IoctlResponse
		var said smb2.ValidateNegotiateInfoResponse
		err := r.decode(&res)
		if err == nil {
			err = said.Decode(res.Output)
		}
		if err != nil || said.Capabilities != n.serverCaps || said.GUID != n.serverGUID ||
			said.SecurityMode != n.serverMode || said.Dialect != n.dialect {
			s.conn.fail(errAltered)
			return errAltered
		}
	}
	// Servers that know none of this say so, under their signature. One that
	// speaks 3.0 knows it; who takes 3.0 away cannot sign the refusal.
	s.validated.Store(true)
	return nil
}
