package server

import "github.com/signet-smb/signet/internal/smb2"

// echo handles ECHO, which may come without a session. [MS-SMB2] 3.3.5.17.
//
// Deviation: a connection without any session is answered instead of closed,
// as Samba does; some clients probe so.
func echo(a *authenticated) (smb2.Message, error) {
	var req smb2.EchoRequest
	if err := a.decode(&req); err != nil {
		return nil, err
	}
	return &smb2.EchoResponse{}, nil
}
