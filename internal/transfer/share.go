package transfer

import (
	"context"
	"errors"
	"io/fs"
	"strings"

	"github.com/signet-smb/signet/client"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/vfs"
)

// Share is a share of a server as a [Tree].
type Share struct {
	share *client.Share

	// What is written before anything is copied.
	keep      Keep
	asked     bool // whether it has streams
	noStreams bool
}

// NewShare makes a tree of a share.
func NewShare(sh *client.Share) *Share { return &Share{share: sh} }

// Stat implements [Tree].
func (t *Share) Stat(ctx context.Context, name string) (Entry, error) {
	i, err := t.share.Stat(ctx, name)
	if err != nil {
		return Entry{}, err
	}
	return EntryOf(i), nil
}

// Show implements [Tree].
func (t *Share) Show(name string) string {
	return strings.TrimRight(t.share.Path()+`\`+strings.ReplaceAll(name, "/", `\`), `\`)
}

// Localize implements [Tree].
func (t *Share) Localize(name string) (string, error) { return wireName(name) }

func (t *Share) portable(name string) (string, error) { return plainName(name) }

func (t *Share) fold(name string) string { return vfs.Fold(name) }

func (t *Share) list(ctx context.Context, dir string, onlyParts bool, add func(Entry) error, bad func(error)) error {
	pattern := "*"
	if onlyParts {
		pattern = partPrefix + "*"
	}
	for i, err := range t.share.Find(ctx, dir, pattern) {
		if name, ok := errors.AsType[*client.NameError](err); ok {
			bad(&NameError{name.Name, name.Problem})
			continue
		}
		if err != nil {
			return err
		}
		if err := add(EntryOf(i)); err != nil {
			return err
		}
	}
	return nil
}

func (t *Share) mkdir(ctx context.Context, name string) (made bool, err error) {
	if name == "" {
		return false, nil
	}
	err = t.share.Mkdir(ctx, name)
	if errors.Is(err, fs.ErrExist) {
		i, statErr := t.share.Stat(ctx, name)
		if statErr == nil && i.IsDir() {
			return false, nil
		}
	}
	return err == nil, err
}

func (t *Share) setMeta(ctx context.Context, name string, e Entry) error {
	err := t.share.Chtimes(ctx, name, client.Times{Creation: e.Created, LastAccess: e.Accessed, LastWrite: e.Modified})
	if a := e.Attributes &^ fscc.FileAttributeArchive; err == nil && a != 0 {
		err = t.share.SetAttributes(ctx, name, a)
	}
	return err
}

func (t *Share) remove(ctx context.Context, name string, e Entry) error {
	err := t.removeOnce(ctx, name, e)
	if !errors.Is(err, ntstatus.CannotDelete) && !errors.Is(err, ntstatus.AccessDenied) || e.Attributes&fscc.FileAttributeReadonly == 0 {
		return err
	}
	if t.share.SetAttributes(ctx, name, 0) != nil {
		return err
	}
	return t.removeOnce(ctx, name, e)
}

func (t *Share) removeOnce(ctx context.Context, name string, e Entry) error {
	if e.Dir {
		return t.share.RemoveDir(ctx, name)
	}
	err := t.share.Remove(ctx, name)
	if e.Special != "" && errors.Is(err, ntstatus.FileIsADirectory) {
		return t.share.RemoveDir(ctx, name) // a link to a directory is one itself on Windows
	}
	return err
}

// flush has nothing to do: what is published has its name at once.
func (t *Share) flush(context.Context) error { return nil }
