package smbtest

import (
	"context"
	"errors"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/vfs"
)

var _ vfs.Security = (*CallLog)(nil)

// security notes a call and returns the back end, if it keeps descriptors.
func (l *CallLog) security(ctx context.Context, what string) (vfs.Security, error) {
	if err := l.note(ctx, "%s", what); err != nil {
		return nil, err
	}
	backend, ok := l.fs.(vfs.Security)
	if !ok {
		return nil, errors.ErrUnsupported
	}
	return backend, nil
}

// Descriptor implements vfs.Security as far as the back end does.
func (l *CallLog) Descriptor(ctx context.Context, n vfs.Node) (dtyp.SecurityDescriptor, error) {
	backend, err := l.security(ctx, "Descriptor")
	if err != nil {
		return dtyp.SecurityDescriptor{}, err
	}
	return backend.Descriptor(ctx, n)
}

// StoredDescriptor implements vfs.Security as far as the back end does.
func (l *CallLog) StoredDescriptor(ctx context.Context, n vfs.Node) (*dtyp.SecurityDescriptor, error) {
	backend, err := l.security(ctx, "StoredDescriptor")
	if err != nil {
		return nil, err
	}
	return backend.StoredDescriptor(ctx, n)
}

// SetDescriptor implements vfs.Security as far as the back end does.
func (l *CallLog) SetDescriptor(ctx context.Context, n vfs.Node, sd *dtyp.SecurityDescriptor) error {
	backend, err := l.security(ctx, "SetDescriptor")
	if err != nil {
		return err
	}
	return backend.SetDescriptor(ctx, n, sd)
}
