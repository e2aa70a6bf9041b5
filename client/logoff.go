package client

import (
	"context"

	"github.com/signet-smb/signet/internal/smb2"
)

// logoff ends the session on the server; that it fails changes nothing, for
// the connection goes next. [MS-SMB2] 3.2.4.23.
func (s *session) logoff(ctx context.Context) {
	replies, err := s.conn.do(ctx, request{session: s, protect: s.protect(nil), message: &smb2.LogoffRequest{}})
	if err == nil {
		replies[0].release()
	}
}
