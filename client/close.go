package client

import (
	"context"
	"os"

	"github.com/signet-smb/signet/internal/smb2"
)

// Close closes the file. Only the first call does anything; the others give
// [os.ErrClosed]. [MS-SMB2] 3.2.4.5.
//
// A server that does not answer is not waited for longer than for any request.
func (f *File) Close() error {
	if f.shared.closed.Swap(true) {
		return fail("close", f.shared.name, os.ErrClosed)
	}
	defer f.shared.share.session.opens.forget(f.shared.durability)
	r, err := f.shared.do(context.Background(), &smb2.CloseRequest{})
	if err != nil {
		return fail("close", f.shared.name, err)
	}
	r.release()
	return nil
}
