package memfs

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/vfs"
)

// EAs implements [vfs.ExtendedAttributes].
func (f *FS) EAs(_ context.Context, _ *vfs.Cred, n vfs.Node) ([]fscc.EA, error) {
	i, err := f.inode(n)
	if err != nil {
		return nil, err
	}
	i.mu.RLock()
	defer i.mu.RUnlock()
	return slices.Clone(i.eas), nil
}

// SetEAs implements [vfs.ExtendedAttributes].
func (f *FS) SetEAs(_ context.Context, _ *vfs.Cred, n vfs.Node, set []fscc.EA) error {
	i, err := f.inode(n)
	if err != nil {
		return err
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	eas := slices.Clone(i.eas)
	for _, ea := range set {
		at := slices.IndexFunc(eas, func(e fscc.EA) bool { return strings.EqualFold(e.Name, ea.Name) })
		ea.Value = bytes.Clone(ea.Value)
		switch {
		case at < 0 && len(ea.Value) > 0:
			eas = append(eas, ea)
		case at >= 0 && len(ea.Value) > 0:
			ea.Name = eas[at].Name
			eas[at] = ea
		case at >= 0:
			eas = slices.Delete(eas, at, at+1)
		}
	}
	slices.SortFunc(eas, func(a, b fscc.EA) int { return strings.Compare(a.Name, b.Name) })
	i.eas = eas
	i.changeTime = time.Now()
	return nil
}
