package memfs

import (
	"context"
	"time"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/vfs"
)

// Descriptor implements [vfs.Security]. A file without a descriptor belongs to
// the administrators, and everyone may do everything with it.
func (f *FS) Descriptor(ctx context.Context, n vfs.Node) (dtyp.SecurityDescriptor, error) {
	sd, err := f.StoredDescriptor(ctx, n)
	if err != nil || sd != nil {
		if sd == nil {
			sd = new(dtyp.SecurityDescriptor)
		}
		return *sd, err
	}
	return dtyp.SecurityDescriptor{
		Control: dtyp.DACLPresent,
		Owner:   dtyp.SIDBuiltinAdministrators,
		Group:   dtyp.SIDBuiltinUsers,
		DACL:    &dtyp.ACL{ACEs: []dtyp.ACE{{Mask: dtyp.FileAllAccess, SID: dtyp.SIDEveryone}}},
	}, nil
}

// StoredDescriptor implements [vfs.Security].
func (f *FS) StoredDescriptor(_ context.Context, n vfs.Node) (*dtyp.SecurityDescriptor, error) {
	i, err := f.inode(n)
	if err != nil {
		return nil, err
	}
	i.mu.RLock()
	defer i.mu.RUnlock()
	return i.descriptor, nil
}

// SetDescriptor implements [vfs.Security]. It keeps a copy.
func (f *FS) SetDescriptor(_ context.Context, n vfs.Node, sd *dtyp.SecurityDescriptor) error {
	i, err := f.inode(n)
	if err != nil {
		return err
	}
	b, err := sd.AppendBinary(nil)
	if err != nil {
		return ntstatus.InvalidACL
	}
	own := new(dtyp.SecurityDescriptor)
	if err := own.UnmarshalBinary(b); err != nil {
		return ntstatus.InvalidSecurityDescr
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.descriptor = own
	i.changeTime = time.Now()
	return nil
}
