package main

import (
	"context"
	"errors"
	"io/fs"
	"strings"

	"github.com/signet-smb/signet/client"
	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/ntstatus"
)

// shareTree is a share as a fileTree.
type shareTree struct{ share *client.Share }

func (t *shareTree) stat(ctx context.Context, name string) (fileEntry, error) {
	i, err := t.share.Stat(ctx, name)
	if err != nil {
		return fileEntry{}, err
	}
	return entryOf(i), nil
}

func (t *shareTree) list(ctx context.Context, dir string, add func(fileEntry) error, bad func(error)) error {
	for i, err := range t.share.ReadDir(ctx, dir) {
		if _, ok := errors.AsType[*client.NameError](err); ok {
			bad(err)
			continue
		}
		if err != nil {
			return err
		}
		if err := add(entryOf(i)); err != nil {
			return err
		}
	}
	return nil
}

// shareFile is an open file of a share.
type shareFile struct {
	*client.File
	length int64
}

func (t *shareTree) open(ctx context.Context, name string) (openFile, error) {
	return t.openWith(ctx, name, client.OpenOptions{
		Access:  dtyp.FileReadData | dtyp.FileReadAttributes | dtyp.Synchronize,
		Options: fscc.OptionNonDirectoryFile | fscc.OptionSequentialOnly,
	})
}

func (t *shareTree) openPart(ctx context.Context, name string) (openFile, error) {
	return t.openWith(ctx, name, client.OpenOptions{
		Access:      dtyp.FileReadData | dtyp.FileWriteData | dtyp.FileReadAttributes | dtyp.Synchronize,
		Disposition: client.OpenOrCreate, Options: fscc.OptionNonDirectoryFile,
	})
}

func (t *shareTree) openWith(ctx context.Context, name string, o client.OpenOptions) (openFile, error) {
	f, err := t.share.OpenFile(ctx, name, o)
	if err != nil {
		return nil, err
	}
	return &shareFile{f, f.OpenInfo().Size()}, nil
}

func (f *shareFile) size() int64 { return f.length }

func (f *shareFile) readAt(ctx context.Context, p []byte, off int64) (int, error) {
	return f.ReadAtContext(ctx, p, off)
}

func (f *shareFile) writeAt(ctx context.Context, p []byte, off int64) error {
	_, err := f.WriteAtContext(ctx, p, off)
	return err
}

func (f *shareFile) truncate(ctx context.Context) error { return f.Truncate(ctx, 0) }

func (t *shareTree) mkdir(ctx context.Context, name string) error {
	err := t.share.Mkdir(ctx, name)
	if errors.Is(err, fs.ErrExist) {
		i, statErr := t.share.Stat(ctx, name)
		if statErr == nil && i.IsDir() {
			return nil
		}
	}
	return err
}

func (t *shareTree) setMeta(ctx context.Context, name string, e fileEntry) error {
	err := t.share.Chtimes(ctx, name, client.Times{Creation: e.created, LastAccess: e.accessed, LastWrite: e.modified})
	if err == nil && e.attributes&^fscc.FileAttributeArchive != 0 {
		err = t.share.SetAttributes(ctx, name, e.attributes)
	}
	return err
}

func (t *shareTree) rename(ctx context.Context, from, to string) error {
	err := t.share.Rename(ctx, from, to, true)
	if !errors.Is(err, ntstatus.AccessDenied) {
		return err
	}
	// A read-only file is replaced by nobody: it is made writable first.
	old, statErr := t.share.Stat(ctx, to)
	if statErr != nil || old.IsDir() || old.FileAttributes&fscc.FileAttributeReadonly == 0 {
		return err
	}
	if t.share.SetAttributes(ctx, to, 0) != nil {
		return err
	}
	return t.share.Rename(ctx, from, to, true)
}

func (t *shareTree) remove(ctx context.Context, name string, dir bool) error {
	if dir {
		return t.share.RemoveDir(ctx, name)
	}
	return t.share.Remove(ctx, name)
}

// checkName refuses what Windows forbids: a colon would make it a stream of
// another file.
func (t *shareTree) checkName(name string) error {
	if strings.ContainsAny(name, `\/:*?"<>|`) || strings.ContainsFunc(name, func(r rune) bool { return r < ' ' }) {
		return &nameProblem{name, "a file on a server has none of \\ / : * ? \" < > | and no control character in its name"}
	}
	return nil
}

func (t *shareTree) show(name string) string {
	return strings.TrimRight(t.share.Path()+`\`+strings.ReplaceAll(name, "/", `\`), `\`)
}
