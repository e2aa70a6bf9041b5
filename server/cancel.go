package server

import "github.com/signet-smb/signet/internal/smb2"

// cancel handles CANCEL, which has no reply: one that fails verification is
// dropped. It names no tree connect, so what a share demands is judged by the
// request that it is to end. [MS-SMB2] 3.3.5.16.
func cancel(a *authenticated) (smb2.Message, error) {
	if !a.conn.cancelRequest(&a.header, cancellation{a.sessionID, a.proof()}) {
		return nil, a.withoutProof()
	}
	return nil, nil
}
