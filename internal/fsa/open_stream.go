package fsa

import (
	"context"
	"errors"
	"io/fs"

	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/vfs"
)

// NamedStreams says whether files of the volume can have named streams.
func (v *Volume) NamedStreams() bool {
	_, ok := v.fs.(vfs.Streams)
	return ok && v.info.StoresStreams
}

// streams is the back end of a volume that has NamedStreams.
func (v *Volume) streams() vfs.Streams { return v.fs.(vfs.Streams) }

// openStream opens the named stream of f, which l leads to, an entry of dir; for
// the root there is neither link nor dir. It takes f and l over. Its results are
// those of locate. [MS-FSA] 2.1.5.1.2, for a data stream.
//
// The lock of the stream comes after that of the file's name, which is held.
func (o *opening) openStream(ctx context.Context, dir *File, dirLink *Link, f *File, l *Link) (*Handle, fscc.CreateAction, error) {
	// Streams are asked for one call at a time.
	if acting := vfs.ActingIn(ctx); acting != nil {
		if err := acting.End(); err != nil {
			o.volume.store.release(f, l)
			return nil, 0, err
		}
		ctx = acting.Context
	}
	h := o.newHandle(f, l)
	h.stream = nil
	mode := shared
	if o.creates() {
		mode = exclusive
	}
	key := streamKeyOf(f, o.path.stream)
	if err := o.volume.store.names.lock(ctx, key, mode); err != nil {
		o.volume.store.release(f, l)
		return nil, 0, err
	}
	defer o.volume.store.names.unlock(key, mode)
	if err := o.admitStream(ctx, dir, dirLink, h); err != nil {
		if h.data != nil {
			h.data.Close()
		}
		if o.newStream && h.stream != nil {
			_ = o.volume.streams().RemoveStream(context.WithoutCancel(ctx), o.As, h.node, h.stream.name)
		}
		o.volume.store.release(f, l)
		return nil, 0, err
	}
	switch {
	case o.newStream:
		h.markArchive(ctx)
		h.streamAdded(h.streamName())
		return h, fscc.ActionCreated, nil
	case !o.overwrites():
		return h, fscc.ActionOpened, nil
	}
	err := h.truncate(ctx, 0)
	if o.Disposition == fscc.DispositionSupersede {
		return h, fscc.ActionSuperseded, err
	}
	return h, fscc.ActionOverwritten, err
}

// admitStream checks whether h may be opened on the stream, makes that if it is
// not there, and admits h. On error h was not admitted; if it has a stream
// then, and that is new, it was made.
func (o *opening) admitStream(ctx context.Context, dir *File, dirLink *Link, h *Handle) error {
	if h.link.deletePending() {
		return ntstatus.DeletePending
	}
	attr, err := h.node.Attr(ctx)
	switch {
	case err != nil:
		return err
	case o.has(fscc.OptionDirectoryFile):
		return ntstatus.NotADirectory
	case attr.Special:
		return ntstatus.AccessDenied
	}
	found, err := o.findStream(ctx, h.node, &attr)
	if err != nil {
		return err
	}
	h.stream = &Stream{name: found.Name} // admit finds the one that is open
	writes := o.newStream || o.overwrites()
	if writes && attr.Attributes&fscc.FileAttributeReadonly != 0 {
		err = ntstatus.AccessDenied
	}
	if err == nil && writes {
		err = o.checkSpace(ctx)
	}
	if err == nil {
		err = o.checkStreamAccess(ctx, dir, dirLink, h, &attr)
	}
	if err == nil && o.newStream {
		err = o.volume.streams().CreateStream(ctx, o.As, h.node, found.Name)
		if errors.Is(err, fs.ErrExist) { // another program made it just now
			err = ntstatus.ObjectNameCollision
		}
	}
	if err != nil {
		h.stream = nil
		return err
	}
	return o.openStreamData(ctx, h)
}

// findStream looks the stream up, and says whether it may be there or missing.
func (o *opening) findStream(ctx context.Context, n vfs.Node, attr *vfs.Attr) (found vfs.Stream, err error) {
	err = fs.ErrNotExist
	if attr.HasStreams {
		found, err = o.volume.streams().LookupStream(ctx, n, o.path.stream)
	}
	switch {
	case err == nil && o.Disposition == fscc.DispositionCreate:
		return found, ntstatus.ObjectNameCollision
	case err == nil:
		return found, nil
	case !errors.Is(err, fs.ErrNotExist):
		return found, err
	case !o.creates():
		return found, ntstatus.ObjectNameNotFound
	}
	o.newStream = true
	return vfs.Stream{Name: o.path.stream}, nil
}

// checkStreamAccess decides what h is granted: the rights to a stream are those
// to its file. [MS-FSA] 2.1.5.1.2.1, first half.
func (o *opening) checkStreamAccess(ctx context.Context, dir *File, dirLink *Link, h *Handle, attr *vfs.Attr) error {
	access, err := o.checkAccess(ctx, dir, h, attr)
	if err != nil {
		return err
	}
	return o.adjustSharing(ctx, dir, dirLink, h, access)
}

// openStreamData opens the stream of h, which is there, and admits h.
func (o *opening) openStreamData(ctx context.Context, h *Handle) (err error) {
	needed := h.granted | o.implied()
	if o.newStream {
		needed = h.granted // to write was asked of the file
	}
	if mode := o.mode(needed); mode != 0 {
		h.data, err = o.volume.streams().OpenStream(ctx, o.As, h.node, h.stream.name, mode)
		if err != nil {
			return err
		}
	}
	return o.admit(h, needed, !o.newStream)
}

// createStream makes the stream of a file that is being created, and has h have
// it open instead of the file itself. Nobody else can know the file yet.
func (o *opening) createStream(ctx context.Context, h *Handle) error {
	if h.data != nil {
		err := h.data.Close()
		h.data = nil
		if err != nil {
			return err
		}
	}
	if err := o.volume.streams().CreateStream(ctx, o.As, h.node, o.path.stream); err != nil {
		return err
	}
	h.stream = &Stream{name: o.path.stream}
	mode := o.mode(h.granted)
	if mode == 0 {
		return nil
	}
	var err error
	h.data, err = o.volume.streams().OpenStream(ctx, o.As, h.node, o.path.stream, mode)
	return err
}
