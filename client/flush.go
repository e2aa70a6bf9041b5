package client

import (
	"context"

	"github.com/signet-smb/signet/internal/smb2"
)

// Sync returns when what was written is on the server's disk. [MS-SMB2]
// 3.2.4.13.
func (f *File) Sync(ctx context.Context) error {
	return f.command(ctx, "sync", &smb2.FlushRequest{})
}

// command sends a request whose success is all that matters.
func (f *File) command(ctx context.Context, op string, m smb2.Message) error {
	if err := f.shared.check(); err != nil {
		return fail(op, f.shared.name, err)
	}
	r, err := f.shared.do(ctx, m)
	if err != nil {
		return fail(op, f.shared.name, err)
	}
	r.release()
	return nil
}
