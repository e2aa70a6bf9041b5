package smbtest

import (
	"context"
	"errors"

	"github.com/signet-smb/signet/vfs"
)

var _ vfs.Streams = (*CallLog)(nil)

// streams notes a call and returns the back end, if it has streams.
func (l *CallLog) streams(ctx context.Context, format string, args ...any) (vfs.Streams, error) {
	if err := l.note(ctx, format, args...); err != nil {
		return nil, err
	}
	backend, ok := l.fs.(vfs.Streams)
	if !ok {
		return nil, errors.ErrUnsupported
	}
	return backend, nil
}

// Streams implements vfs.Streams as far as the back end does.
func (l *CallLog) Streams(ctx context.Context, n vfs.Node) ([]vfs.Stream, error) {
	backend, err := l.streams(ctx, "Streams")
	if err != nil {
		return nil, err
	}
	return backend.Streams(ctx, n)
}

// LookupStream implements vfs.Streams as far as the back end does.
func (l *CallLog) LookupStream(ctx context.Context, n vfs.Node, name string) (vfs.Stream, error) {
	backend, err := l.streams(ctx, "LookupStream %s", name)
	if err != nil {
		return vfs.Stream{}, err
	}
	return backend.LookupStream(ctx, n, name)
}

// CreateStream implements vfs.Streams as far as the back end does.
func (l *CallLog) CreateStream(ctx context.Context, as *vfs.Cred, n vfs.Node, name string) error {
	backend, err := l.streams(ctx, "CreateStream %s", name)
	if err != nil {
		return err
	}
	return backend.CreateStream(ctx, as, n, name)
}

// OpenStream implements vfs.Streams as far as the back end does.
func (l *CallLog) OpenStream(ctx context.Context, as *vfs.Cred, n vfs.Node, name string, mode vfs.Mode) (vfs.File, error) {
	backend, err := l.streams(ctx, "OpenStream %s", name)
	if err != nil {
		return nil, err
	}
	f, err := backend.OpenStream(ctx, as, n, name, mode)
	return l.wrap(f), err
}

// RenameStream implements vfs.Streams as far as the back end does.
func (l *CallLog) RenameStream(ctx context.Context, as *vfs.Cred, n vfs.Node, name, newName string, replace bool) error {
	backend, err := l.streams(ctx, "RenameStream %s to %s", name, newName)
	if err != nil {
		return err
	}
	return backend.RenameStream(ctx, as, n, name, newName, replace)
}

// RemoveStream implements vfs.Streams as far as the back end does.
func (l *CallLog) RemoveStream(ctx context.Context, as *vfs.Cred, n vfs.Node, name string) error {
	backend, err := l.streams(ctx, "RemoveStream %s", name)
	if err != nil {
		return err
	}
	return backend.RemoveStream(ctx, as, n, name)
}
