package fsa

import (
	"cmp"
	"context"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/vfs"
)

// openExisting opens f by l, which is an entry of dir; for the root there is
// neither link nor dir. It takes f and l over. Its results are those of locate.
// [MS-FSA] 2.1.5.1.2.
func (o *opening) openExisting(ctx context.Context, dir *File, dirLink *Link, f *File, l *Link) (*Handle, fscc.CreateAction, error) {
	h := o.newHandle(f, l)
	attr, err := o.admitExisting(ctx, dir, dirLink, h)
	if err != nil {
		if h.data != nil {
			h.data.Close()
		}
		o.volume.store.release(f, l)
		return nil, 0, err
	}
	if !o.overwrites() {
		o.found = &attr
		return h, fscc.ActionOpened, o.tell(ctx, h)
	}
	o.found = nil
	if err = o.overwrite(ctx, h, attr); err == nil {
		err = o.tell(ctx, h)
	}
	if o.Disposition == fscc.DispositionSupersede {
		return h, fscc.ActionSuperseded, err
	}
	return h, fscc.ActionOverwritten, err
}

func (o *opening) newHandle(f *File, l *Link) *Handle {
	h := &Handle{
		volume: o.volume, file: f, link: l, stream: &f.stream, node: f.node(o.volume),
		as: o.As, maximal: o.MaximalAccess, share: o.ShareAccess, options: o.Options,
		most: cmp.Or(o.MaxLocks, maxLocks),
	}
	if f.directory {
		h.scan.gate = newGate()
	}
	return h
}

// admitExisting checks whether h may be opened, and admits it. It returns the
// attributes of the file. On error h was not admitted.
func (o *opening) admitExisting(ctx context.Context, dir *File, dirLink *Link, h *Handle) (attr vfs.Attr, err error) {
	if h.link.deletePending() {
		return attr, ntstatus.DeletePending
	}
	if o.found != nil {
		attr = *o.found
	} else if attr, err = h.node.Attr(ctx); err != nil {
		return attr, err
	}
	if err := o.checkKind(h); err != nil {
		return attr, err
	}
	if err := o.checkEAKnowledge(ctx, h.node); err != nil {
		return attr, err
	}
	if o.overwrites() {
		if err := o.prepareOverwrite(&attr); err != nil {
			return attr, err
		}
		if err := o.checkSpace(ctx); err != nil {
			return attr, err
		}
	}
	access, err := o.checkAccess(ctx, dir, h, &attr)
	if err != nil {
		return attr, err
	}
	if err := o.adjustSharing(ctx, dir, dirLink, h, access); err != nil {
		return attr, err
	}
	needed := h.granted | o.implied()
	if mode := o.mode(needed); mode != 0 && !h.file.directory {
		if h.data, err = o.volume.fs.Open(ctx, o.As, h.node, mode); err != nil {
			return attr, err
		}
	}
	return attr, o.admit(h, needed, true)
}

// checkKind is phase 7 for a file that exists: whether a directory or data is
// to be opened, and whether that is what the file is and may be there.
func (o *opening) checkKind(h *Handle) error {
	isDirectory := h.file.directory
	if o.has(fscc.OptionDirectoryFile) && o.path.data {
		return ntstatus.NotADirectory
	}
	directory := o.has(fscc.OptionDirectoryFile) || o.path.index ||
		isDirectory && !o.has(fscc.OptionNonDirectoryFile) && !o.path.data
	creates := o.Disposition == fscc.DispositionCreate
	switch {
	case directory && !isDirectory && creates:
		return ntstatus.ObjectNameCollision
	case directory && !isDirectory:
		return ntstatus.NotADirectory
	case !directory && isDirectory:
		return ntstatus.FileIsADirectory
	case !directory && o.path.trailing:
		return ntstatus.ObjectNameInvalid
	case directory && h.link == nil && (creates || o.overwrites()):
		return ntstatus.AccessDenied
	case creates, directory && o.overwrites():
		return ntstatus.ObjectNameCollision
	}
	return nil
}

// prepareOverwrite checks that the attributes of a file permit that it is
// overwritten, and decides those it will have.
func (o *opening) prepareOverwrite(attr *vfs.Attr) error {
	sticky := fscc.FileAttributeHidden | fscc.FileAttributeSystem
	if attr.HiddenByName {
		sticky = fscc.FileAttributeSystem // nobody set it, so nobody knows to repeat it
	}
	if attr.Attributes&sticky&^o.attributes != 0 ||
		attr.Attributes&fscc.FileAttributeReadonly != 0 ||
		attr.Special {
		return ntstatus.AccessDenied
	}
	o.attributes |= fscc.FileAttributeArchive
	o.attributes &^= fscc.FileAttributeNotContentIndexed
	return nil
}

// implied returns the rights that the disposition needs besides the desired
// ones.
func (o *opening) implied() dtyp.AccessMask {
	always := dtyp.FileWriteEA | dtyp.FileWriteAttributes
	switch {
	case o.newStream:
		return dtyp.FileWriteData
	case o.path.stream != "":
		always = 0
	}
	switch o.Disposition {
	case fscc.DispositionSupersede:
		return always | dtyp.Delete
	case fscc.DispositionOverwrite, fscc.DispositionOverwriteIf:
		return always | dtyp.FileWriteData
	}
	return 0
}

// checkAccess decides what h is granted, and returns all that the back end
// would allow. [MS-FSA] 2.1.5.1.2.1, first half.
//
// Deviation: what the disposition implies must be available but is not
// granted, as Windows does it; the algorithm adds it to the granted access.
func (o *opening) checkAccess(ctx context.Context, dir *File, h *Handle, attr *vfs.Attr) (dtyp.AccessMask, error) {
	readonly := attr.Attributes&fscc.FileAttributeReadonly != 0
	if readonly && !h.file.directory && o.desired.HasAny(writeRights) {
		return 0, ntstatus.AccessDenied
	}
	if o.has(fscc.OptionDeleteOnClose) && (readonly || !h.isNamed() && (h.link == nil || h.file.isRoot())) {
		return 0, ntstatus.CannotDelete
	}
	var dirNode vfs.Node
	if dir != nil {
		dirNode = dir.node(o.volume)
	}
	// Many opens only want to know what the file is.
	access := vfs.AlwaysGranted
	if o.desired&^access != 0 || o.overwrites() || o.has(fscc.OptionDeleteOnClose) {
		var err error
		if access, err = o.volume.fs.Access(ctx, o.As, dirNode, h.node); err != nil {
			return 0, err
		}
	}
	available := grantable(access, attr) & o.MaximalAccess
	h.granted = o.desired &^ dtyp.MaximumAllowed
	if o.desired.Has(dtyp.MaximumAllowed) {
		h.granted |= mostOf(available, attr)
	}
	if !available.Has(h.granted | o.implied()) {
		return 0, ntstatus.AccessDenied
	}
	if o.has(fscc.OptionDeleteOnClose) && !h.granted.Has(dtyp.Delete) {
		return 0, ntstatus.AccessDenied
	}
	return access, nil
}

// grantable completes the rights that a back end gives by those that have no
// meaning on it, so that who may do all there is gets FILE_ALL_ACCESS: many
// programs ask for it. Deleting children says nothing of a file; and who may
// change the permissions could allow himself to change the owner, whatever
// comes of trying.
func grantable(access dtyp.AccessMask, attr *vfs.Attr) dtyp.AccessMask {
	if access.Has(dtyp.WriteDAC) {
		access |= dtyp.WriteOwner
	}
	if access.Has(dtyp.FileWriteData) && !attr.IsDir() {
		access |= dtyp.FileDeleteChild
	}
	if attr.Special {
		access &^= readRights | writeRights
	}
	return access
}

// mostOf is what MaximumAllowed stands for when all of available may be
// granted.
func mostOf(available dtyp.AccessMask, attr *vfs.Attr) dtyp.AccessMask {
	if attr.Attributes&fscc.FileAttributeReadonly != 0 {
		available &^= writeRights | dtyp.FileDeleteChild
	}
	return available
}

// disallowExclusive is FILE_DISALLOW_EXCLUSIVE. [MS-FSA] 2.1.5.1.2.
const disallowExclusive fscc.CreateOptions = 0x00020000

// adjustSharing makes sure that who cannot write cannot keep others from
// reading. [MS-FSA] 2.1.5.1.2 for a directory, 2.1.5.1.2.2 for both.
func (o *opening) adjustSharing(ctx context.Context, dir *File, dirLink *Link, h *Handle, access dtyp.AccessMask) error {
	if h.share&fscc.ShareRead != 0 || !h.granted.HasAny(sharedRights) {
		return nil
	}
	if h.isIndex() && !access.Has(dtyp.FileGenericWrite) && !h.file.isOpen() {
		if o.has(disallowExclusive) {
			return ntstatus.AccessDenied
		}
		h.share |= fscc.ShareRead
	}
	if dir == nil {
		return nil
	}
	var above vfs.Node
	if dirLink != nil {
		parent, _ := dirLink.where()
		if parent == nil {
			return ntstatus.ObjectPathNotFound
		}
		defer o.volume.store.release(parent, nil)
		above = parent.node(o.volume)
	}
	onDir, err := o.volume.fs.Access(ctx, o.As, above, dir.node(o.volume))
	if err != nil {
		return err
	}
	if !onDir.Has(dtyp.FileAddFile) {
		h.share |= fscc.ShareRead
	}
	return nil
}

// mode returns what the back end's file is opened for; 0 if it need not be.
func (o *opening) mode(access dtyp.AccessMask) vfs.Mode {
	mode := vfs.Mode(0)
	if access.HasAny(readRights) {
		mode |= vfs.ModeRead
	}
	if access.HasAny(writeRights) || o.overwrites() {
		mode |= vfs.ModeWrite
	}
	return mode
}

// overwrite empties the file, removes its streams and gives it the attributes
// of a new one.
func (o *opening) overwrite(ctx context.Context, h *Handle, attr vfs.Attr) error {
	if err := vfs.ActingIn(ctx).End(); err != nil {
		return err
	}
	if err := h.data.Truncate(ctx, 0); err != nil {
		return err
	}
	if attr.HasStreams {
		if err := h.removeStreams(ctx); err != nil {
			return err
		}
	}
	if err := o.setAttributes(ctx, h.node, attr); err != nil {
		return err
	}
	h.attributesChanged(fscc.NotifyChangeSize | fscc.NotifyChangeLastWrite | fscc.NotifyChangeAttributes)
	return nil
}

// setAttributes gives the file n, which has attr, the attributes that were
// asked for, if the back end can store any.
func (o *opening) setAttributes(ctx context.Context, n vfs.Node, attr vfs.Attr) error {
	if !o.volume.info.StoresAttributes || attr.Attributes&settableAttributes == o.attributes {
		return nil
	}
	return o.volume.fs.SetAttr(ctx, o.As, n, vfs.SetAttr{Attributes: &o.attributes})
}
