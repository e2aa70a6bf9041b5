package fsa

import (
	"context"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/vfs"
)

// MaximalAccess returns all the rights that whoever opened the file has on it
// now, as far as the share lets them: what an open could be granted. The
// attributes of the file, which may forbid some of it, do not count.
// [MS-SMB2] 3.3.5.9.5.
func (h *Handle) MaximalAccess(ctx context.Context) (dtyp.AccessMask, error) {
	var dir vfs.Node
	if h.link != nil {
		if parent, _ := h.link.where(); parent != nil {
			defer h.volume.store.release(parent, nil)
			dir = parent.node(h.volume)
		}
	}
	access, err := h.volume.fs.Access(ctx, h.as, dir, h.node)
	return access & h.maximal, err
}
