package fsa

import (
	"context"
	"errors"
	"io/fs"

	"github.com/signet-smb/signet/dtyp"
)

// mayRead reports whether the one who opened h may read its entry name, by the
// back end's own rules and the entry's security descriptor; not of one that is gone or cannot be looked at.
// [MS-SMB2] 3.3.5.18.
func (h *Handle) mayRead(ctx context.Context, name string) (bool, error) {
	if name == "." || name == ".." {
		return true, nil
	}
	v := h.volume
	key := nameKeyOf(h.file, name)
	if err := v.store.names.lock(ctx, key, shared); err != nil {
		return false, err
	}
	defer v.store.names.unlock(key, shared)
	n, _, err := v.fs.Lookup(ctx, h.as, h.node, name)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer n.Close()
	attr, err := v.lookedAttr(ctx, n)
	if err != nil {
		return false, err
	}
	rights, err := v.access(ctx, h.asker(), h.node, n, &attr, dtyp.FileReadData) // nothing that the directory gives
	return rights.Has(dtyp.FileGenericRead), err
}
