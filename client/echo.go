package client

import (
	"context"

	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/ntstatus"
)

// Echo asks the server for a sign of life. [MS-SMB2] 3.2.4.25.
func (s *Session) Echo(ctx context.Context) error {
	replies, err := s.conn.do(ctx, request{session: s, protect: s.protect(nil), message: &smb2.EchoRequest{}})
	if err != nil {
		return fail("echo", s.conn.server, err)
	}
	defer replies[0].release()
	if status := replies[0].header.Status; status != ntstatus.Success {
		return fail("echo", s.conn.server, status)
	}
	return nil
}

// beat sends an ECHO for whose answer only the watchdog waits.
func (s *Session) beat() {
	s.conn.post(request{session: s, protect: s.protect(nil), message: &smb2.EchoRequest{}})
}
