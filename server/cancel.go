package server

import "github.com/signet-smb/signet/internal/smb2"

// cancel handles CANCEL, which has no reply: one that fails verification is
// dropped. [MS-SMB2] 3.3.5.16.
func cancel(a *authenticated) (smb2.Message, error) {
	a.conn.cancelRequest(&a.header, a.sessionID)
	return nil, nil
}
