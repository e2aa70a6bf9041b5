package fsa

import (
	"context"
	"errors"
	"io/fs"
	"strings"

	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/vfs"
)

// renameStream gives the stream that is open another name. target is a colon, a
// name and perhaps a type. Who has the stream open keeps it.
// [MS-FSA] 2.1.5.15.12.1.
//
// Deviation: the type may be left out, as Windows and smbtorture do.
//
// Missing: the unnamed stream does not become a named one, nor a named one that.
func (h *Handle) renameStream(ctx context.Context, target string, replace bool) error {
	if strings.Contains(target, `\`) {
		return ntstatus.ObjectNameInvalid
	}
	name, kind, typed := strings.Cut(target[1:], ":")
	switch {
	case strings.HasSuffix(target, ":"), strings.ContainsAny(name, "/\x00"), strings.ContainsAny(kind, ":/\x00"),
		units(name) > maxComponent, name == "" && h.file.directory:
		return ntstatus.InvalidParameter
	case h.isIndex() && typed && strings.EqualFold(kind, "$INDEX_ALLOCATION"):
		return ntstatus.InvalidParameter
	case h.isIndex(), typed && !strings.EqualFold(kind, "$DATA"):
		return ntstatus.ObjectTypeMismatch
	case !h.isNamed() && name == "":
		return nil
	case !h.isNamed(), name == "":
		return ntstatus.NotSupported
	}
	old, unlock, err := h.lockStreams(ctx, name)
	if err != nil {
		return err
	}
	if vfs.Fold(old) != vfs.Fold(name) {
		err = h.changeStreamName(ctx, old, name, replace)
	}
	if err == nil {
		h.streamRenamed(old, name)
	}
	unlock()
	if err == nil {
		h.markArchive(ctx)
	}
	return err
}

// lockStreams takes the locks of h's stream, the name of which it returns, and
// of the one called name.
func (h *Handle) lockStreams(ctx context.Context, name string) (old string, unlock func(), err error) {
	names, to := &h.volume.store.names, streamKeyOf(h.file, name)
	for {
		old = h.streamName()
		from := streamKeyOf(h.file, old)
		if err := names.lockTwo(ctx, from, to); err != nil {
			return "", nil, err
		}
		if h.streamName() == old {
			return old, func() { names.unlockTwo(from, to) }, nil
		}
		names.unlockTwo(from, to)
	}
}

// changeStreamName renames the stream to a name that is free, or that of an
// empty stream which nobody has open. The caller holds both locks.
func (h *Handle) changeStreamName(ctx context.Context, old, name string, replace bool) error {
	streams, f := h.volume.streams(), h.file
	target, err := streams.LookupStream(ctx, h.node, name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return err
	case !replace:
		return ntstatus.ObjectNameCollision
	case target.EndOfFile != 0, f.isStreamOpen(name):
		return ntstatus.InvalidParameter
	case target.Name != name: // the back end replaces what is called exactly so
		if err := streams.RemoveStream(ctx, h.as, h.node, target.Name); err != nil {
			return err
		}
	}
	if err := streams.RenameStream(ctx, h.as, h.node, old, name, replace); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	h.stream.name = name
	return nil
}

// isStreamOpen says whether somebody has the stream called name open.
func (f *File) isStreamOpen(name string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.namedLocked(name) != nil
}
