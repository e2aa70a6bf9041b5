package client

import (
	"context"

	"github.com/signet-smb/signet/internal/smb2"
)

// Close disconnects from the share, which closes its files. [MS-SMB2]
// 3.2.4.22.
func (sh *Share) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), logoffTimeout)
	defer cancel()
	sh.trees.closed.Store(true)
	sh.trees.closeLanes()
	r, err := sh.trees.current.Load().do(ctx, &smb2.TreeDisconnectRequest{})
	if err != nil {
		return fail("disconnect", sh.Path(), err)
	}
	r.release()
	return nil
}
