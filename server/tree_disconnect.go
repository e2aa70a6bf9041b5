package server

import "github.com/signet-smb/signet/internal/smb2"

// disconnectTree handles TREE_DISCONNECT. [MS-SMB2] 3.3.5.8.
func disconnectTree(a *authenticated) (smb2.Message, error) {
	var req smb2.TreeDisconnectRequest
	if err := a.decode(&req); err != nil {
		return nil, err
	}
	a.session.removeTree(a.tree)
	return &smb2.TreeDisconnectResponse{}, nil
}
