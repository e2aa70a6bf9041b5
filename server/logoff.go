package server

import "github.com/signet-smb/signet/internal/smb2"

// logoff handles LOGOFF. The reply is protected by the keys of the session
// that it ends. [MS-SMB2] 3.3.5.6.
func logoff(a *authenticated) (smb2.Message, error) {
	var req smb2.LogoffRequest
	if err := a.decode(&req); err != nil {
		return nil, err
	}
	a.session.close()
	return &smb2.LogoffResponse{}, nil
}
