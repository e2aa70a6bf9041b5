package fsa

import (
	"context"
	"errors"
	"io/fs"

	"github.com/signet-smb/signet/dtyp"
	"github.com/signet-smb/signet/fscc"
	"github.com/signet-smb/signet/ntstatus"
	"github.com/signet-smb/signet/vfs"
)

// OpenRequest is what an open asks for. [MS-FSA] 2.1.5.1.
type OpenRequest struct {
	As *vfs.Cred // who acts on the back end

	// Name is relative to the root of the volume, its components separated by
	// backslashes, in UTF-8; "" is the root.
	Name string

	DesiredAccess dtyp.AccessMask // generic rights and MaximumAllowed are understood
	MaximalAccess dtyp.AccessMask // the most that the share grants; without generic rights

	Attributes  fscc.FileAttributes // of a file that is created or overwritten
	ShareAccess fscc.ShareAccess
	Disposition fscc.CreateDisposition
	Options     fscc.CreateOptions

	// AllocationSize is what a new file will need, in bytes.
	// Missing: no space is reserved.
	AllocationSize uint64
}

// Open opens or creates a file or directory and says which. The caller closes
// the Handle. [MS-FSA] 2.1.5.1.
//
// What it returns as an ntstatus.Status:
//
//   - InvalidParameter: a combination that means nothing;
//   - ObjectNameInvalid: Name is no name;
//   - ObjectPathNotFound: a directory on the way is missing, or is no directory;
//   - ObjectNameNotFound: the file is missing and must not be created;
//   - ObjectNameCollision: the file is there and must not be;
//   - FileIsADirectory, NotADirectory: it is of the other kind;
//   - AccessDenied: a right is missing, or the file is of a kind that is never
//     opened for data;
//   - CannotDelete: it is to be deleted on close and cannot be;
//   - SharingViolation: another open does not tolerate it, or the reverse;
//   - DeletePending: the file, or a directory on the way, is being deleted.
func (v *Volume) Open(ctx context.Context, req OpenRequest) (*Handle, fscc.CreateAction, error) {
	o := opening{
		OpenRequest: req,
		volume:      v,
		desired:     req.DesiredAccess.MapGeneric(),
		attributes:  req.Attributes & settableAttributes,
	}
	if err := o.validate(); err != nil {
		return nil, 0, err
	}
	if err := v.enter(); err != nil {
		return nil, 0, err
	}
	h, action, err := o.locate(ctx)
	if err != nil {
		v.leave()
		return nil, 0, err
	}
	v.store.countHandle(+1)
	return h, action, nil
}

// opening is an open under way. Owned by the call.
type opening struct {
	OpenRequest
	volume     *Volume
	path       pathName
	desired    dtyp.AccessMask // without generic rights
	attributes fscc.FileAttributes
}

// Options that mean something for a directory. [MS-FSA] 2.1.5.1, phase 1; the
// last is FILE_OPEN_REQUIRING_OPLOCK.
const directoryOptions = fscc.OptionDirectoryFile | ignoredOptions |
	fscc.OptionWriteThrough | fscc.OptionOpenRemoteInstance | fscc.OptionOpenForBackupIntent |
	fscc.OptionDeleteOnClose | fscc.OptionOpenForFreeSpaceQuery | fscc.OptionOpenByFileID |
	fscc.OptionNoCompression | fscc.OptionOpenReparsePoint | 0x00010000

// ignoredOptions have no meaning across a network. [MS-SMB2] 3.3.5.9.
const ignoredOptions = fscc.OptionSynchronousIOAlert | fscc.OptionSynchronousIONonAlert |
	fscc.OptionCompleteIfOplocked

// invalidAccess are the bits of an access mask without meaning.
// [MS-FSA] 2.1.5.1, phase 1.
const invalidAccess dtyp.AccessMask = 0x0CE0FE00

// validate is phases 1 and 5: what is wrong whatever the volume holds.
//
// Deviation: FILE_APPEND_DATA together with FILE_NO_INTERMEDIATE_BUFFERING is
// no error, for the server takes it away ([MS-SMB2] 3.3.5.9).
func (o *opening) validate() error {
	o.Options &^= ignoredOptions
	const sharing = fscc.ShareRead | fscc.ShareWrite | fscc.ShareDelete
	switch {
	case o.ShareAccess&^sharing != 0,
		o.Disposition > fscc.DispositionOverwriteIf,
		o.has(fscc.OptionDirectoryFile) && o.has(fscc.OptionNonDirectoryFile),
		o.has(fscc.OptionDirectoryFile) && (o.Options&^directoryOptions != 0 || o.overwrites()),
		o.has(fscc.OptionDeleteOnClose) && !o.desired.HasAny(dtyp.Delete|dtyp.MaximumAllowed):
		return ntstatus.InvalidParameter
	case o.desired == 0, o.desired&invalidAccess != 0:
		return ntstatus.AccessDenied
	}
	var err error
	if o.path, err = parseName(o.Name); err != nil {
		return err
	}
	if o.path.trailing && (o.has(fscc.OptionNonDirectoryFile) || o.path.data) {
		return ntstatus.ObjectNameInvalid
	}
	return nil
}

func (o *opening) has(option fscc.CreateOptions) bool { return o.Options&option != 0 }

// overwrites says whether an existing file loses its data.
func (o *opening) overwrites() bool {
	switch o.Disposition {
	case fscc.DispositionSupersede, fscc.DispositionOverwrite, fscc.DispositionOverwriteIf:
		return true
	}
	return false
}

// creates says whether a missing file is created.
func (o *opening) creates() bool {
	return o.Disposition != fscc.DispositionOpen && o.Disposition != fscc.DispositionOverwrite
}

// locate is phase 6: it finds the directory, locks the name, and looks it up.
func (o *opening) locate(ctx context.Context) (*Handle, fscc.CreateAction, error) {
	v := o.volume
	if o.path.last == "" {
		v.store.retain(v.root, nil)
		return o.openExisting(ctx, nil, nil, v.root, nil)
	}
	dir, dirLink, err := v.walk(ctx, o.As, o.path.dirs)
	if err != nil {
		return nil, 0, err
	}
	defer v.store.release(dir, dirLink)

	mode := shared
	if o.creates() {
		mode = exclusive
	}
	key := nameKeyOf(dir, o.path.last)
	if err := v.store.names.lock(ctx, key, mode); err != nil {
		return nil, 0, err
	}
	defer v.store.names.unlock(key, mode)

	f, l, err := v.lookup(ctx, o.As, dir, o.path.last)
	switch {
	case err == nil:
		return o.openExisting(ctx, dir, dirLink, f, l)
	case !errors.Is(err, fs.ErrNotExist):
		return nil, 0, err
	case !o.creates():
		return nil, 0, ntstatus.ObjectNameNotFound
	}
	return o.createNew(ctx, dir)
}

// lookup returns the entry of dir that is called name. The caller releases it
// and holds the lock of that name.
func (v *Volume) lookup(ctx context.Context, as *vfs.Cred, dir *File, name string) (*File, *Link, error) {
	n, stored, err := v.fs.Lookup(ctx, as, dir.node(v), name)
	if err != nil {
		return nil, nil, err
	}
	directory, err := v.isDirectory(ctx, n)
	if err != nil {
		n.Close()
		return nil, nil, err
	}
	return v.store.intern(v, n, directory, dir, stored)
}

// openExisting opens f by l, which is an entry of dir; for the root there is
// neither link nor dir. It takes f and l over. [MS-FSA] 2.1.5.1.2.
func (o *opening) openExisting(ctx context.Context, dir *File, dirLink *Link, f *File, l *Link) (*Handle, fscc.CreateAction, error) {
	h := o.newHandle(f, l)
	action, err := o.tryExisting(ctx, dir, dirLink, h)
	if err != nil {
		if h.data != nil {
			h.data.Close()
		}
		o.volume.store.release(f, l)
		return nil, 0, err
	}
	return h, action, nil
}

func (o *opening) newHandle(f *File, l *Link) *Handle {
	return &Handle{
		volume: o.volume, file: f, link: l, node: f.node(o.volume),
		as: o.As, maximal: o.MaximalAccess, share: o.ShareAccess, options: o.Options,
		scan: newScan(),
	}
}

// tryExisting completes h. On error h was not admitted.
func (o *opening) tryExisting(ctx context.Context, dir *File, dirLink *Link, h *Handle) (fscc.CreateAction, error) {
	attr, err := h.node.Attr(ctx)
	if err != nil {
		return 0, err
	}
	if h.link.deletePending() {
		return 0, ntstatus.DeletePending
	}
	if err := o.checkKind(h); err != nil {
		return 0, err
	}
	if o.overwrites() {
		if err := o.prepareOverwrite(&attr); err != nil {
			return 0, err
		}
	}
	available, err := o.checkAccess(ctx, dir, h, &attr)
	if err != nil {
		return 0, err
	}
	if err := o.adjustSharing(ctx, dir, dirLink, h, available); err != nil {
		return 0, err
	}
	needed := h.granted | o.implied()
	if mode := o.mode(needed); mode != 0 && !h.file.directory {
		if h.data, err = o.volume.fs.Open(ctx, o.As, h.node, mode); err != nil {
			return 0, err
		}
	}
	if err := h.admit(needed); err != nil {
		return 0, err
	}
	if !o.overwrites() {
		return fscc.ActionOpened, nil
	}
	if err := o.overwrite(ctx, h, &attr); err != nil {
		h.expel(false)
		return 0, err
	}
	if o.Disposition == fscc.DispositionSupersede {
		return fscc.ActionSuperseded, nil
	}
	return fscc.ActionOverwritten, nil
}

// checkKind is phase 7 for a file that exists: whether a directory or data is
// to be opened, and whether that is what the file is and may be there.
func (o *opening) checkKind(h *Handle) error {
	isDirectory := h.file.directory
	if o.has(fscc.OptionDirectoryFile) && o.path.data {
		return ntstatus.NotADirectory
	}
	directory := o.has(fscc.OptionDirectoryFile) ||
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
	const sticky = fscc.FileAttributeHidden | fscc.FileAttributeSystem
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
	const always = dtyp.FileWriteEA | dtyp.FileWriteAttributes
	switch o.Disposition {
	case fscc.DispositionSupersede:
		return always | dtyp.Delete
	case fscc.DispositionOverwrite, fscc.DispositionOverwriteIf:
		return always | dtyp.FileWriteData
	}
	return 0
}

// checkAccess decides what h is granted, and returns everything that might
// have been. [MS-FSA] 2.1.5.1.2.1, first half.
//
// Deviation: what the disposition implies must be available but is not
// granted, as Windows does it; the algorithm adds it to the granted access.
func (o *opening) checkAccess(ctx context.Context, dir *File, h *Handle, attr *vfs.Attr) (dtyp.AccessMask, error) {
	readonly := attr.Attributes&fscc.FileAttributeReadonly != 0
	if readonly && !h.file.directory && o.desired.HasAny(writeRights) {
		return 0, ntstatus.AccessDenied
	}
	if o.has(fscc.OptionDeleteOnClose) && (readonly || h.link == nil || h.file.isRoot()) {
		return 0, ntstatus.CannotDelete
	}
	var dirNode vfs.Node
	if dir != nil {
		dirNode = dir.node(o.volume)
	}
	access, err := o.volume.fs.Access(ctx, o.As, dirNode, h.node)
	if err != nil {
		return 0, err
	}
	available := access & o.MaximalAccess
	if attr.Special {
		available &^= readRights | writeRights
	}
	h.granted = o.desired &^ dtyp.MaximumAllowed
	if o.desired.Has(dtyp.MaximumAllowed) {
		most := available
		if readonly {
			most &^= writeRights | dtyp.FileDeleteChild
		}
		h.granted |= most
	}
	if !available.Has(h.granted | o.implied()) {
		return 0, ntstatus.AccessDenied
	}
	if o.has(fscc.OptionDeleteOnClose) && !h.granted.Has(dtyp.Delete) {
		return 0, ntstatus.AccessDenied
	}
	return access, nil
}

// disallowExclusive is FILE_DISALLOW_EXCLUSIVE. [MS-FSA] 2.1.5.1.2.
const disallowExclusive fscc.CreateOptions = 0x00020000

// adjustSharing makes sure that who cannot write cannot keep others from
// reading. [MS-FSA] 2.1.5.1.2 for a directory, 2.1.5.1.2.2 for both.
func (o *opening) adjustSharing(ctx context.Context, dir *File, dirLink *Link, h *Handle, access dtyp.AccessMask) error {
	if h.share&fscc.ShareRead != 0 || !h.granted.HasAny(sharedRights) {
		return nil
	}
	if h.file.directory && !access.Has(dtyp.FileGenericWrite) && !h.file.isOpen() {
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

// overwrite empties the file and gives it the attributes of a new one.
func (o *opening) overwrite(ctx context.Context, h *Handle, attr *vfs.Attr) error {
	if err := h.data.Truncate(ctx, 0); err != nil {
		return err
	}
	return o.setAttributes(ctx, h.node, attr)
}

// setAttributes gives the file n, which has attr, the attributes that were
// asked for, if the back end can store any.
func (o *opening) setAttributes(ctx context.Context, n vfs.Node, attr *vfs.Attr) error {
	if !o.volume.info.StoresAttributes || attr.Attributes&settableAttributes == o.attributes {
		return nil
	}
	return o.volume.fs.SetAttr(ctx, o.As, n, vfs.SetAttr{Attributes: &o.attributes})
}
