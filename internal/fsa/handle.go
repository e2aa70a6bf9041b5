package fsa

import (
	"cmp"
	"context"
	"sync/atomic"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/vfs"
)

// Handle is one open of a file, a directory or a named stream: the Open of [MS-FSA] 2.1.1.6.
// Its methods are safe for concurrent use, but for Close, which is called
// once, after all others have returned. Everything is done as whoever opened
// it.
type Handle struct {
	volume  *Volume
	file    *File
	link    *Link // nil for the root of the volume
	stream  *Stream
	node    vfs.Node
	data    vfs.File // nil for a directory, a special file, or an open without rights to data
	as      *vfs.Cred
	token   *Token
	granted dtyp.AccessMask
	maximal dtyp.AccessMask
	share   fscc.ShareAccess
	options fscc.CreateOptions
	scan    scan
	watch   *watch                    // guarded by store.mu; nil until changes are asked for
	others  others                    // likewise
	locks   int                       // how many byte ranges it has locked; guarded by File.mu
	most    int32                     // how many it may lock
	wrote   atomic.Bool               // data, which the listing of its directory does not show yet
	oplock  *oplock                   // that it took or shares, which it may have lost; immutable once h is open
	guard   *guard                    // of what the oplock is on; nil: none is needed, or there is none
	kept    atomic.Pointer[keptTimes] // nil: all move
}

// GrantedAccess returns the rights of the open, without generic ones.
func (h *Handle) GrantedAccess() dtyp.AccessMask { return h.granted }

// Options returns the create options the file was opened with.
func (h *Handle) Options() fscc.CreateOptions { return h.options }

// IsDir reports whether a directory is open, and not a stream of it.
func (h *Handle) IsDir() bool { return h.isIndex() }

// FileID returns the 64-bit identity of the file, stable over restarts and the
// same for every open of it.
func (h *Handle) FileID() uint64 { return h.volume.fileID(h.file.id) }

// Name returns the path from the root of the volume as it is now, components
// separated by backslashes, without a leading one; "" for the root. Of a file
// that left the volume through another share, it is what is known of its path.
// Of a named stream, a colon and its name follow. [MS-FSA] 2.1.4.15.
func (h *Handle) Name() string {
	path, _ := h.volume.path(h.link)
	if h.isNamed() {
		path += ":" + h.streamName()
	}
	return path
}

// ShortName returns the name of the file in 8.3 form, which is its name if
// that is of such a form; "" for the root, and for a file that has no name any
// more. [MS-FSA] 2.1.5.12.4.
func (h *Handle) ShortName() string {
	if h.link == nil {
		return ""
	}
	parent, name := h.link.where()
	if parent == nil {
		return ""
	}
	h.volume.store.release(parent, nil)
	return cmp.Or(ShortName(name), name)
}

// Attr returns the attributes of the file as they are now. Of a named stream,
// the sizes are its own, and it is no directory.
func (h *Handle) Attr(ctx context.Context) (vfs.Attr, error) {
	attr, err := h.attr(ctx)
	return h.volume.complete(attr), err
}

// attr is Attr as the back end has it.
func (h *Handle) attr(ctx context.Context) (vfs.Attr, error) {
	attr, err := h.node.Attr(ctx)
	if err == nil && h.isNamed() {
		err = h.describeStream(ctx, &attr)
	}
	return attr, err
}

// MaximalAccess returns all rights that an open of the file could be granted
// now, to the user and through the share of h. [MS-SMB2] 3.3.5.9.5.
func (h *Handle) MaximalAccess(ctx context.Context) (dtyp.AccessMask, error) {
	attr, err := h.node.Attr(ctx)
	if err != nil {
		return 0, err
	}
	var above vfs.Node
	if h.link != nil {
		if parent, _ := h.link.where(); parent != nil {
			defer h.volume.store.release(parent, nil)
			above = parent.node(h.volume)
		}
	}
	access, err := h.volume.access(ctx, h.asker(), above, h.node, &attr, dtyp.MaximumAllowed)
	if err != nil {
		return 0, err
	}
	return mostOf(access&h.maximal, &attr), nil
}

// The attributes that can be set; the others follow from what the file is.
// [MS-FSA] 2.1.5.15.2.
const settableAttributes = fscc.FileAttributeReadonly | fscc.FileAttributeHidden | fscc.FileAttributeSystem |
	fscc.FileAttributeArchive | fscc.FileAttributeTemporary | fscc.FileAttributeOffline |
	fscc.FileAttributeNotContentIndexed

// SetAttr changes attributes and times. Attributes that cannot be set are left
// out; ntstatus.InvalidParameter tells that they contradict the kind of file.
// The caller has checked FileWriteAttributes. [MS-FSA] 2.1.5.15.2.
func (h *Handle) SetAttr(ctx context.Context, set vfs.SetAttr) error {
	if set.Attributes != nil {
		attributes := *set.Attributes
		if attributes&fscc.FileAttributeDirectory != 0 && !h.isIndex() ||
			attributes&fscc.FileAttributeTemporary != 0 && h.file.directory {
			return ntstatus.InvalidParameter
		}
		attributes &= settableAttributes
		if h.link == nil {
			const kept = fscc.FileAttributeHidden | fscc.FileAttributeSystem
			now, err := h.node.Attr(ctx)
			if err != nil {
				return err
			}
			attributes = attributes&^kept | now.Attributes&kept
		}
		set.Attributes = &attributes
		// Whoever writes at this moment must ask again, before and after.
		h.file.archived.Store(false)
		defer h.file.archived.Store(false)
	}
	if err := h.volume.fs.SetAttr(ctx, h.as, h.node, set); err != nil {
		return err
	}
	h.attributesChanged(attributesFilter(&set))
	return nil
}

// admit makes h one of the opens of its file, if the others and h tolerate
// each other when h needs the given rights, which may be more than it is
// granted: ntstatus.SharingViolation. If the link or the stream is being
// deleted it is ntstatus.DeletePending. If others have to give up first what
// they cache, it is a BreakWait. existing says that h does not make what it
// opens. [MS-FSA] 2.1.5.1.2.2.
//
// The caller holds the lock of the name, and of the stream if that has one, and
// releases file and link if h was not admitted; admitted, h keeps them.
func (o *opening) admit(h *Handle, needed dtyp.AccessMask, existing bool) error {
	f := h.file
	f.mu.Lock()
	defer f.mu.Unlock()
	if h.isNamed() { // perhaps somebody else opened it just now
		if s := f.namedLocked(h.stream.name); s != nil {
			h.stream = s
		}
	}
	if h.link != nil && h.link.pending != nil || h.stream.pending != nil {
		return ntstatus.DeletePending
	}
	denied := h.checkSharingLocked(needed)
	if h.stream.oplocks != nil {
		if err := o.breakForOpenLocked(h, needed, denied != nil); err != nil {
			return err
		}
	}
	if denied != nil {
		return denied
	}
	if err := o.grantLocked(h, needed, existing); err != nil {
		return err
	}
	if isActive(h.granted) {
		h.stream.active++
	}
	h.stream.sharing.add(h.granted, h.share)
	if h.isNamed() {
		if h.stream.opens == 0 {
			f.named = append(f.named, h.stream)
		}
		h.stream.opens++
	}
	f.opens++
	if h.link != nil {
		h.link.handles++
	}
	return nil
}

// expel undoes admit. It returns how the link is to be removed if that is to
// happen now: h was the last Handle, or need not be. With deleteNow, that the
// link is to be deleted is decided now. A named stream was expelled before. What
// is to be closed when all is done, is returned, too.
func (h *Handle) expel(deleteNow bool) (remove *deletion, ended chan struct{}) {
	f := h.file
	f.mu.Lock()
	defer f.mu.Unlock()
	if !h.isNamed() {
		ended = h.leaveOplockLocked()
		h.stream.leaveLocked(h)
	}
	f.opens--
	if h.link == nil {
		return nil, ended
	}
	h.link.handles--
	if deleteNow && h.link.pending == nil {
		h.link.pending = &deletion{volume: h.volume, as: h.as, parent: h.parentKey()}
		_ = h.stream.breakHandlesLocked(nil, h.oplock) // perhaps caches only keep the file
	}
	if d := h.link.pending; d != nil && (d.atOnce || h.link.handles == 0) {
		return d, ended
	}
	return nil, ended
}

// Close ends the open. If that decides that the file is to be deleted, it is,
// whether or not ctx has ended, and the error is that of the removal; the open
// has ended nevertheless. [MS-FSA] 2.1.5.5.
func (h *Handle) Close(ctx context.Context) error {
	deleteNow, err := h.deletesOnClose(ctx)
	h.keepAccessTime(context.WithoutCancel(ctx))
	return cmp.Or(h.end(ctx, deleteNow), err)
}

// end ends the open, with deleteNow after the decision that the file is to be
// deleted. The caller holds no lock.
func (h *Handle) end(ctx context.Context, deleteNow bool) (err error) {
	if h.data != nil {
		err = h.data.Close()
	}
	h.scan.close()
	h.unwatch()
	h.endGuard()
	if h.wrote.Load() {
		h.breakParentListing()
	}
	var ended chan struct{}
	if h.isNamed() {
		var streamErr error
		ended, streamErr = h.endStream(ctx, deleteNow)
		err, deleteNow = cmp.Or(streamErr, err), false
	}
	d, fileEnded := h.expel(deleteNow)
	if deleteNow || d != nil {
		h.file.store.doomed(h.file)
	}
	if d != nil {
		err = cmp.Or(h.link.remove(ctx, d, h), err)
	}
	if ended = cmp.Or(ended, fileEnded); ended != nil {
		close(ended) // who waited for the file's oplock finds all of this done
	}
	s := h.volume.store
	s.release(h.file, h.link)
	h.volume.leave()
	s.countHandle(-1)
	return err
}
