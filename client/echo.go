package client

import (
	"context"

	"github.com/signet-smb/signet/internal/smb2"
	"github.com/signet-smb/signet/ntstatus"
)

// Echo asks the server for a sign of life. [MS-SMB2] 3.2.4.25.
func (s *Session) Echo(ctx context.Context) error {
	return fail("echo", s.Server(), s.repeat(ctx, true, func() error {
		on, err := s.alive(ctx)
		if err != nil {
			return err
		}
		return on.echo(ctx)
	}))
}

func (s *session) echo(ctx context.Context) error {
	replies, err := s.conn.do(ctx, request{session: s, protect: s.protect(nil), message: &smb2.EchoRequest{}})
	if err != nil {
		return err
	}
	defer replies[0].release()
	if replies[0].header.Status != ntstatus.Success {
		return replies[0].failure()
	}
	return nil
}

// beat sends an ECHO for whose answer only the watchdog waits.
func (s *session) beat() {
	s.conn.post(request{session: s, protect: s.protect(nil), message: &smb2.EchoRequest{}})
}
